"""The route of `lipwright translate`: a subtitle file becomes one in another language, with the same times."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lipwright.contracts.dub import Line, TargetLine
from lipwright.contracts.media import Cue
from lipwright.contracts.progress import Progress
from lipwright.contracts.translation import TranslationReport, TranslationRequest
from lipwright.errors import LanguageSame, UsageError
from lipwright.media.claim import claimed
from lipwright.media.cues import CueRules
from lipwright.media.language import iso_639_2
from lipwright.media.output import check_writable
from lipwright.media.read_subtitles import NumberedCue, read_subtitles
from lipwright.media.subtitles import SUFFIXES, write_subtitles
from lipwright.media.text_width import display_width
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.stages.translate import is_same_language, translate
from lipwright.remote.waiting import cancellable
from lipwright.speech.translate.base import Quality, Translator
from lipwright.speech.translate.glossary import load_glossary
from lipwright.speech.translate.language import recognise_language
from lipwright.speech.translate.recut import recut
from lipwright.store.stages import StageStore

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?")
_TURN = re.compile(r"^\s*[-–—‐]\s*(?=\S)")
"""Begins what one of two people says in a cue."""
_WORDS = {
    Quality.FAIR: "the translation is fair: read it before it is published",
    Quality.GIST: "the translation gives the gist only: a person should write it again",
}


def translate_subtitles(
    request: TranslationRequest,
    *,
    choose: Callable[[str, str], Translator],
    store: StageStore,
    progress: Progress,
) -> TranslationReport:
    """Translate a subtitle file.

    Args:
        choose: gives the engine for a source and a target language.
        store: where translated sentences are kept.
    Returns: what was written; the file is complete.
    Raises: UsageError: the output's suffix, or a language that has to be named. LanguageSame. GlossaryInvalid.
        LanguageUnknown: nothing translates this pair. TranslationFailed. MediaError, ProviderError, OutputError,
        Cancelled: nothing is left under the output's name.
    """
    if request.output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`{request.output}`: no subtitle format of that name. Use {', '.join(SUFFIXES)}.")
    for language in (request.source_language, request.target):
        if language is not None and not _TAG.fullmatch(language):
            raise UsageError(f"`{language}`: not a language. Use a BCP 47 tag such as `en` or `pt-BR`.")
    check_writable(request.output)
    clock = StageClock()
    glossary = load_glossary(request.glossary) if request.glossary is not None else None
    with clock.stage("read"):
        read = read_subtitles(request.source, language=request.source_language)
        source = request.source_language or _language_of(request.source, read.cues)
    if is_same_language(source, request.target):
        raise LanguageSame(
            f"`{request.source}`: it is in {source} already, and --to is {request.target}. Name another language."
        )
    engine = choose(source, request.target)
    turns = _turns(read.cues, source)
    with cancellable(progress.check_cancelled), claimed(request.output):
        with clock.stage("translate"):
            said = translate(
                [line for _, line in turns], request.target, engine, glossary=glossary, store=store, progress=progress,
                noises=True,
            )  # fmt: skip
        with clock.stage("write"):
            cues = _cues(read.cues, [(place, line) for (place, _), line in zip(turns, said, strict=True)])
            write_subtitles(request.output, cues, request.target)
    quality = engine.quality(source, request.target) or Quality.GIST
    numbers = [read.cues[place].number for place, _ in turns]
    return TranslationReport(
        output=request.output,
        source_language=source,
        target=request.target,
        engine=engine.capability.name,
        quality=quality.value,
        cues=len(cues),
        notes=(
            *read.notes,
            *((_WORDS[quality],) if quality in _WORDS else ()),
            *(f"cue {number}: {note}" for number, line in zip(numbers, said, strict=True) for note in line.notes),
        ),
        stage_s=tuple(clock.seconds),
    )


def default_output(source: Path, target: str) -> Path:
    """The name of a translation: `talk.pt-BR.srt` of `talk.srt` or `talk.en.srt`, in the format of the source."""
    suffix = source.suffix.lower() if source.suffix.lower() in SUFFIXES else SUFFIXES[0]
    stem = source.stem
    if (language := _language_in_name(source)) is not None:
        stem = stem.removesuffix(language).rstrip(".")
    return source.with_name(f"{stem}.{target}{suffix}")


def _language_of(source: Path, cues: Sequence[NumberedCue]) -> str:
    """What the name says, else what the words say. Raises UsageError."""
    found = _language_in_name(source) or recognise_language("\n".join(cue.text for cue in cues))
    if found is None:
        raise UsageError(f"`{source}`: its language is not recognised. Name it, such as --from en.")
    return found.replace("_", "-")


def _language_in_name(source: Path) -> str | None:
    """`en` of `talk.en.srt`."""
    tag = source.stem.rpartition(".")[2] if "." in source.stem else ""
    known = _TAG.fullmatch(tag) is not None and len(re.split("[-_]", tag)[0]) == 2 and iso_639_2(tag) != "und"
    return tag if known else None


def _turns(cues: Sequence[NumberedCue], language: str) -> list[tuple[int, Line]]:
    """The place of a cue and what is said in it: by two people where its lines begin with dashes."""
    turns: list[tuple[int, Line]] = []
    speaker = 1
    for place, cue in enumerate(cues):
        lines = cue.text.split("\n")
        starts = [i for i, line in enumerate(lines) if i == 0 or _TURN.match(line)]
        several = len(starts) > 1
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            if several or _TURN.match(lines[start]):
                speaker += 1  # what the one before says does not go on here
            text = " ".join(lines[start:end])
            turns.append((place, Line(len(turns) + 1, cue.start_s, cue.end_s, speaker, text, language)))
    return [(place, _without_dash(line)) for place, line in turns]


def _without_dash(line: Line) -> Line:
    return replace(line, text=_TURN.sub("", line.text))


def _cues(cues: Sequence[NumberedCue], said: Sequence[tuple[int, TargetLine]]) -> list[Cue]:
    """The cues with what is said in them; those that say nothing are left out."""
    written = []
    for place, cue in enumerate(cues):
        texts = [line.text for at, line in said if at == place and line.text]
        dashed = len(texts) > 1 or _TURN.match(cue.text) is not None
        rows = [row for text in texts for row in _rows(f"- {text}" if dashed else text)]
        if rows:
            written.append(Cue("\n".join(rows), cue.start_s, cue.end_s))
    return written


def _rows(text: str) -> list[str]:
    """A text on as few lines as it needs, of like length."""
    widest = CueRules().line_characters
    count = -(-display_width(text) // widest)
    while count < len(text):
        rows = recut(text, [1.0] * count)
        if all(display_width(row) <= widest for row in rows) or max(map(len, text.split())) > widest:
            return [row for row in rows if row]
        count += 1
    return [text]
