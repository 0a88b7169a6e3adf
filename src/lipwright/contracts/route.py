"""What a kind of job is made of, as the job service sees it: named stages that turn files into files."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.progress import Progress
from lipwright.contracts.strict import Strict


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage of a job."""

    name: str
    queue: str
    """Which workers do it: `avatar`, `dubbing`, `cpu`, `gpu`, `io`."""
    approvable: bool = False
    """Whether a person may be asked to approve what it made."""


@dataclass(frozen=True, slots=True)
class StageWork:
    """One attempt at one stage. All files are the attempt's own, or are read only."""

    job: str
    workspace: str
    spec: Strict
    """The part of the snapshot that says what is made."""
    stage: str
    attempt: int
    """From 1."""
    take: int
    """0 is the first; rises when somebody wants the stage done again, differently."""
    line: int | None
    """The line of a dub, or the scene of a video, that is wanted differently; None for the whole stage."""
    lines: Mapping[int, int]
    """The takes of all lines that were ever wanted differently, `line` included, by their numbers."""
    folder: Path
    """Empty at the start of an attempt, removed behind it."""
    assets: Mapping[str, Path]
    """Local copies of the assets that the spec names, by digest."""
    earlier: Mapping[str, Path]
    """Local copies of what the stages before this one made, by name; edits of a person took the place of what they
    edited."""
    progress: Progress
    part: str | None = None
    """The part of a divided stage that this attempt does; None for the stage itself."""
    parts: Mapping[str, Mapping[str, Path]] | None = None
    """Local copies of what the parts of this stage made, by their names, when all are done; None before."""


@dataclass(frozen=True, slots=True)
class Divided:
    """A stage that is done in parts, on as many workers as there are; when all are done, it is begun once more."""

    parts: tuple[str, ...]
    """Their names, each once, in the order of their work: small letters, digits and -."""


class Route(ABC):
    """A kind of job. A stage is run again after a crash: it keeps what is dear in the stage store."""

    kind: str

    @abstractmethod
    def stages(self, spec: Strict) -> tuple[StagePlan, ...]:
        """The stages of a job, in order. Pure."""

    @abstractmethod
    def assets(self, spec: Strict) -> frozenset[str]:
        """Digests of all assets that a job needs. Pure."""

    @abstractmethod
    def run(self, work: StageWork) -> Mapping[str, Path] | Divided:
        """Do a stage, or a part of one.

        Returns: files in the attempt's folder, by the names under which they are published. A stage that is not begun
            for a part, and has no `work.parts` yet, may divide itself instead. What parts make is not published beyond
            their stage.
        Raises: LipwrightError: it failed; `retryable` says whether the same may succeed later. Cancelled.
        """

    def lines(self, stage: str, read: Callable[[str], bytes | None]) -> Collection[int] | None:
        """Which lines or scenes a stage can be asked to make differently; None where nobody can tell beforehand.

        Args:
            read: gives what an earlier stage published under a name; None where none did.
        """
        return None

    @abstractmethod
    def outputs(self, made: Mapping[str, str]) -> Mapping[str, str]:
        """Which of everything that the stages published is the result of a finished job; names and digests. Pure."""
