"""`report.html`: one page that needs nothing but the sounds beside it; no script, no address of another machine."""

import math
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from lipwright.contracts.dub import DubReport, Fit
from lipwright.contracts.project import SpeakerVoice
from lipwright.pipeline.dub_page.cards import FIT_WORDS, cards
from lipwright.pipeline.dub_page.drawing import clock, timeline
from lipwright.pipeline.dub_page.sounds import DubSounds
from lipwright.pipeline.dub_page.style import STYLE

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self' file:"
_SHOWN_S: Final = 1800
"""The timeline of a longer dub is folded away."""


def page(report: DubReport, voices: Sequence[SpeakerVoice], sounds: DubSounds) -> str:
    """The whole page as text."""
    name = escape(report.output.name if report.output is not None else report.project.name)
    by_speaker = {voice.speaker: voice for voice in voices}
    body = "\n".join((
        _head(name, report, sounds), _notes(report), _timeline(report, sounds), cards(report, by_speaker, sounds),
        _voices(voices), _figures(report), _correcting(report),
    ))  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}: dub</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(name: str, report: DubReport, sounds: DubSounds) -> str:
    told = "".join(
        f"<div><dt>{escape(what)}</dt><dd>{value}<small>{escape(note)}</small></dd></div>"
        for what, value, note in _totals(report, sounds)
    )
    return (
        f'<h1 dir="auto">{name}</h1><p class="faint">{escape(report.source_language)} to {escape(report.target)}, '
        f'{clock(report.duration_s)} min. <a href="#lines">Lines</a>, <a href="#correct">how to correct them</a></p>'
        f'<dl class="totals">{told}</dl>'
    )


def _totals(report: DubReport, sounds: DubSounds) -> Iterator[tuple[str, str, str]]:
    fits = Counter(line.fit for line in report.lines)
    spoken = len(report.lines) - fits[Fit.FAILED] - fits[Fit.SILENT]
    missing = [f"{fits[fit]} {FIT_WORDS[fit]}" for fit in (Fit.FAILED, Fit.SILENT) if fits[fit]]
    yield "lines spoken", f"{spoken} of {len(report.lines)}", ", ".join(missing)
    taken_s = math.fsum(seconds for _, seconds in report.stage_s)
    yield (
        "time taken",
        clock(taken_s),
        f"{taken_s / report.duration_s:.2f} times the video" if report.duration_s else "",
    )
    if report.rendered_s or report.kept_s:
        yield "lip-sync saved", f"{report.kept_s:.1f} s", f"{report.rendered_s:.1f} s drawn"
    if sounds.output_lufs is not None and math.isfinite(sounds.output_lufs):
        source = f"source {sounds.source_lufs:.1f}, " if sounds.source_lufs is not None else ""
        peak = f"peak {sounds.true_peak_dbtp:.1f} dBTP" if sounds.true_peak_dbtp is not None else ""
        yield "loudness", f"{sounds.output_lufs:.1f} LUFS", f"{source}{peak}"
    if sounds.leak_db is not None and math.isfinite(sounds.leak_db):
        yield "old voice left in the bed", f"{sounds.leak_db:.1f} dB", "lower is better"
    paid = ", ".join(f"{amount:g} {escape(unit)}" for _, amount, unit in report.cost if amount)
    if paid:
        yield "cost", paid, ", ".join(engine for engine, amount, _ in report.cost if amount)


def _notes(report: DubReport) -> str:
    items = "".join(f'<li dir="auto">{escape(note)}</li>' for note in report.notes)
    return f"<h2>Notes</h2><ul>{items}</ul>" if items else ""


def _timeline(report: DubReport, sounds: DubSounds) -> str:
    fits = dict.fromkeys(line.fit for line in report.lines if line.fit is not Fit.SILENT)
    keys = "".join(f'<span class="key {fit.value}">{FIT_WORDS[fit]}</span>' for fit in Fit if fit in fits)
    drawn = (
        '<p class="keys"><span class="key voice">voice of the source</span><span class="key room">slot</span>'
        f'{keys}</p><div class="scroll" tabindex="0" role="region" aria-label="timeline">'
        f"{timeline(report.lines, sounds, report.duration_s)}</div>"
    )
    if report.duration_s > _SHOWN_S:
        return f"<h2>Timeline</h2><details><summary>Show {clock(report.duration_s)}</summary>{drawn}</details>"
    return f"<h2>Timeline</h2>{drawn}"


def _voices(voices: Sequence[SpeakerVoice]) -> str:
    rows = "".join(
        f"<tr><th scope=row>speaker {voice.speaker}</th><td><code>{escape(voice.voice)}</code></td>"
        f"<td>{escape(voice.engine)}</td><td class=faint>{escape(voice.chosen_by)}</td></tr>"
        for voice in voices
    )
    return f'<h2>Voices</h2><div class="scroll"><table>{rows}</table></div>' if rows else ""


def _figures(report: DubReport) -> str:
    longest_s = max((seconds for _, seconds in report.stage_s), default=0) or 1
    stages = "".join(
        f"<tr><th scope=row>{escape(name)}<span class=bar style='width:{seconds / longest_s:.1%}'></span></th>"
        f'<td class="number">{seconds:.1f} s</td></tr>'
        for name, seconds in report.stage_s
    )
    counts = Counter(line.fit for line in report.lines)
    fits = "".join(
        f'<tr class="{fit.value}"><th scope=row>{FIT_WORDS[fit]}</th><td class="number">{counts[fit]}</td></tr>'
        for fit in Fit
        if counts[fit]
    )
    kept: dict[str, float] = {}
    for span in report.untouched:
        kept[span.reason] = kept.get(span.reason, 0) + span.end_s - span.start_s
    untouched = "".join(
        f'<tr><th scope=row>{escape(reason)}</th><td class="number">{seconds:.1f} s</td></tr>'
        for reason, seconds in sorted(kept.items(), key=lambda item: -item[1])
    )
    tables = (("Time by stage", stages), ("Lines by fit", fits), ("Mouth left as it was", untouched))
    return (
        '<div class="columns">'
        + "".join(f"<section><h2>{title}</h2><table>{rows}</table></section>" for title, rows in tables if rows)
        + "</div>"
    )


def _correcting(report: DubReport) -> str:
    folder = shlex.quote(report.project.name or str(report.project))
    ways = (
        ("a word was heard wrongly, or the wrong speaker says it", "transcript.srt",
         "its cue; <code>[2]</code> before the text names the speaker"),
        ("a translation is wrong or too long", "translation.srt", "its cue; delete the cue to leave the line silent"),
        ("a voice does not suit", "voices.csv", "the column <code>voice</code>"),
    )  # fmt: skip
    rows = "".join(
        f"<tr><th scope=row>{wrong}</th><td><code>{file}</code>: {where}</td></tr>" for wrong, file, where in ways
    )
    again, redo = f"lipwright dub --project {folder}", f"lipwright dub redo {folder} --line 7"
    return (
        '<h2 id="correct">How to correct</h2><p>Edit a file in this folder, then run the dub again. Only what the edit '
        f"touches is made anew.</p><table>{rows}</table><pre><code>{escape(again)}</code></pre>"
        f"<p>To hear a line spoken differently:</p><pre><code>{escape(redo)}</code></pre>"
    )
