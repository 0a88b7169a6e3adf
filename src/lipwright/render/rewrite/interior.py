"""The inside of a mouth that is made to move in a video: the person's own teeth, light and dark."""

from collections.abc import Sequence

import cv2
import numpy as np

from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.appearance import Appearance
from lipwright.render.portrait.interior import Layer
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER
from lipwright.render.rewrite.atlas import Moment, TeethAtlas
from lipwright.render.rewrite.exemplar import Exemplar
from lipwright.render.rewrite.interior_drawn import DrawnInterior
from lipwright.render.rewrite.measure import turn_of
from lipwright.render.rewrite.opening import Interior, Opening

LEAST_GAP_PX = 0.6
KEEP_SHIFT = 0.5
"""How much of what a frame says of the row's place is believed against the rule."""
SHUT_GAP, ALIKE_WITHIN = 0.02, 0.35
"""IOD, below which gaps differ little; and the logarithm by which gaps may differ so that the same tongue and lower
teeth are seen: pictures of narrower and wider mouths laid over each other would be a fog."""
FEATHER = 0.0065
"""IOD over which the inside fades into the lips; their own wet rim stays."""
LEAST_FEATHER_PX = 0.6


class AtlasInterior(Interior):
    """The inside, drawn from a person's atlas."""

    def __init__(self, atlas: TeethAtlas) -> None:
        """Keep the atlas."""
        self._atlas = atlas
        self._model = atlas.model

    def layer(self, opening: Opening, image: Pixels) -> Layer | None:
        """As Interior.layer."""
        unit = opening.pose.scale
        if opening.gap * unit < LEAST_GAP_PX:
            return None
        model = self._model
        rims = opening.points[INNER_UPPER][:, :2], opening.points[INNER_LOWER][:, :2]
        outline = np.concatenate([rims[0], rims[1][::-1]])
        height, width = image.shape[:2]
        left, top = np.maximum(np.floor(outline.min(axis=0)).astype(int) - 3, 0)
        right, bottom = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + 4, (width, height))
        if right <= left or bottom <= top:
            return None
        view = model.sheet.view(opening.pose)
        inverse = np.linalg.inv(view.matrix)
        moment, blur, lips = self._moment(opening)
        region = (int(left), int(top), int(right - left), int(bottom - top))
        colour, where = model.draw(region, (inverse, view.origin, inverse @ view.depth), moment)
        gain = np.asarray(opening.skin, np.float64) / np.maximum(model.light.skin, 1.0)
        colour *= (0.5 * gain + 0.5 * gain.mean()).astype(np.float32)
        if blur * unit > 0.25:
            colour = np.asarray(cv2.GaussianBlur(colour, (0, 0), blur * unit), np.float32)
        alpha = _coverage(outline - (left, top), region, unit)
        across = moment.lips[:, 0] - (moment.lips[0, 0] + moment.lips[-1, 0]) / 2
        local = np.interp(where[..., 3], across, moment.lips[:, 2] - moment.lips[:, 1])
        at_u = ((where[..., 0] + 1) / 2 * lips.shape[1] - 0.5).astype(np.float32)
        at_v = (where[..., 1] * lips.shape[0] - 0.5).astype(np.float32)
        covered = cv2.remap(lips, at_u, at_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        alpha *= 1 - smoothstep(covered, 0.35, 0.75)
        alpha *= smoothstep(local, 0.002, 0.014) * (1 - smoothstep(np.abs(where[..., 0]), 0.80, 1.0))
        return Layer(np.clip(colour, 0, 255), alpha, int(left), int(top))

    def _moment(self, opening: Opening) -> tuple[Moment, float, Floats]:
        """What the frames around this one say of it, how soft it is, IOD, and where they show lips, over (v, u)."""
        known, model = self._atlas.evidence, self._model
        rows, shares = opening.exemplars, opening.shares
        by_row = _weights(shares * known.row_say[rows])
        by_light = _weights(shares * known.light_say[rows] * _alike(known.gap[rows], opening.gap))
        by_detail = _weights(by_light**2)
        moment = Moment(
            gap=opening.gap,
            lips=model.sheet.lips(opening.canonical, opening.pose),
            place=model.place(opening.canonical, turn_of(opening.pose)) + KEEP_SHIFT * (by_row @ known.shift[rows]),
            presence=float(by_row @ known.presence[rows]),
            behind=np.tensordot(by_detail, known.behind[rows].astype(np.float32), axes=1),
            shine=np.tensordot(by_detail, known.shine[rows].astype(np.float32), axes=1),
            light=np.tensordot(by_light, known.light[rows], axes=1).astype(np.float32),
        )
        lips = np.tensordot(by_light, known.lips[rows], axes=1).astype(np.float32)
        return moment, float(_weights(shares * known.blur_say[rows]) @ known.blur[rows]), lips


class FilmedInterior(Interior):
    """The inside as the frames show it: of a person whose teeth are never seen, so that none can change."""

    def layer(self, opening: Opening, image: Pixels) -> Layer | None:
        """Nothing to lay over the warped frame."""
        return None


def _alike(gaps: Floats, gap: float) -> Floats:
    """How well mouths that are open by `gaps` tell what is seen in one that is open by `gap`, 0 to 1: (n,)."""
    apart = np.log((gaps + SHUT_GAP) / (gap + SHUT_GAP)) / ALIKE_WITHIN
    return np.asarray(np.exp(-0.5 * apart**2), np.float32)


def _weights(say: Floats) -> Floats:
    return np.asarray(say / max(float(say.sum()), 1e-9), np.float32)


def _coverage(outline: Floats, region: tuple[int, int, int, int], unit: float) -> Floats:
    """Alpha of the opening, soft at its rim: float32 (height, width)."""
    mask = np.zeros((region[3], region[2]), np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    soft = cv2.GaussianBlur(mask, (0, 0), max(LEAST_FEATHER_PX, FEATHER * unit)).astype(np.float32) / 255
    return smoothstep(soft, 0.20, 0.90)


def still_interior(
    exemplars: Sequence[Exemplar], neutral: Floats, appearance: Appearance, *, seed: int = 0
) -> Interior:
    """The inside of a mouth that never moves: its own teeth if it shows them, as in a smile, else drawn ones."""
    found = person_interior(exemplars, neutral, appearance, seed=seed)
    return DrawnInterior(neutral, appearance, seed) if isinstance(found, FilmedInterior) else found


def person_interior(
    exemplars: Sequence[Exemplar], neutral: Floats, appearance: Appearance, *, seed: int = 0
) -> Interior:
    """The inside of a person's mouth: as the person has shown it, or drawn where too few frames show it.

    A mouth that is open often enough, and has no teeth to be seen in it, is left as it was filmed.

    Args:
        exemplars: frames of the person, in order; may be empty.
        neutral: (478, 3), closed relaxed mouth in canonical space.
        appearance: colours of one good frame.
        seed: of the small irregularities of drawn teeth.
    """
    atlas = TeethAtlas.build(exemplars, neutral)
    if atlas is None:
        return DrawnInterior(neutral, appearance, seed)
    return AtlasInterior(atlas) if atlas.model.light.has_teeth else FilmedInterior()
