"""Waveforms and the timeline as SVG text. They hold no script and fetch nothing."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

import numpy as np

from lipwright.contracts.dub import Fit, SpokenLine
from lipwright.pipeline.dub_page.sounds import BINS_PER_S, DubSounds, Peaks

WIDTH: Final = 960
_STAFF_S: Final = 30
"""A row of the timeline lasts so long."""
_COLUMNS: Final = 480
_LINE_COLUMNS, _LINE_HEIGHT = 150, 56
_QUIETEST: Final = 0.02
_TICK_S: Final = 5
_SLOT_Y, _SPOKEN_Y, _BOX, _WAVE, _STAFF = 46, 70, 20, 20, 116
_LETTERS_PX: Final = 7.0


def waveform(peaks: Peaks, start_s: float, end_s: float, height: int, columns: int) -> str:
    """The outline of a stretch of sound, mirrored about the middle; x counts columns."""
    first, last = int(start_s * BINS_PER_S), max(int(np.ceil(end_s * BINS_PER_S)), int(start_s * BINS_PER_S) + 1)
    part = peaks[first:last]
    part = np.pad(part, (0, last - first - len(part)))
    edges = np.linspace(0, len(part), min(columns, len(part)) + 1).astype(int)
    loud = np.maximum.reduceat(part, edges[:-1])
    reach = np.clip(np.sqrt(loud), _QUIETEST, 1) * height / 2  # quiet speech is to be seen, too
    x = np.linspace(0, columns, len(reach))
    upper = "L".join(f"{a:.0f} {height / 2 - b:.1f}" for a, b in zip(x, reach, strict=True))
    lower = "L".join(f"{a:.0f} {height / 2 + b:.1f}" for a, b in zip(x[::-1], reach[::-1], strict=True))
    return f"M{upper}L{lower}Z"


def line_picture(line: SpokenLine, sounds: DubSounds) -> str:
    """The source's voice above, the spoken line below, on one clock."""
    start_s, end_s = min(line.slot_start_s, line.start_s), max(line.slot_end_s, line.end_s, line.slot_start_s + 0.1)
    half = _LINE_HEIGHT // 2
    scale = _LINE_COLUMNS / (end_s - start_s)
    slot, wide = (line.slot_start_s - start_s) * scale, (line.slot_end_s - line.slot_start_s) * scale
    old, new = (waveform(peaks, start_s, end_s, half, _LINE_COLUMNS) for peaks in (sounds.voice, sounds.dub))
    title = f"line {line.number}: the source above, the dub below, from {start_s:.1f} to {end_s:.1f} s"
    return (
        f'<svg class="wave" viewBox="0 0 {_LINE_COLUMNS} {_LINE_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(title)}"><rect class="slot" x="{slot:.1f}" y="0" width="{wide:.1f}" '
        f'height="{_LINE_HEIGHT}"/><path class="old" d="{old}"/>'
        f'<path class="new" transform="translate(0 {half})" d="{new}"/></svg>'
    )


def timeline(lines: Sequence[SpokenLine], sounds: DubSounds, duration_s: float) -> str:
    """Rows of half a minute: the source's voice, the slots, the spoken lines, an axis."""
    return "".join(
        _staff(lines, sounds, start_s, duration_s) for start_s in range(0, max(int(np.ceil(duration_s)), 1), _STAFF_S)
    )


def _staff(lines: Sequence[SpokenLine], sounds: DubSounds, start_s: int, duration_s: float) -> str:
    end_s = start_s + _STAFF_S
    here = [line for line in lines if max(line.slot_end_s, line.end_s) > start_s and line.slot_start_s < end_s]
    title = f"from {clock(start_s)} to {clock(min(end_s, duration_s))}, {len(here)} lines"
    shown_s = min(end_s, duration_s)
    columns = max(round(_COLUMNS * (shown_s - start_s) / _STAFF_S), 2)
    wave = waveform(sounds.voice, start_s, shown_s, 2 * _WAVE, columns)
    parts = [
        f'<svg class="staff" viewBox="0 0 {WIDTH} {_STAFF}" role="img" aria-label="{title}">',
        f'<path class="old" transform="translate(0 2) scale({WIDTH / _COLUMNS} 1)" d="{wave}"/>',
        *_axis(start_s, duration_s),
    ]
    for line in here:
        parts += _boxes(line, start_s)
    return "".join(parts) + "</svg>"


def _axis(start_s: int, duration_s: float) -> Iterator[str]:
    for offset_s in range(0, _STAFF_S + 1, _TICK_S):
        if start_s + offset_s > duration_s:
            return
        x = offset_s / _STAFF_S * WIDTH
        place = "start" if offset_s == 0 else "end" if offset_s == _STAFF_S else "middle"
        yield f'<path class="grid" d="M{x:.0f} 0V{_STAFF - 18}"/>'
        yield f'<text x="{x:.0f}" y="{_STAFF - 4}" text-anchor="{place}">{clock(start_s + offset_s)}</text>'


def _boxes(line: SpokenLine, start_s: int) -> Iterator[str]:
    def box(begin_s: float, end_s: float, y: int, kind: str, label: str) -> str:
        left = max(begin_s - start_s, 0) / _STAFF_S * WIDTH
        right = min(end_s - start_s, _STAFF_S) / _STAFF_S * WIDTH
        if right - left <= 0:
            return ""
        text = (
            f'<text x="{left + 4:.1f}" y="{y + 14.5}">{label}</text>'
            if right - left > _LETTERS_PX * len(label) + 6
            else ""
        )
        return (
            f'<rect class="{kind}" x="{left:.1f}" y="{y}" width="{max(right - left - 1, 1):.1f}" '
            f'height="{_BOX}" rx="3"/>{text}'
        )

    label = str(line.number)
    told = f"line {line.number}, {line.fit.value}: {line.text or line.source}"
    slot_kind = f"slot out {line.fit.value}" if line.fit in {Fit.FAILED, Fit.SILENT} else "slot"
    yield f'<a href="#line-{line.number}"><title>{escape(told)}</title>'
    yield box(line.slot_start_s, line.slot_end_s, _SLOT_Y, slot_kind, label)
    yield box(line.start_s, line.end_s, _SPOKEN_Y, f"spoken {line.fit.value}", label)
    yield "</a>"


def clock(time_s: float) -> str:
    """Minutes and seconds, with hours where there are any: `1:05`."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
