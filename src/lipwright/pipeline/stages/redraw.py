"""The picture of a video gets the mouth of another sound: faces are found, cast, and drawn window by window."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import Footage
from lipwright.contracts.progress import Progress
from lipwright.contracts.sync import Preset
from lipwright.face.conversation import Turn
from lipwright.face.tracks import ClipFaces
from lipwright.media.encoder import EncoderSettings
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.share import Share
from lipwright.pipeline.stages.animate import Animated, Work, animate
from lipwright.pipeline.stages.cast import cast, choose, uncast
from lipwright.pipeline.stages.hear import Driver, fitted
from lipwright.pipeline.stages.meet import POOR_BANK_ENGINE, People
from lipwright.pipeline.stages.overlay import Overlay
from lipwright.pipeline.stages.scan import scan
from lipwright.remote.waiting import cancellable
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs, preset_tuning
from lipwright.store.stages import StageStore


class PictureRequest(Protocol):
    """The part of a request that says how the picture is drawn."""

    @property
    def video(self) -> Path: ...

    @property
    def preset(self) -> Preset: ...

    @property
    def engine(self) -> str | None: ...

    @property
    def speaker(self) -> int | None: ...

    @property
    def audio_track(self) -> int | None: ...

    @property
    def seed(self) -> int: ...


@dataclass(frozen=True)
class Source:
    """The video that is drawn on."""

    footage: Footage
    digest: str
    """Of its file."""


@dataclass(frozen=True)
class Redrawn:
    """A picture whose windows are all made."""

    work: Work
    faces: ClipFaces | None
    """None where no face was looked for."""
    windows: list[Animated]
    engine: str
    """Name of the lip-sync engine; empty where none was wanted."""
    notes: tuple[str, ...] = ()


class Artist:
    """Builds lip-sync engines as a request wants them."""

    def __init__(self, request: PictureRequest, lipsync: Callable[[str, Knobs], LipSyncer]) -> None:
        """Choose the engine.

        Raises: ProviderUnknown, ProviderUnavailable: before any long work has begun.
        """
        self.tuning = preset_tuning(request.preset)
        self.engine = request.engine or self.tuning.engine
        self._seed = request.seed
        self._lipsync = lipsync
        self.build(self.engine)

    def build(self, name: str) -> LipSyncer:
        """An engine with the knobs of the preset."""
        return self._lipsync(name, {**self.tuning.knobs, "seed": self._seed})

    @property
    def encoder(self) -> EncoderSettings:
        return EncoderSettings(crf=self.tuning.crf, preset=self.tuning.x264_preset)


def redraw(
    request: PictureRequest,
    artist: Artist,
    source: Source,
    driver: Driver,
    plan: NDArray[np.int32],
    overlay: Overlay,
    *,
    turns: Sequence[Turn] = (),
    store: StageStore,
    progress: Progress,
    clock: StageClock,
    share: Share | None = None,
) -> Redrawn:
    """Draw the mouth of a sound.

    Args:
        turns: of several people, where the sound has them.
        plan: (frames,) frame of the footage that each frame of the result shows.
        share: which windows this run draws; None for all.
    Raises: FaceNotFound: there is no face in the video. UsageError: the speaker asked for is not there. LipSyncFailed,
        OutputError, Cancelled: finished windows are kept. Partly: others draw the rest.
    """
    with clock.stage("find faces"):
        scanned = scan(source.footage, source.digest, int(plan.max()) + 1, store, progress)
    mouth = fitted(driver.mouth, len(plan))
    people = People(
        source.footage,
        scanned.faces,
        engine=artist.engine,
        most_exemplars=artist.tuning.most_exemplars,
        build=artist.build,
    )
    chosen = cast(scanned.faces, choose(request, scanned.faces, turns), plan, mouth, driver.loud)
    work = Work(
        footage=source.footage,
        driver=driver,
        mouth=mouth,
        cast=chosen,
        people=people,
        tuning={**asdict(artist.tuning), "seed": request.seed},
        encoder=artist.encoder,
        overlay=overlay,
        digests={"video": source.digest, "scan": scanned.digest},
    )
    with clock.stage("animate"), cancellable(progress.check_cancelled):
        windows = animate(work, store, progress, share)
    return Redrawn(work, scanned.faces, windows, artist.engine, _notes(work, windows, artist.engine))


def copy_drawn(
    artist: Artist,
    source: Source,
    driver: Driver,
    plan: NDArray[np.int32],
    overlay: Overlay,
    reason: str,
    *,
    store: StageStore,
    progress: Progress,
    clock: StageClock,
    share: Share | None = None,
) -> Redrawn:
    """Encode the picture with what lies over it; no mouth is drawn, and no face looked for.

    Args:
        reason: why no mouth is drawn.
        share: which windows this run encodes; None for all.
    Raises: OutputError, Cancelled. Partly: others encode the rest.
    """
    work = Work(
        footage=source.footage,
        driver=driver,
        mouth=fitted(driver.mouth, len(plan)),
        cast=uncast(plan, source.footage.fps, reason),
        people=None,
        tuning={},
        encoder=artist.encoder,
        overlay=overlay,
        digests={"video": source.digest},
    )
    with clock.stage("animate"):
        windows = animate(work, store, progress, share)
    return Redrawn(work, None, windows, "")


def _notes(work: Work, windows: list[Animated], engine: str) -> tuple[str, ...]:
    drawn = np.concatenate([window.drawn for window in windows])
    if not drawn.any():
        return ("no mouth was drawn: the picture is the video's own throughout",)
    tracks = np.unique(work.cast.track[drawn]).tolist()
    if any(work.cast_of(track).engine == POOR_BANK_ENGINE != engine for track in tracks):
        return ("the mouth hardly moves in the video: it is drawn as in a photo, frame by frame",)
    return ()
