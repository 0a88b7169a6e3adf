"""What a batch is ordered with."""

from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from lipwright.api.orders import Order
from lipwright.contracts.avatar import AvatarName
from lipwright.contracts.portrait import SubtitleKind
from lipwright.contracts.story import FileName
from lipwright.contracts.strict import AssetDigest, Name, Strict, Tag

MOST_ROWS = 10_000
Cell = (
    Annotated[StrictStr, Field(max_length=100_000)]
    | StrictInt
    | StrictFloat
    | StrictBool
    | None
    | Annotated[list[Annotated[StrictStr, Field(max_length=120)]], Field(max_length=20)]
)


class Defaults(Strict):
    """What counts for rows whose own cell is empty."""

    face: FileName | None = None
    """A name of `files`, or a digest; or `avatar`."""
    avatar: AvatarName | None = None
    voice: Name = ""
    language: Tag | None = None
    background: FileName = "keep"
    """`keep`, `blur`, `#rrggbb`, a name of `files`, or a digest."""
    size: Annotated[str, Field(max_length=20)] | None = None
    """Such as `1080x1920`."""
    fps: Annotated[str, Field(max_length=20)] | None = None
    speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    subtitles: frozenset[SubtitleKind] = frozenset()
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    purpose: Name | None = None
    """What the videos are for; some consents want it."""

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.face is not None and self.avatar is not None:
            raise ValueError("a face and an avatar each say who speaks: name one of them")
        return self


class BatchOrder(Order):
    """A table whose rows each become a video."""

    rows: Annotated[list[dict[Name, Cell]], Field(min_length=1, max_length=MOST_ROWS)] | None = None
    """Each with a `name` and a `text`, and what else a table has; or `table`."""
    table: AssetDigest | None = None
    """CSV or JSON Lines, which was uploaded."""
    files: dict[FileName, AssetDigest] = Field(default_factory=dict, max_length=1000)
    """Photos, clips and backgrounds, by the names that the rows have for them."""
    defaults: Defaults = Defaults()
    translate_to: Annotated[tuple[Tag, ...], Field(max_length=50)] = ()
    """Each row is also made in these languages."""
    label: bool = False
    """Whether the pictures say that they are synthetic."""

    @model_validator(mode="after")
    def _has_rows(self) -> Self:
        if (self.rows is None) == (self.table is None):
            raise ValueError("a batch has either rows or a table")
        return self
