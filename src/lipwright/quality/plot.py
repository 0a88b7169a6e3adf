"""Plots as SVG text: lines over time, and pairs of bars. They hold no script and fetch nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from lipwright.quality.mouth import Floats

WIDTH, HEIGHT = 960, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 20, 14, 30
MOST_COLUMNS: Final = 700
"""A longer series is drawn as its least and greatest value in each column."""
_TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One series over time."""

    name: str
    values: Floats
    """(frames,); NaN leaves a hole."""
    style: str
    """A class of the page's style sheet, such as `a`."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One pair of bars."""

    name: str
    values: tuple[float, float]
    """In units of the first: source, then video."""
    note: str


def line_plot(
    title: str, unit: str, times_s: Floats, lines: Sequence[Line], shaded: Sequence[tuple[float, float]]
) -> str:
    """Draw series over time.

    Args:
        times_s: of the values, evenly spaced.
        shaded: stretches of time, start and end in seconds, that get a darker ground.
    """
    end_s = float(times_s[-1]) if len(times_s) else 0.0
    span_s = max(end_s - float(times_s[0]) if len(times_s) else 0.0, 1e-6)
    known = [line.values[np.isfinite(line.values)] for line in lines]
    top = _round_up(max((float(values.max()) for values in known if len(values)), default=1.0))
    parts = [_frame(title)]
    for start_s, stop_s in shaded:
        x, width = _x(start_s / span_s), (min(stop_s, end_s) - start_s) / span_s * _inner_width()
        if width > 0:
            parts.append(f'<rect class="quiet" x="{x:.1f}" y="{_TOP}" width="{width:.1f}" height="{_inner_height()}"/>')
    for value in np.linspace(0, top, 5):
        y = _y(value / top)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for time_s in np.arange(0, end_s + 1e-9, _round_up(end_s / _TICKS)):
        x = _x(time_s / span_s)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{time_s:g} s</text>')
    for line in lines:
        path = _path(line.values, top)
        if path:
            parts.append(f'<path class="line {line.style}" d="{path}"><title>{escape(line.name)}</title></path>')
    return _closed(parts) + _key([(line.name, line.style) for line in lines], unit)


def bar_plot(title: str, bars: Sequence[Bars], names: tuple[str, str]) -> str:
    """Draw pairs of bars, the first of each pair as long as 1."""
    row, height = 54, 54 * max(len(bars), 1) + 8
    most = max((max(bar.values) for bar in bars), default=1.0) or 1.0
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
    ]
    for index, bar in enumerate(bars):
        top = index * row + 6
        parts.append(f'<text x="0" y="{top + 16}">{escape(bar.name)}</text>')
        for place, (value, style) in enumerate(zip(bar.values, ("b", "a"), strict=True)):
            width = max(value / most * 560, 1.0)
            parts.append(f'<rect class="bar {style}" x="130" y="{top + place * 19}" width="{width:.1f}" height="16"/>')
            parts.append(f'<text x="{136 + width:.1f}" y="{top + 13 + place * 19}">{value:.2f}</text>')
        parts.append(f'<text class="note" x="{WIDTH}" y="{top + 22}" text-anchor="end">{escape(bar.note)}</text>')
    return _closed(parts) + _key([(names[0], "b"), (names[1], "a")], "")


def _path(values: Floats, top: float) -> str:
    """A path with holes; each column of a long series goes from its least to its greatest value."""
    frames = len(values)
    if frames < 2:
        return ""
    columns = min(frames, MOST_COLUMNS)
    edges = np.linspace(0, frames, columns + 1).astype(int)
    out: list[str] = []
    pen = "M"
    for index in range(columns):
        part = values[edges[index] : edges[index + 1]]
        part = part[np.isfinite(part)]
        if not len(part):
            pen = "M"
            continue
        x = _x((edges[index] + edges[index + 1] - 1) / 2 / (frames - 1))
        low, high = float(part.min()), float(part.max())
        out.append(f"{pen}{x:.1f} {_y(low / top):.1f}")
        pen = "L"
        if high - low > 1e-3 * top:
            out.append(f"L{x:.1f} {_y(high / top):.1f}")
    return "".join(out)


def _round_up(value: float) -> float:
    if not np.isfinite(value) or value <= 0:
        return 1.0
    step = 10 ** np.floor(np.log10(value))
    return float(
        next(step * factor for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * factor >= value * 0.999)
    )


def _frame(title: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'


def _key(entries: Sequence[tuple[str, str]], unit: str) -> str:
    items = "".join(f'<span class="key {style}">{escape(name)}</span>' for name, style in entries)
    return f'<p class="keys">{items}{f"<span>{escape(unit)}</span>" if unit else ""}</p>'


def _closed(parts: Sequence[str]) -> str:
    return "".join(parts) + "</svg>"


def _inner_width() -> int:
    return WIDTH - _LEFT - _RIGHT


def _inner_height() -> int:
    return HEIGHT - _TOP - _BOTTOM


def _x(share: float) -> float:
    return _LEFT + share * _inner_width()


def _y(share: float) -> float:
    return _TOP + (1 - share) * _inner_height()
