"""What `project.json` in the folder of a dub holds. Version 1. Its paths are relative to the folder where they can be.

It changes only when what it tells changes, so that a version control shows what a run or a person did.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from lipwright.contracts.dub import DubStage
from lipwright.errors import ProjectInvalid

VERSION = 1
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, hexadecimal."""


@dataclass(frozen=True, slots=True)
class SpeakerVoice:
    """Who speaks as which voice: a row of `voices.csv`."""

    speaker: int
    voice: str
    engine: str
    chosen_by: str
    """Why this one, for a person: `similar to the speaker`, `--voice`, `edited`."""


class StateName(StrEnum):
    """How the last run in a folder ended."""

    NEW = "new"
    RUNNING = "running"
    """It still works, or was killed."""
    EDITING = "editing"
    """It waits for a person, after a stage."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Somebody stopped it; no failure."""
    DONE = "done"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class State(_Frozen):
    """Where the work stands."""

    name: StateName = StateName.NEW
    stage: DubStage | None = None
    """At which stage it works, failed or was stopped, or after which it waits."""
    code: str | None = None
    """Of the error; the same as in the program's own messages."""
    message: str | None = None
    part: int | None = None
    """The line or window at which it failed."""
    retryable: bool | None = None
    """Whether the same run may succeed later."""


class Take(_Frozen):
    """A line that a person wants spoken again. It follows the line when numbers move, by its times."""

    line: Annotated[int, Field(ge=1)]
    start_ms: Annotated[int, Field(ge=0)]
    end_ms: Annotated[int, Field(ge=0)]
    take: Annotated[int, Field(ge=1)]


class Source(_Frozen):
    """The video that is dubbed."""

    name: str
    sha256: Digest


class ProjectFile(_Frozen):
    """The whole document."""

    version: Literal[1] = 1
    source: Source
    asked: dict[str, JsonValue]
    """The `DubRequest`, without the folder and without where it was to stop."""
    state: State = State()
    takes: tuple[Take, ...] = ()
    """In order of lines."""

    def to_json(self) -> str:
        """The document as text: sorted keys, one value a line."""
        return stable_json(self.model_dump(mode="json", exclude_none=True))

    @classmethod
    def from_json(cls, text: str, name: str) -> Self:
        """The value of a text; `name` is what the message calls it.

        Raises: ProjectInvalid: it is damaged, or of a newer version.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            if where == "version" and isinstance(first["input"], int) and first["input"] > VERSION:
                raise ProjectInvalid(
                    f"`{name}`: a newer Lipwright wrote it (version {first['input']}; this one reads {VERSION}). "
                    "Update Lipwright, or name another folder with --project."
                ) from exc
            raise ProjectInvalid(
                f"`{name}`: it is damaged ({where}: {first['msg']}). Restore it from your version control or a copy, "
                "or name another folder with --project."
            ) from exc


def stable_json(document: Any) -> str:
    """JSON that differs only where its content does."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
