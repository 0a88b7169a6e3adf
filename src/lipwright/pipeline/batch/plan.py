"""Rows become jobs: voices, faces and avatars found, languages added, everything checked before anything is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from lipwright.contracts.avatar import VoiceProfile
from lipwright.contracts.batch import BatchRow, RowJob, RowProblem
from lipwright.errors import BatchInvalid, InputError, LipwrightError, UsageError
from lipwright.pipeline.batch.names import same_file
from lipwright.pipeline.batch.voices import Cast, Casting, Wish
from lipwright.pipeline.stages.translate import is_same_language
from lipwright.speech.translate.base import Translator
from lipwright.speech.tts.base import TextToSpeech, matches

MOST_TOLD = 200
"""Problems that a message names before it only counts them."""
MOST_LINES = 10
"""Rows with the same problem that are named before they are only counted."""
VIDEO = ".mp4"
Found = TypeVar("Found")
Given = ParamSpec("Given")


@dataclass(frozen=True, slots=True)
class Presenter:
    """Who speaks in a row."""

    face: Path
    is_clip: bool
    voice: VoiceProfile | None = None


@dataclass(frozen=True)
class House:
    """Where a plan finds what rows name. Each raises a LipwrightError that says what is wrong."""

    engine: Callable[[str | None, str], TextToSpeech]
    """From the name of an engine, or None for any, and of a voice, or empty for any."""
    translator: Callable[[str, str], Translator]
    """From the source and the target language."""
    avatar: Callable[[str], Presenter]
    consent: Callable[[str, str, str | None], object]
    """Whether an avatar may be shown in a language for a purpose."""
    look: Callable[[Path], bool]
    """Makes sure that a file shows a face; whether it is a clip."""


def plan_batch(rows: Sequence[BatchRow], house: House, targets: Sequence[str], folder: Path) -> tuple["Planned", ...]:
    """Resolve every row, and add one for each language that it is to be translated to.

    Args:
        targets: BCP 47; a row in a language of its own is not translated to it.
        folder: where the videos go.
    Returns: the jobs that can be made, without keys, and a problem for each row that cannot.
    """
    return tuple(_Planner(house, folder).plan(rows, targets))


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the plan: what is made, or why it cannot be."""

    job: RowJob | None
    problem: RowProblem | None = None


def jobs_of(planned: Sequence[Planned], problems: Sequence[RowProblem], name: str) -> tuple[RowJob, ...]:
    """The jobs of a plan that has no problem.

    Args:
        problems: that were found before.
        name: of the table, for the message.
    Raises: BatchInvalid: every problem of every row, with its line.
    """
    every = [*problems, *(one.problem for one in planned if one.problem is not None)]
    if every:
        lines = {problem.line for problem in every}
        count = "1 row" if len(lines) == 1 else f"{len(lines)} rows"
        told = "\n".join(f"  {line}" for line in _told(every))
        raise BatchInvalid(f"`{name}`: {count} cannot be made, and nothing was begun.\n{told}")
    return tuple(one.job for one in planned if one.job is not None)


def _told(problems: Sequence[RowProblem]) -> list[str]:
    """A line for each problem; what many rows have is told once."""
    by_message: dict[str, list[RowProblem]] = {}
    for problem in sorted(problems, key=lambda problem: problem.line):
        by_message.setdefault(problem.message, []).append(problem)
    told = []
    for message, alike in list(by_message.items())[:MOST_TOLD]:
        rows = [f"{one.line} ({one.name})" if one.name else f"{one.line}" for one in alike]
        more = f" and {len(rows) - MOST_LINES} more" if len(rows) > MOST_LINES else ""
        told.append(f"line{'s' if len(rows) > 1 else ''} {', '.join(rows[:MOST_LINES])}{more}: {message}")
    if len(by_message) > MOST_TOLD:
        told.append(f"and {len(by_message) - MOST_TOLD} problems more")
    return told


class _Planner:
    """Asks each question once, however many rows ask it."""

    def __init__(self, house: House, folder: Path) -> None:
        self._house, self._folder = house, folder
        self._casting = Casting(house.engine)
        self._answers: dict[tuple[object, ...], object] = {}
        self._names: dict[str, int] = {}

    def plan(self, rows: Sequence[BatchRow], targets: Sequence[str]) -> list[Planned]:
        planned: list[Planned] = []
        for row in rows:
            problems: list[RowProblem] = []
            presenter = _tried(problems, row, self._presenter, row)
            own = _tried(problems, row, self._own_cast, row, presenter)
            for one in [row, *self._translated(row, own, targets)]:
                chosen = own
                if one is not row and own is not None:
                    chosen = _tried(problems, one, self._target_cast, one, own)
                self._claim(problems, one)
                if presenter is not None and chosen is not None:
                    job = _tried(problems, one, self._job, one, presenter, chosen)
                    planned += [Planned(job)] if job is not None else []
            planned += [Planned(None, problem) for problem in problems]
        return planned

    def _once(self, question: tuple[object, ...], answer: Callable[[], Found]) -> Found:
        if question not in self._answers:
            try:
                self._answers[question] = answer()
            except LipwrightError as exc:
                self._answers[question] = exc
        known = self._answers[question]
        if isinstance(known, LipwrightError):
            raise known
        return cast(Found, known)

    def _presenter(self, row: BatchRow) -> Presenter:
        avatar, face = row.avatar, row.face
        if avatar is not None:
            return self._once(("avatar", avatar), lambda: self._house.avatar(avatar))
        if face is None:
            raise UsageError("it has no face.")
        return self._once(("face", face), lambda: Presenter(face, self._house.look(face)))

    def _own_cast(self, row: BatchRow, presenter: Presenter | None) -> Cast:
        wish = Wish(row.tts, row.voice, row.language)
        profile = presenter.voice if presenter is not None else None
        if profile is None or wish.voice or wish.tts is not None:
            return self._casting.cast(wish)
        own = self._casting.cast(Wish(profile.engine, profile.voice, profile.language))
        if wish.language is None or matches(wish.language, own.language):
            return self._casting.cast(Wish(profile.engine, profile.voice, wish.language or profile.language))
        return self._casting.cast_translated(own, wish.language)

    def _target_cast(self, row: BatchRow, own: Cast) -> Cast:
        source, target = row.text_language or own.language, row.language or own.language
        self._once(("pair", source, target), lambda: self._house.translator(source, target))
        return self._casting.cast_translated(own, target)

    def _translated(self, row: BatchRow, own: Cast | None, targets: Sequence[str]) -> list[BatchRow]:
        if own is None:
            return []
        return [
            replace(row, name=f"{row.name}-{target}", language=target, text_language=own.language)
            for target in targets
            if not is_same_language(own.language, target)
        ]

    def _claim(self, problems: list[RowProblem], row: BatchRow) -> None:
        """Keep a name for one row."""
        first = self._names.setdefault(same_file(row.name), row.line)
        if first != row.line:
            message = f"line {first} has the same name, or one that is the same file on some system. Rename one."
            problems.append(RowProblem(row.line, row.name, message))

    def _job(self, row: BatchRow, presenter: Presenter, cast: Cast) -> RowJob:
        avatar = row.avatar
        if avatar is not None:
            asked = (avatar, cast.language, row.purpose)
            self._once(("consent", *asked), lambda: self._house.consent(*asked))
        if presenter.is_clip:
            _refuse_with_clip(row)
        output = self._folder / f"{row.name}{VIDEO}"
        for source in (presenter.face, Path(row.background)):
            if source.resolve() == output.resolve():
                raise InputError(f"`{output}` is what it is made from, and stays as it is. Name the row otherwise.")
        return RowJob(
            row=row,
            face=presenter.face,
            is_clip=presenter.is_clip,
            voice=cast.voice.id,
            tts=cast.tts,
            language=cast.language,
            output=output,
        )


def _tried(
    problems: list[RowProblem], row: BatchRow, work: Callable[Given, Found], *given: Given.args, **named: Given.kwargs
) -> Found | None:
    """What the work gives; None where it fails, and a problem of the row more."""
    try:
        return work(*given, **named)
    except LipwrightError as exc:
        problems.append(RowProblem(row.line, row.name, str(exc)))
    return None


def _refuse_with_clip(row: BatchRow) -> None:
    wished = {
        "size": row.size is not None,
        "fps": row.fps is not None,
        "background": row.background != "keep",
        "subtitles": bool(row.subtitles),
    }
    refused = [name for name, is_wished in wished.items() if is_wished]
    if refused:
        raise UsageError(
            f"{' and '.join(refused)}: works with a photo only; a video keeps its own picture. Leave it out, or name a"
            " photo."
        )
