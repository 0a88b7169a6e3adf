"""A storyboard as one picture: every scene with its still or a diagram, its times, its directions and its words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lipwright.contracts.story import CutAway, Scene, Story, TransitionKind
from lipwright.media.bidi import is_right_to_left
from lipwright.story.backdrops import background_text
from lipwright.story.framing_picture import framing_picture
from lipwright.story.lettering import Label, Letterer
from lipwright.story.words import PAUSE

_PAPER, _CARD, _BAR, _CUT = (24, 25, 28), (36, 38, 43), (70, 74, 84), (240, 168, 60)
_INK, _FAINT, _TIME = (236, 236, 232), (166, 170, 180), (240, 200, 130)
_WIDE_CELLS: Final = ((24, 4, 460), (90, 6, 400), (500, 8, 300))
"""Up to so many scenes: columns, and the width of a cell in pixels."""
_MARGIN: Final = 0.06
"""Of a cell's width."""
_WORD_LINES: Final = 5
_CUT_LINES: Final = 2
_LINE: Final = 1.45
"""From line to line, in em."""
_ASPECT: Final = 9 / 16


@dataclass(frozen=True, slots=True)
class _Look:
    """Sizes in pixels."""

    columns: int
    cell_px: int
    picture_px: int
    """Height of the stills."""
    text_px: int
    lines: int = _WORD_LINES + _CUT_LINES
    """Of words and cut-aways, in the fullest cell."""

    @property
    def gap_px(self) -> int:
        return round(self.cell_px * _MARGIN)

    @property
    def pad_px(self) -> int:
        return round(self.text_px * 0.8)

    @property
    def room_px(self) -> int:
        """Width of words in a cell."""
        return self.cell_px - 2 * self.pad_px

    @property
    def line_px(self) -> int:
        return round(self.text_px * _LINE)

    @property
    def cell_height_px(self) -> int:
        return self.picture_px + round((2 + self.lines) * self.line_px + 1.6 * self.text_px)

    @property
    def head_px(self) -> int:
        return round(self.text_px * 5.2) + self.gap_px


def draw_sheet(story: Story, stills: Sequence[NDArray[np.uint8] | None]) -> NDArray[np.uint8]:
    """Draw a storyboard.

    Args:
        stills: of each scene, uint8 RGB of any size, or None for a diagram of its framing.
    Returns: uint8 RGB, (height, width, 3).
    Raises:
        ValueError: another number of stills than of scenes.
        UsageError: no packaged or installed typeface has letters of the story.
        ProviderUnavailable: FFmpeg is missing or has no libass.
    """
    if len(stills) != len(story.scenes):
        raise ValueError(f"{len(story.scenes)} scenes have {len(stills)} stills")
    letterer = Letterer(list(_texts(story)))
    look = _look(len(story.scenes), stills)
    look = replace(look, lines=max(_lines_of(scene, letterer, look) for scene in story.scenes))
    rows = -(-len(story.scenes) // look.columns)
    width = look.columns * (look.cell_px + look.gap_px) + look.gap_px
    height = look.head_px + rows * (look.cell_height_px + look.gap_px)
    sheet = Image.new("RGB", (width, height), _PAPER)
    labels = list(_head(story, letterer, look, width))
    for number, (scene, still) in enumerate(zip(story.scenes, stills, strict=True)):
        x = look.gap_px + number % look.columns * (look.cell_px + look.gap_px)
        y = look.head_px + number // look.columns * (look.cell_height_px + look.gap_px)
        _draw_cell(sheet, scene, still, look, x, y)
        labels += _cell_labels(number, scene, letterer, look, x, y)
    return letterer.draw(np.asarray(sheet, np.uint8), labels)


def clock(time_s: float) -> str:
    """`1:02.5`, or `1:00:02.5` from an hour on."""
    tenths = round(time_s * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{tenths // 10:02}.{tenths % 10}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"


def directions(scene: Scene) -> str:
    """What is seen, in a few words: `close · left · gradient dusk · dissolve 0.5 s`."""
    said = [scene.framing, scene.place, scene.pose if scene.pose != "ahead" else None]
    words = [str(word) for word in said if word]
    words += [background_text(scene.background)] if scene.background else []
    if scene.transition and scene.transition.kind is TransitionKind.DISSOLVE:
        words.append(f"dissolve {scene.transition.duration_s:.2g} s")
    words += [scene.voice] if scene.voice else []
    words += ["captions"] if scene.captions else []
    words += [f"hold {scene.hold_s:g} s"] if scene.hold_s else []
    return " · ".join(words)


def _look(scenes: int, stills: Sequence[NDArray[np.uint8] | None]) -> _Look:
    columns, cell_px = next((columns, cell_px) for most, columns, cell_px in _WIDE_CELLS if scenes <= most)
    shapes = [still.shape for still in stills if still is not None]
    aspect = min(max((shape[0] / shape[1] for shape in shapes), default=_ASPECT), 1.0)
    return _Look(min(columns, max(scenes, 2)), cell_px, round(cell_px * aspect), max(round(cell_px * 0.034), 12))


def _texts(story: Story) -> Iterator[str]:
    yield _facts(story) + story.title
    for scene in story.scenes:
        yield scene.title + directions(scene) + scene.text + "".join(_shown(cut) for cut in scene.cut_aways)


def _head(story: Story, letterer: Letterer, look: _Look, width: int) -> Iterator[Label]:
    room = width - 2 * look.gap_px
    title, size = story.title or "Storyboard", round(look.text_px * 1.7)
    yield Label(letterer.shortened(title, size, room), look.gap_px, look.gap_px, size, _INK)
    facts = letterer.shortened(_facts(story), look.text_px, room)
    yield Label(facts, look.gap_px, look.gap_px + round(size * 1.5), look.text_px, _FAINT)


def _facts(story: Story) -> str:
    last = story.scenes[-1]
    words = [f"{len(story.scenes)} scenes" if len(story.scenes) > 1 else "1 scene"]
    if last.start_s is not None and last.duration_s is not None:
        total = clock(last.start_s + last.duration_s)
        words.append(f"about {total}" if story.timed == "estimated" else total)
    words += [word for word in (story.language, story.voice) if word]
    words += ["captions"] if story.captions else []
    words += [f"music {story.music.file}"] if story.music else []
    return " · ".join(words)


def _draw_cell(sheet: Image.Image, scene: Scene, still: NDArray[np.uint8] | None, look: _Look, x: int, y: int) -> None:
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle(
        (x, y, x + look.cell_px - 1, y + look.cell_height_px - 1), radius=look.gap_px // 3, fill=_CARD
    )
    picture = framing_picture(scene, look.cell_px, look.picture_px) if still is None else still
    shown = Image.fromarray(picture)
    scale = min(look.cell_px / shown.width, look.picture_px / shown.height)
    size = max(round(shown.width * scale), 1), max(round(shown.height * scale), 1)
    shown = shown.resize(size, Image.Resampling.LANCZOS)
    sheet.paste(shown, (x + (look.cell_px - shown.width) // 2, y + (look.picture_px - shown.height) // 2))
    foot, thick = y + look.picture_px, max(look.text_px // 3, 3)
    pen.rectangle((x, foot, x + look.cell_px - 1, foot + thick - 1), fill=_BAR)
    for cut in scene.cut_aways:
        if scene.duration_s and cut.start_s is not None and cut.duration_s is not None:
            left = look.cell_px * cut.start_s / scene.duration_s
            right = left + look.cell_px * cut.duration_s / scene.duration_s
            pen.rectangle((x + left, foot, x + max(right - 1, left), foot + thick - 1), fill=_CUT)


def _cell_labels(number: int, scene: Scene, letterer: Letterer, look: _Look, x: int, y: int) -> Iterator[Label]:
    pad, size, room = look.pad_px, look.text_px, look.room_px
    left, right, top = x + pad, x + look.cell_px - pad, y + look.picture_px + look.text_px
    times = ""
    if scene.start_s is not None and scene.duration_s is not None:
        times = f"{clock(scene.start_s)} – {clock(scene.start_s + scene.duration_s)}"
        yield Label(times, right, top, size, _TIME, from_right=True)
    title = f"{number + 1} {scene.title}".rstrip()
    yield Label(letterer.shortened(title, size, room - letterer.width_px(times, size) - size), left, top, size, _INK)
    small = max(round(size * 0.88), 10)
    yield Label(letterer.shortened(directions(scene), small, room), left, top + look.line_px, small, _FAINT)
    top += 2 * look.line_px
    from_right = is_right_to_left(scene.text)
    for line in _words_of(scene, letterer, look):
        yield Label(line, right if from_right else left, top, size, _INK, from_right)
        top += look.line_px
    for line in _cuts_of(scene):
        yield Label(letterer.shortened(line, small, room), left, top, small, _CUT)
        top += look.line_px


def _lines_of(scene: Scene, letterer: Letterer, look: _Look) -> int:
    return len(_words_of(scene, letterer, look)) + len(_cuts_of(scene))


def _words_of(scene: Scene, letterer: Letterer, look: _Look) -> list[str]:
    text = " ".join(PAUSE.sub("·", scene.text).split())
    return letterer.lines(text, look.text_px, look.room_px, _WORD_LINES)


def _cuts_of(scene: Scene) -> list[str]:
    cuts = [_shown(cut) for cut in scene.cut_aways]
    more = [f"+ {len(cuts) - _CUT_LINES + 1} more"] if len(cuts) > _CUT_LINES else []
    return [*cuts[: _CUT_LINES - len(more)], *more]


def _shown(cut: CutAway) -> str:
    length = f" for {cut.duration_s:.1f} s" if cut.duration_s else ""
    start = f"{clock(cut.start_s)} " if cut.start_s is not None else ""
    return f"{start}{cut.file or ', '.join(cut.tags)}{length}"
