"""One person speaking: reads a window's frames a little ahead, chooses their mouths, and draws them in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh, HeadPose
from lipwright.contracts.lipsync import DrawnFace, FaceFrame, LipSyncWindow
from lipwright.contracts.motion import MOUTH_CONTROLS
from lipwright.face.pose import fit_pose, to_canonical
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.kernels import blend
from lipwright.render.lipsync.base import LipSyncSession
from lipwright.render.portrait.mouth_shape import JAW
from lipwright.render.rewrite.bank import Bank, measure_focus, skin_colour
from lipwright.render.rewrite.base_warp import BaseWarp
from lipwright.render.rewrite.measure import measure_gap, to_pixels, turn_of
from lipwright.render.rewrite.opening import Interior, Opening
from lipwright.render.rewrite.patch import (
    NOSE_BASE,
    Patcher,
    draw_seam,
    fade_light,
    fit_light,
    lay_patch,
    needs_closing,
    patch_alpha,
    patch_region,
    soften_meeting,
)
from lipwright.render.rewrite.plan import CANDIDATES, MouthPlanner, Wanted
from lipwright.render.rewrite.reading import Lead, LipReader, Seams, gaping_cost
from lipwright.render.rewrite.trials import Trials

AHEAD_FRAMES = 10
"""How far the choice of a mouth looks ahead."""
COMMITTED_FRAMES = 10
"""How many frames are drawn before it looks again."""
MEETS_BETWEEN_GAPS = (0.015, 0.035)
"""IOD: lips that are less apart overlap in places, and from the larger gap on in none."""
MEETING_SOFTENED = 0.7
"""How much of the line in which they meet is smoothed: more would cost detail that the lips have there."""
OWN_AJAR_GAP, OWN_OPEN_GAP = 0.02, 0.05
"""IOD: where a face's own lips are farther apart, it is looked at whether they are shut: where they begin to be, and
always."""
TRIED_PATHS = 8
"""How often a path is sought again that keeps clear of mouths which turn out not to shut."""
APPEARS_BELOW_WEIGHT = 0.35
"""A mouth that is taken over moves off its own shape first, and fades into the new one up to this weight."""


@dataclass(frozen=True, slots=True)
class _Posed:
    """A frame, read and understood."""

    frame: FaceFrame
    before: Floats
    """(478, 3) the mesh of the frame before, in pixels of this one's picture."""
    pose: HeadPose
    turn: Floats
    canonical: Floats
    """(478, 3) its own mesh."""
    target: Floats
    """(478, 3) the mesh that it is to have."""
    controls: Floats
    gap: float
    own_gap: float
    """Of its own mesh."""
    focus: float


class RewriteSession(LipSyncSession):
    """Draws windows of one person from a bank of that person's mouths."""

    def __init__(
        self,
        bank: Bank,
        interior: Interior,
        parted: Sequence[FaceFrame],
        *,
        candidates: int = CANDIDATES,
        ahead_frames: int = AHEAD_FRAMES,
    ) -> None:
        """Take what `begin` has learned, frames with parted lips on which closing is tried, and the engine's knobs."""
        self._bank = bank
        self._interior = interior
        self._planner = MouthPlanner(bank, candidates)
        self._ahead_frames = ahead_frames
        self._base = BaseWarp(bank.neutral)
        self._patcher = Patcher()
        self._reader = LipReader()
        self._trials = self._prepared(parted)
        self._planner.settle(lambda row: gaping_cost(self._trials.gap(row)))

    def render(self, window: LipSyncWindow) -> Iterator[DrawnFace]:
        """Draw a stretch, reading up to `ahead_frames` + COMMITTED_FRAMES ahead of what is drawn."""
        performance = self._bank.mouth.perform(window.mouth)
        lead, seams = Lead(self._reader), Seams(self._reader, self._trials.gap, len(self._bank.exemplars))
        waiting: list[_Posed] = []
        path = np.empty(0, np.int32)
        drawn = 0
        before: FaceFrame | None = None
        for index, frame in enumerate(window.frames):
            waiting.append(self._pose(frame, before, performance.controls[index], float(performance.gap[index])))
            before = frame
            if len(waiting) == self._ahead_frames + COMMITTED_FRAMES:
                path = self._extend(path[:drawn], waiting, seams, ends=False)
                for posed in waiting[:COMMITTED_FRAMES]:
                    yield self._draw(posed, path, drawn, lead, seams)
                    drawn += 1
                del waiting[:COMMITTED_FRAMES]
        if waiting:
            path = self._extend(path[:drawn], waiting, seams, ends=True)
            for posed in waiting:
                yield self._draw(posed, path, drawn, lead, seams)
                drawn += 1

    def _prepared(self, parted: Sequence[FaceFrame]) -> Trials:
        """Frames with their skin moved to where it is with shut lips, so that exemplars can be tried on them."""
        posed = [self._pose(frame, None, np.zeros(len(MOUTH_CONTROLS)), 0.0) for frame in parted]
        targets = [self._placed(one) for one in posed]
        bases = [self._base.draw(one.frame.image, *placed) for one, placed in zip(posed, targets, strict=True)]

        def draw(place: int, row: int) -> Pixels:
            return self._with_mouth(bases[place], posed[place], targets[place][1], np.array([row], np.int32), 0)

        return Trials(self._reader, [frame.points for frame in parted], draw)

    def _extend(self, done: NDArray[np.int32], waiting: list[_Posed], seams: Seams, *, ends: bool) -> NDArray[np.int32]:
        """What is drawn already, and the best path through the frames that wait."""
        wanted = _wanted(waiting)
        before = int(done[-1]) if len(done) else None
        closes = [posed.gap <= 0 and posed.frame.weight >= 1 for posed in waiting]
        for _ in range(TRIED_PATHS):
            chosen = self._planner.choose(wanted, before, seams.costs, ends=ends)
            if not seams.learn(chosen, closes):
                break
        return np.concatenate([done, chosen])

    def _placed(self, posed: _Posed) -> tuple[Floats, Floats]:
        """A frame's mesh in pixels, (478, 3), and where it goes, (478, 2)."""
        points = to_pixels(posed.canonical, posed.pose)
        return points, self._base.place(points, posed.pose, posed.canonical, posed.target)

    def _pose(self, frame: FaceFrame, before: FaceFrame | None, controls: Floats, gap: float) -> _Posed:
        mesh = FaceMesh(frame.points, 1.0)
        pose = fit_pose(self._bank.reference.astype(np.float64), mesh)
        turn, mouth = turn_of(pose), self._bank.mouth
        canonical = mouth.unfold(to_canonical(mesh, pose))
        target = mouth.shape(canonical, turn, controls, gap)
        if frame.weight < 1:
            target = canonical + max(frame.weight, 0.0) * (target - canonical)
            controls, gap = mouth.own_controls(target, turn), float(measure_gap(target))
        focus = measure_focus(frame.image, frame.points)
        own_gap = float(measure_gap(canonical))
        return _Posed(frame, _seen_from(before, frame), pose, turn, canonical, target, controls, gap, own_gap, focus)

    def _draw(self, posed: _Posed, path: NDArray[np.int32], index: int, lead: Lead, seams: Seams) -> DrawnFace:
        """Draw one frame. Changes `path` from there on where its exemplar does not shut the lips."""
        frame = posed.frame
        image = frame.image
        if frame.weight <= 0:
            return DrawnFace(image.copy(), posed.own_gap)
        whole = frame.weight >= 1
        shaped = self._shaped(posed, lead.gap(posed.gap)) if whole else posed
        points, target = self._placed(shaped)
        base = self._base.draw(image, points, target)
        drawn = self._with_mouth(base, shaped, target, path, index)
        if whole:
            lead.learn(drawn, posed.before)
        if whole and posed.gap <= 0 and posed.own_gap > (OWN_AJAR_GAP if lead.shuts else OWN_OPEN_GAP):
            drawn = self._shut(posed, base, drawn, target, path, index, seams)
        return DrawnFace(drawn, posed.gap)

    def _shut(
        self,
        posed: _Posed,
        base: Pixels,
        drawn: Pixels,
        target: Floats,
        path: NDArray[np.int32],
        index: int,
        seams: Seams,
    ) -> Pixels:
        """The frame with lips that read shut, as far as the bank has some. Changes `path` from there on."""
        row = int(path[index])
        least = 0.0 if seams.keeps(row, index) else seams.gapes(row, drawn, posed.before)
        if not least:
            return drawn
        ahead = np.flatnonzero(path[index:] == row) + index
        for other in seams.others(row, self._planner.costs(_wanted([posed]))[0]):
            path[ahead] = other
            again = self._with_mouth(base, posed, target, path, index)
            gap = seams.gapes(other, again, posed.before)
            if gap < least:
                row, least, drawn = other, gap, again
            if not least:
                break
        else:
            seams.keep(row, index)
        path[ahead] = row
        return drawn

    def _shaped(self, posed: _Posed, gap: float) -> _Posed:
        """The same frame with its lips `gap` apart."""
        if gap == posed.gap:
            return posed
        return replace(posed, gap=gap, target=self._bank.mouth.shape(posed.canonical, posed.turn, posed.controls, gap))

    def _with_mouth(self, base: Pixels, posed: _Posed, target: Floats, path: NDArray[np.int32], index: int) -> Pixels:
        """A copy of the frame, its skin moved already, with the mouth laid over it."""
        drawn = base.copy()
        region = patch_region(target, drawn.shape)
        if region is not None:
            shown = float(smoothstep(posed.frame.weight, 0.0, APPEARS_BELOW_WEIGHT))
            self._lay_mouth(drawn, posed, target, region, path, index, shown)
        return drawn

    def _lay_mouth(
        self,
        drawn: Pixels,
        posed: _Posed,
        target: Floats,
        region: tuple[int, int, int, int],
        path: NDArray[np.int32],
        index: int,
        shown: float,
    ) -> None:
        left, top, right, bottom = region
        unit_px = posed.pose.scale
        closes = 1 - float(smoothstep(posed.gap, 0.004, 0.014))
        colour = np.zeros((bottom - top, right - left, 3), np.float32)
        seam = 0.0
        for row, share in self._planner.mix(path, index, shut=posed.gap <= 0 and len(path) > 1):
            exemplar = self._bank.exemplars[row]
            mouth = self._patcher.warp(exemplar, target, region, closes > 0)
            if row == path[index]:
                colour += mouth
            else:
                fade_light(colour, mouth, share, unit_px)
            seam += share * needs_closing(exemplar)
        meets = 1 - float(smoothstep(posed.gap, *MEETS_BETWEEN_GAPS))
        if meets > 0:
            soften_meeting(colour, target, left, top, MEETING_SOFTENED * meets)
        if seam * closes > 0:
            draw_seam(colour, target, left, top, unit_px, seam * closes)
        alpha = patch_alpha(target, region, unit_px)
        if shown < 1:
            alpha *= np.float32(shown)
        nose = target[NOSE_BASE] - (left, top)
        light = fit_light(drawn[top:bottom, left:right], colour, alpha, nose, unit_px)
        lay_patch(drawn, colour + light, alpha, left, top, unit_px)
        exemplars, shares = self._planner.around(path, index)
        opening = Opening(
            points=target,
            canonical=posed.target,
            pose=posed.pose,
            gap=posed.gap,
            jaw_drop=float(posed.controls[JAW]),
            skin=skin_colour(posed.frame.image, posed.frame.points),
            exemplars=exemplars,
            shares=shares,
        )
        layer = self._interior.layer(opening, drawn)
        if layer is not None:
            blend(drawn, layer.colour, layer.alpha * np.float32(shown), layer.left, layer.top)


def _wanted(waiting: Sequence[_Posed]) -> Wanted:
    return Wanted(
        np.array([posed.controls for posed in waiting]),
        np.array([posed.gap for posed in waiting]),
        np.array([posed.turn for posed in waiting]),
        np.array([posed.focus for posed in waiting]),
    )


def _seen_from(before: FaceFrame | None, frame: FaceFrame) -> Floats:
    """The mesh of the frame before, (478, 3), in pixels of this one's picture; its own where there is none."""
    if before is None:
        return frame.points
    moved = np.subtract(before.origin, frame.origin)
    return np.asarray(before.points + np.array([*moved, 0], np.float32))
