"""What is known of a finished video and cannot be seen in it: kept beside it as `<name>.lipwright.json`.

Version 1. Times are seconds of the video; lengths named IOD are parts of the distance between the outer eye corners.
Numbers are rounded when a value is made, so that it equals what is read back.
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from lipwright.contracts.speech import Phoneme, Word
from lipwright.errors import MediaUnreadable

Rate = Annotated[Fraction, Field(gt=0), PlainSerializer(lambda rate: f"{rate.numerator}/{rate.denominator}")]
"""An exact frame rate, stored as `30000/1001`."""
Gap = Annotated[float, Field(ge=0), AfterValidator(lambda value: round(value, 5))]
Share = Annotated[float, Field(ge=0, le=1), AfterValidator(lambda value: round(value, 3))]
Seconds = Annotated[float, AfterValidator(lambda value: round(value, 4))]
TIME_DIGITS = 4


class Timed(Protocol):
    """A phone, a word, a stretch of speech: what has a beginning and an end, in seconds."""

    @property
    def start_s(self) -> float:
        """Its beginning."""

    @property
    def end_s(self) -> float:
        """Its end."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PixelBox(_Frozen):
    """A rectangle of pixels; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int


class Span(_Frozen):
    """A stretch of time."""

    start_s: Seconds
    end_s: Seconds


class FrameRun(_Frozen):
    """Consecutive frames of a finished video, by the frames of its source that they show."""

    first: Annotated[int, Field(ge=0)]
    """The source's frame that the first of them shows."""
    count: Annotated[int, Field(gt=0)]
    step: Literal[-1, 0, 1] = 1
    """To the next frame: 1 forth, -1 back, 0 the picture stands still."""


class FaceSpan(_Frozen):
    """A stretch of the finished video in which one and the same face was followed."""

    first: Annotated[int, Field(ge=0)]
    """Frame of the finished video."""
    count: Annotated[int, Field(gt=0)]
    person: Annotated[int, Field(gt=0)]
    """Counted from 1, largest first."""
    box: PixelBox
    """About the face in the first of these frames."""


class UntouchedSpan(_Frozen):
    """A stretch of the finished video that shows the source's own mouth."""

    first: Annotated[int, Field(ge=0)]
    count: Annotated[int, Field(gt=0)]
    reason: str
    """`silent` where nothing had to be drawn because the mouth rests; else why it could not be, such as `no face`."""


class Rewritten(_Frozen):
    """What only a video has that was made of another video: which frame it shows when, and whose mouth was drawn."""

    version: Literal[1] = 1
    source_fps: Rate
    """Of the source's frames as they are counted here: at a constant rate."""
    source_frames: Annotated[int, Field(gt=0)]
    plan: tuple[FrameRun, ...]
    """All frames of the finished video in order."""
    weight: tuple[Share, ...]
    """One a frame: 0 the source's own mouth, 1 the mouth that `gap` and `closed` tell; between, it eases over."""
    faces: tuple[FaceSpan, ...]
    untouched: tuple[UntouchedSpan, ...] = ()
    lip_sync: str
    """The engine that drew the mouth."""
    heard: str
    """Where the mouth comes from: `phonemes` of a voice, `transcript` aligned to a recording, `recognition` of the
    words in it, or `sound` alone."""

    def source_frame_numbers(self) -> list[int]:
        """Which frame of the source each frame of the finished video shows."""
        return [run.first + index * run.step for run in self.plan for index in range(run.count)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        planned = sum(run.count for run in self.plan)
        if planned != len(self.weight):
            raise ValueError(f"plan has {planned} frames and weight has {len(self.weight)}")
        for run in self.plan:
            for number in (run.first, run.first + (run.count - 1) * run.step):
                if not 0 <= number < self.source_frames:
                    raise ValueError(f"plan names frame {number} of {self.source_frames}")
        spans: tuple[FaceSpan | UntouchedSpan, ...] = (*self.faces, *self.untouched)
        for span in spans:
            if span.first + span.count > planned:
                raise ValueError(f"a span ends at frame {span.first + span.count} of {planned}")
        return self


def frame_runs(numbers: Sequence[int]) -> tuple[FrameRun, ...]:
    """A list of the source's frame numbers, cut into runs: what `Rewritten.plan` holds. Numbers are plain ints."""
    runs: list[FrameRun] = []
    start = 0
    while start < len(numbers):
        end, step = start + 1, 1
        if end < len(numbers) and abs(numbers[end] - numbers[start]) <= 1:
            step = numbers[end] - numbers[start]
            while end < len(numbers) and numbers[end] - numbers[end - 1] == step:
                end += 1
        runs.append(FrameRun.model_validate({"first": numbers[start], "count": end - start, "step": step}))
        start = end
    return tuple(runs)


class Sidecar(_Frozen):
    """One finished video."""

    version: Literal[1] = 1
    lipwright: str
    """The version that made it."""
    source: str
    """Name of the photo, or of the video."""
    text: str
    language: str
    engine: str
    voice: str
    seed: int
    fps: Rate
    width_px: Annotated[int, Field(gt=0)]
    height_px: Annotated[int, Field(gt=0)]
    duration_s: Seconds
    phonemes: Annotated[
        tuple[Phoneme, ...],
        AfterValidator(lambda all_: tuple(Phoneme(p.symbol, *_rounded(p.start_s, p.end_s)) for p in all_)),
    ]
    words: Annotated[
        tuple[Word, ...],
        AfterValidator(lambda all_: tuple(Word(w.text, *_rounded(w.start_s, w.end_s)) for w in all_)),
    ]
    silences: tuple[Span, ...]
    """Where nobody speaks: the mouth rests shut."""
    gap: tuple[Gap, ...]
    """One a frame: how far the inner lips were drawn apart, IOD; 0 where nothing was drawn."""
    closed: tuple[Share, ...]
    """One a frame: 1 where the lips had to touch, in p, b, m and in silence."""
    eye_distance_px: Annotated[float, AfterValidator(lambda value: round(value, 2))]
    """In the first frame that has a face."""
    face_box: PixelBox
    """In the first frame that has a face."""
    person_box: PixelBox
    """Outside of it no pixel was ever changed, except under `overlays`."""
    overlays: tuple[PixelBox, ...] = ()
    """Where a label or subtitles were drawn over the picture."""
    rewritten: Rewritten | None = None
    """Only of a video that was made of another video."""

    @model_validator(mode="after")
    def _has_one_value_a_frame(self) -> Self:
        if not self.gap:
            raise ValueError("gap: a video has at least one frame")
        if len(self.gap) != len(self.closed):
            raise ValueError(f"gap has {len(self.gap)} frames and closed has {len(self.closed)}")
        if self.rewritten is not None and len(self.rewritten.weight) != len(self.gap):
            raise ValueError(f"gap has {len(self.gap)} frames and weight has {len(self.rewritten.weight)}")
        return self

    def to_json(self) -> str:
        """The whole value as text, one key a line."""
        document = json.loads(self.model_dump_json())
        if self.rewritten is None:
            del document["rewritten"]
        lines = (f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in document.items())
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str, name: str) -> Self:
        """The value of a text; `name` is what the message calls it.

        Raises: MediaUnreadable: it is damaged, or of a version that this program does not know.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            cause = "its version is not 1" if where == "version" else f"{where}: {first['msg']}"
            raise MediaUnreadable(
                f"`{name}`: not a sidecar that this Lipwright reads ({cause}). "
                "Make the video again, or remove this file to measure without it."
            ) from exc


def sidecar_path(video: Path) -> Path:
    """Where the sidecar of a video is: `talk.lipwright.json` beside `talk.mp4`."""
    return video.with_name(f"{video.stem}.lipwright.json")


def silences_between(spoken: Sequence[Timed], duration_s: float, shortest_s: float = 0.30) -> tuple[Span, ...]:
    """The stretches of at least `shortest_s` in which nobody speaks, from the start of the video to its end."""
    edges = [0.0, *(edge for phone in spoken for edge in (phone.start_s, phone.end_s)), duration_s]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return tuple(Span(start_s=start, end_s=end) for start, end in gaps if end - start >= shortest_s)


def _rounded(start_s: float, end_s: float) -> tuple[float, float]:
    return round(start_s, TIME_DIGITS), round(end_s, TIME_DIGITS)
