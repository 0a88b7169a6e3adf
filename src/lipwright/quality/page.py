"""The report as one HTML page that needs nothing else: no script, no font, no address of another machine."""

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from lipwright.errors import UsageError
from lipwright.quality.check_sync import SyncCheck
from lipwright.quality.comparison import Thumbnail
from lipwright.quality.judge_mouth import energy_ratio
from lipwright.quality.mouth import Flags
from lipwright.quality.mouth_box import PARTS
from lipwright.quality.picture import Pixels
from lipwright.quality.plot import Bars, Line, bar_plot, line_plot
from lipwright.quality.report import QualityReport, Verdict, rows

_JPEG_QUALITY: Final = 82
_SHADED: Final = 60
"""At most so many stretches of silence are shaded."""
_CLASSES: Final = {Verdict.OK: "ok", Verdict.WARN: "warn", Verdict.FAIL: "fail", Verdict.NOT_MEASURED: "none"}

_STYLE: Final = """
:root{color-scheme:light dark;--paper:#fbfaf8;--ink:#1d1c1a;--faint:#6d6a64;--line:#dcd8d0;--a:#0b6e8f;--b:#b0793a;
--c:#8d8a84;--ok:#1d7a3e;--warn:#96660a;--fail:#b3261e;--quiet:#efece6}
@media(prefers-color-scheme:dark){:root{--paper:#171715;--ink:#eceae5;--faint:#a19d95;--line:#3a3834;--a:#5cc0e0;
--b:#e0a866;--c:#86837c;--ok:#6fcf8e;--warn:#e2b354;--fail:#ff8a80;--quiet:#22211e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2.25rem 0 .5rem}
p{margin:.25rem 0}.faint,svg .note{color:var(--faint);fill:var(--faint)}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .75rem .3rem 0;vertical-align:top;
border-bottom:1px solid var(--line)}th{font-weight:600}tbody th{font-weight:400}td:nth-child(2){white-space:nowrap;
font-variant-numeric:tabular-nums;text-align:right}td:nth-child(3),td:nth-child(4){white-space:nowrap}
td:last-child{color:var(--faint);font-size:.87rem}
.ok{color:var(--ok)}.warn{color:var(--warn)}.fail{color:var(--fail);font-weight:600}.none{color:var(--faint)}
svg{display:block;width:100%;height:auto}svg text{font-size:12px;fill:var(--faint)}
.grid{stroke:var(--line);fill:none}.line{fill:none;stroke-width:1.4;stroke-linejoin:round}.quiet{fill:var(--quiet)}
.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c);stroke-width:1}
.bar.a{fill:var(--a)}.bar.b{fill:var(--b)}
.keys{display:flex;flex-wrap:wrap;gap:1.25rem;color:var(--faint);font-size:.87rem}
.key::before{content:"";display:inline-block;width:.9rem;height:.25rem;margin-right:.4rem;vertical-align:middle}
.key.a::before{background:var(--a)}.key.b::before{background:var(--b)}.key.c::before{background:var(--c)}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(14.5rem,1fr));gap:.75rem;padding:0;margin:.5rem 0}
figure{margin:0}figure img{width:50%;display:inline-block;vertical-align:top}figcaption{color:var(--faint);
font-size:.87rem}
.scroll{overflow-x:auto}
@media print{body{max-width:none}}
"""


def write_page(output: Path, checked: SyncCheck) -> None:
    """Write the page; it appears complete or not at all.

    Raises: UsageError: the name does not end in .html. OutputNotWritable, DiskFull.
    """
    from lipwright.media.output import write_text

    if output.suffix.lower() not in {".html", ".htm"}:
        raise UsageError(f"--html {output}: this writes a page. Name it {output.with_suffix('.html')}.")
    write_text(output, page(checked))


def page(checked: SyncCheck) -> str:
    """The whole page as text."""
    report = checked.report
    name = escape(report.path.name)
    body = "\n".join((_head(report), _pictures(checked), _plots(checked), _table(report)))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}: quality</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(report: QualityReport) -> str:
    counts = {verdict: sum(metric.verdict is verdict for metric in report.metrics) for verdict in Verdict}
    told = ", ".join(
        f'<span class="{_CLASSES[verdict]}">{counts[verdict]} {verdict.value}</span>'
        for verdict in (Verdict.FAIL, Verdict.WARN, Verdict.OK, Verdict.NOT_MEASURED)
        if counts[verdict]
    )
    files = [("video", report.path), ("source", report.source), ("sidecar", report.sidecar)]
    named = ", ".join(f"{what} <code>{escape(str(path.name))}</code>" for what, path in files if path is not None)
    return (
        f'<h1>{escape(report.path.name)}: <span class="{_CLASSES[report.verdict]}">{report.verdict.value}</span></h1>'
        f"<p>{told}</p><p class=faint>{named}</p>{_outside_limits(report)}"
    )


def _outside_limits(report: QualityReport) -> str:
    """What a reader should look at first."""
    items = "".join(
        f'<li><span class="{_CLASSES[metric.verdict]}">{metric.verdict.value}</span> {escape(cells[0])}: '
        f"{escape(cells[1])} (limit {escape(cells[2])})</li>"
        for wanted in (Verdict.FAIL, Verdict.WARN)
        for metric, cells in zip(report.metrics, rows(report), strict=True)
        if metric.verdict is wanted
    )
    return f"<ul>{items}</ul>" if items else ""


def _pictures(checked: SyncCheck) -> str:
    thumbnails = checked.compared.thumbnails
    if not thumbnails:
        return ""
    fps = float(checked.compared.pairing.shown.fps)
    figures = "".join(_figure(one, one.number / fps) for one in thumbnails)
    return (
        "<h2>The mouth in the source and in the video</h2>"
        f'<div class="pairs">{figures}</div><p class=faint>left: source; right: video</p>'
    )


def _figure(thumbnail: Thumbnail, time_s: float) -> str:
    pictures = [("source", thumbnail.origin), ("video", thumbnail.shown)]
    images = "".join(
        f'<img alt="mouth of the {what} at {time_s:.2f} s" src="{_data(picture)}">'
        for what, picture in pictures
        if picture is not None
    )
    return f"<figure>{images}<figcaption>frame {thumbnail.number}, {time_s:.2f} s</figcaption></figure>"


def _data(picture: Pixels) -> str:
    ok, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not ok:
        raise ValueError("a picture cannot be coded")
    return "data:image/jpeg;base64," + base64.b64encode(coded.tobytes()).decode("ascii")


def _plots(checked: SyncCheck) -> str:
    return "".join(_each_plot(checked))


def _each_plot(checked: SyncCheck) -> Iterator[str]:
    compared, asked, times_s = checked.compared, checked.asked, checked.times_s
    found, origin = compared.column("gap"), compared.column("origin_gap")
    lines = [Line("the source's own mouth", origin, "c")]
    if asked.known:
        by = "drawn, by the sidecar" if asked.source == "sidecar" else "asked for by the driving sound"
        lines.append(Line(by, asked.gap, "b"))
    lines.append(Line("found in the video", found, "a"))
    if np.isfinite(found).any():
        yield "<h2>Gap between the lips</h2>"
        yield line_plot(
            "gap between the inner lips", "parts of the distance between the eyes; darker: silence",
            times_s, lines, _stretches(asked.resting, times_s),
        )  # fmt: skip
    bars = list(_energies(checked))
    if bars:
        yield "<h2>Change from frame to frame in the mouth, held still</h2>"
        yield bar_plot("temporal energy", bars, ("source", "video"))
    near, far = compared.column("near"), compared.column("far")
    if np.isfinite(near).any():
        yield "<h2>Change outside of the mouth's mask</h2>"
        lines = [Line("far from the face: encoding", far, "b"), Line("around the mask", near, "a")]
        yield line_plot("change outside of the mask", "grey levels, means of 8 x 8 blocks", times_s, lines, ())
    sharp, source_sharp = compared.column("sharp"), compared.column("origin_sharp")
    if (np.isfinite(sharp) & np.isfinite(source_sharp)).any():
        yield "<h2>Sharpness about the mouth</h2>"
        source = "source, encoded alike" if compared.encoded_alike is not None else "source"
        lines = [Line(source, source_sharp, "b"), Line("video", sharp, "a")]
        what = "variance of the Laplacian on lips and skin, details from 1 px"
        yield line_plot("sharpness about the mouth", what, times_s, lines, ())


def _energies(checked: SyncCheck) -> Iterator[Bars]:
    for name in PARTS:
        found = energy_ratio(checked.compared, checked.asked, name)
        if found is not None:
            yield Bars(name, (1.0, found.plain), f"{found.alike:.2f} +- {found.uncertain:.2f} at like motion")


def _stretches(flags: Flags, times_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    spans = [
        (float(times_s[first]), float(times_s[last - 1])) for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]
    return sorted(spans, key=lambda span: span[0] - span[1])[:_SHADED]


def _table(report: QualityReport) -> str:
    lines = []
    for metric, cells in zip(report.metrics, rows(report), strict=True):
        topic, value, limit, verdict, note = (escape(cell) for cell in cells)
        lines.append(
            f'<tr><th scope="row" title="{escape(metric.key)}">{topic}</th><td>{value}</td><td>{limit}</td>'
            f'<td class="{_CLASSES[metric.verdict]}">{verdict}</td><td>{note}</td></tr>'
        )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("measured", "value", "limit", "verdict", "note"))
    return (
        f'<h2>All figures</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )
