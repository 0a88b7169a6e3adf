"""The lines of a dub, one below the other: what is said, how it fits, and its sound."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from lipwright.contracts.dub import DubReport, Fit, SpokenLine
from lipwright.contracts.project import SpeakerVoice
from lipwright.pipeline.dub_page.document import is_heard
from lipwright.pipeline.dub_page.drawing import clock, line_picture
from lipwright.pipeline.dub_page.sounds import DubSounds
from lipwright.pipeline.project.paths import sound_name

FIT_WORDS: Final = {
    Fit.FITS: "fits",
    Fit.BORROWED: "borrows silence",
    Fit.FASTER: "faster",
    Fit.STRETCHED: "stretched",
    Fit.SHORTER: "shorter text",
    Fit.SILENT: "silent",
    Fit.FAILED: "does not fit",
}


def cards(report: DubReport, voices: Mapping[int, SpeakerVoice], sounds: DubSounds) -> str:
    """All lines as a list that can be narrowed to those with warnings, without a script."""
    looked_at = sum(map(wants_a_look, report.lines))
    several = len({line.speaker for line in report.lines}) > 1
    items = "".join(_card(line, report, voices.get(line.speaker), sounds, several=several) for line in report.lines)
    narrowed = f"only the {looked_at} with warnings" if looked_at > 1 else "only the one with a warning"
    choice = (
        f'<input type="checkbox" id="only-notes"><label for="only-notes">{narrowed}</label>'
        if looked_at
        else '<p class="faint">No line has a warning.</p>'
    )
    return f'<h2 id="lines">Lines</h2><div class="filtered">{choice}<ol class="lines">{items}</ol></div>'


def wants_a_look(line: SpokenLine) -> bool:
    """Whether a person should look at a line."""
    return bool(line.notes) or line.fit in {Fit.FAILED, Fit.SHORTER}


def _card(line: SpokenLine, report: DubReport, voice: SpeakerVoice | None, sounds: DubSounds, *, several: bool) -> str:
    classes = f"{line.fit.value} look" if wants_a_look(line) else line.fit.value
    who = f'<span class="who">speaker {line.speaker}</span>' if several else ""
    target = escape(line.text) or '<span class="faint">nothing is said</span>'
    source = escape(line.source) or "a line that was added"
    notes = "".join(f'<li dir="auto">{escape(note)}</li>' for note in line.notes)
    sound = (
        f'<audio controls preload="none" src="{sound_name(line.number)}" aria-label="line {line.number}"></audio>'
        if is_heard(line)
        else ""
    )
    return (
        f'<li id="line-{line.number}" class="{classes}"><div class="place"><b>{line.number}</b> '
        f"<span>{_time(line.slot_start_s)} – {_time(line.slot_end_s)}</span> {who} "
        f'<span class="badge">{FIT_WORDS[line.fit]}</span></div>'
        f'<div><p class="source" lang="{escape(report.source_language)}" dir="auto">{source}</p>'
        f'<p class="target" lang="{escape(report.target)}" dir="auto">{target}</p>'
        f'<p class="facts">{"".join(_facts(line, voice))}</p>{f"<ul class=notes>{notes}</ul>" if notes else ""}</div>'
        f"<div>{line_picture(line, sounds)}{sound}</div></li>"
    )


def _facts(line: SpokenLine, voice: SpeakerVoice | None) -> Iterator[str]:
    yield f"<span>slot <b>{line.slot_end_s - line.slot_start_s:.2f} s</b></span>"
    if is_heard(line):
        yield f"<span>spoken <b>{line.end_s - line.start_s:.2f} s</b></span>"
        yield f"<span>speed <b>{line.speed:.2f}×</b></span>"
        if line.borrowed_s > 0:
            yield f"<span>borrowed <b>{line.borrowed_s:.2f} s</b></span>"
        yield f"<span>take <b>{line.take + 1}</b></span>"
    chosen = f' title="{escape(voice.chosen_by)}"' if voice is not None else ""
    yield f"<span{chosen}>{escape(line.engine)} <b>{escape(line.voice)}</b></span>"


def _time(time_s: float) -> str:
    return f"{clock(time_s)}.{int(time_s * 10) % 10}"
