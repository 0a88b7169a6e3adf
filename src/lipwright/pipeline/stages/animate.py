"""The frames of a video get their new mouth, window by window; each finished window is kept as an encoded segment."""

import itertools
import json
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import Footage, Region, YuvFrame
from lipwright.contracts.lipsync import FaceFrame, LipSyncWindow
from lipwright.contracts.media import Plate
from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import PixelBox
from lipwright.contracts.sync import Untouched
from lipwright.errors import LipSyncFailed, ProviderError
from lipwright.inference import return_memory
from lipwright.media.encoder import EncoderSettings
from lipwright.media.footage import read_frames_at
from lipwright.media.plate import blend
from lipwright.media.segment import SegmentWriter
from lipwright.media.yuv import apply_change, region_around, region_rgb
from lipwright.pipeline.overlap import prefetched
from lipwright.pipeline.share import Share
from lipwright.pipeline.stages.cast import Cast
from lipwright.pipeline.stages.hear import ENGINE_RATE_HZ, Driver
from lipwright.pipeline.stages.meet import People, Role, face_frame, face_region
from lipwright.pipeline.stages.overlay import Overlay
from lipwright.pipeline.windows import Window, cut_windows
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.lipsync.runner import draw_stretch
from lipwright.store.digest import array_digest
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

ANIMATE_VERSION = 2
FRAMES_AHEAD = 4
PICTURE, FACTS, FRAMES = "picture.mp4", "window.json", "frames.npy"
FRAME = np.dtype([("gap", np.float32), ("drawn", np.bool_)])


@dataclass(frozen=True)
class Work:
    """Everything that a window is made of."""

    footage: Footage
    driver: Driver
    mouth: MouthTrack
    """As long as the result."""
    cast: Cast
    people: People | None
    """None where no mouth is drawn."""
    tuning: dict[str, object]
    """Of the engine; a part of each window's key."""
    encoder: EncoderSettings
    overlay: Overlay
    digests: dict[str, str]
    """Of the video and its scan."""

    def cast_of(self, track: int) -> Role:
        """How the person of a track is drawn."""
        return self._known_people().role(track)

    def engine_of(self, track: int) -> LipSyncer:
        """Who draws them."""
        return self._known_people().engine(self.cast_of(track).engine)

    def session_of(self, track: int) -> LipSyncSession:
        """The engine's session with them; beginning one reads frames of the video."""
        return self._known_people().session(track)

    def _known_people(self) -> People:
        if self.people is None:
            raise ValueError("a track is cast although nobody is known")
        return self.people


@dataclass(frozen=True)
class Animated:
    """A finished window."""

    window: Window
    picture: Path
    """Its segment."""
    gap: NDArray[np.float32]
    """(frames,) inner-lip gap that was drawn, IOD; NaN where nothing was, or the engine does not know."""
    drawn: NDArray[np.bool_]
    """(frames,) whose mouth was drawn."""
    failed: tuple[Untouched, ...]
    """Stretches that the engine could not draw, in seconds of the result."""
    changed: PixelBox | None
    """Outside of it no pixel was changed; None if none was."""
    resumed: bool
    """An earlier run had made it."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A frame of the video, with the face that is cut out of it."""

    frame: YuvFrame
    region: Region | None = None
    face: FaceFrame | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Consecutive frames of the result that show one track, or none that is drawn."""

    first: int
    end: int
    track: int
    """-1 for frames that stay as they are."""


def animate(work: Work, store: StageStore, progress: Progress, share: Share | None = None) -> list[Animated]:
    """Make every window that is not there yet.

    Args:
        share: which windows this run makes; None for all.
    Raises: LipSyncFailed: an engine cannot work at all, with the number of the window. OutputError, Cancelled. Partly:
        others make the rest. Finished windows are kept.
    """
    windows = cut_windows(work.cast.weight, work.mouth.gap, work.footage.fps)
    share = share or Share()
    mine = share.of(len(windows))
    progress.stage("animate", sum(windows[place].end - windows[place].first for place in mine))
    done = []
    for place in mine:
        number, window = place + 1, windows[place]
        progress.check_cancelled()
        key = _key(work, window)
        stored = store.get(key)

        def make(folder: Path, window: Window = window) -> None:
            _make(work, window, folder, progress)

        try:
            folder = stored or memoise(store, key, make)
        except ProviderError as exc:
            start_s, end_s = (float(frame / work.footage.fps) for frame in window)
            message = f"lip-sync of window {number}, {start_s:.1f} to {end_s:.1f} s: {exc}"
            raise LipSyncFailed(message, exc, number) from exc
        if stored:
            progress.advance(window.end - window.first)
        done.append(_load(folder, window, work, resumed=stored is not None))
        return_memory()
    share.end()
    return done


def _key(work: Work, window: Window) -> StageKey:
    rows = slice(window.first, window.end)
    cast, mouth = work.cast, work.mouth
    tracks = sorted({stretch.track for stretch in _stretches(cast, window)} - {-1})
    roles = [work.cast_of(track) for track in tracks]
    engines = sorted(
        {role.engine: work.engine_of(track).version for role, track in zip(roles, tracks, strict=True)}.items()
    )
    return StageKey(
        "animate",
        ANIMATE_VERSION,
        provider=" ".join(f"{name}:{version}" for name, version in engines),
        tuning=work.tuning,
        inputs={
            **work.digests,
            "plan": array_digest(cast.plan[rows]),
            "tracks": array_digest(cast.track[rows]),
            "weights": array_digest(cast.weight[rows]),
            "mouth": array_digest(np.column_stack([mouth.controls[rows], mouth.gap[rows], mouth.closed[rows]])),
            "sound": array_digest(_sound(work, window.first, window.end)) if tracks else "",
            **{f"exemplars {role.engine} {n}": array_digest(role.exemplars) for n, role in enumerate(roles)},
            "overlay": work.overlay.digest(window.first / work.footage.fps, window.end / work.footage.fps),
        },
        parameters={"fps": work.footage.fps, "encoder": work.encoder},
    )


def _stretches(cast: Cast, window: Window) -> Iterator[_Stretch]:
    """Cut a window where another face begins, or drawing ends."""
    rows = slice(window.first, window.end)
    who = np.where(cast.weight[rows] > 0, cast.track[rows], -1)
    edges = [0, *(np.flatnonzero(np.diff(who)) + 1).tolist(), len(who)]
    for start, end in itertools.pairwise(edges):
        yield _Stretch(window.first + start, window.first + end, int(who[start]))


def _make(work: Work, window: Window, folder: Path, progress: Progress) -> None:
    footage = work.footage
    maker = _Maker(work)
    with (
        prefetched(maker.taken(window), FRAMES_AHEAD) as taken,
        SegmentWriter(
            folder / PICTURE,
            footage.width_px,
            footage.height_px,
            footage.fps,
            full_chroma=footage.full_chroma,
            settings=work.encoder,
        ) as writer,
    ):
        for stretch in _stretches(work.cast, window):
            for frame in maker.drawn(stretch, taken):
                progress.check_cancelled()
                writer.write(frame)
                progress.advance(1)
    np.save(folder / FRAMES, np.array(maker.frames, FRAME))
    facts = {"failed": [asdict(span) for span in maker.failed], "changed": maker.changed}
    (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")


class _Maker:
    """Draws the frames of one window."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.frames: list[tuple[float, bool]] = []
        """Gap, and whether the mouth was drawn."""
        self.failed: list[Untouched] = []
        self.changed: list[int] | None = None

    def taken(self, window: Window) -> Iterator[_Taken]:
        """Read the frames of a window, and cut out the faces that are to be drawn."""
        work = self._work
        with_faces = (stretch for stretch in _stretches(work.cast, window))
        frames = read_frames_at(work.footage, work.cast.plan[window.first : window.end])
        for stretch in with_faces:
            sources = work.cast.plan[stretch.first : stretch.end]
            points = self._points(stretch.track, sources)
            for offset, number in enumerate(sources.tolist()):
                frame = next(frames)
                if points is None:
                    yield _Taken(frame)
                    continue
                mesh = points[offset]
                region = face_region(mesh, work.footage)
                weight = float(work.cast.weight[stretch.first + offset])
                yield _Taken(frame, region, face_frame(frame, region, mesh, weight, number))

    def drawn(self, stretch: _Stretch, taken: Iterator[_Taken]) -> Iterator[YuvFrame]:
        """Draw a stretch whose frames come next."""
        if stretch.track < 0:
            for number in range(stretch.first, stretch.end):
                frame = next(taken).frame
                self._overlay(frame, number)
                self.frames.append((math.nan, False))
                yield frame
            return
        work = self._work
        held: deque[_Taken] = deque()
        rows = slice(stretch.first, stretch.end)
        window = LipSyncWindow(
            work.footage.fps,
            _faces(taken, stretch.end - stretch.first, held),
            MouthTrack(work.mouth.fps, work.mouth.controls[rows], work.mouth.gap[rows], work.mouth.closed[rows]),
            _sound(work, stretch.first, stretch.end),
        )
        engine, session = work.engine_of(stretch.track), work.session_of(stretch.track)
        for number, drawn in draw_stretch(session, engine.needs, window, self._note_failure(stretch)):
            shown = held.popleft()
            if drawn is not None and shown.region is not None and shown.face is not None:
                apply_change(shown.frame, shown.region, shown.face.image, drawn.image)
                self._note_change(shown.region)
            self.frames.append((math.nan, False) if drawn is None else (drawn.gap, True))
            self._overlay(shown.frame, stretch.first + number)
            yield shown.frame

    def _points(self, track: int, sources: NDArray[np.int32]) -> NDArray[np.float32] | None:
        """(frames, 478, 3) meshes of a track in frames of the footage, in whatever order these come."""
        if track < 0:
            return None
        face = self._work.cast_of(track).tracks
        first, end = int(sources.min()), int(sources.max()) + 1
        one = next(one for one in face if one.number == track)
        return one.read(first, end).points[sources - first]

    def _overlay(self, frame: YuvFrame, number: int) -> None:
        footage = self._work.footage
        for plate in self._work.overlay.plates_at(float(number / footage.fps)):
            height, width = plate.rgba.shape[:2]
            edges = (plate.x_px, plate.y_px, plate.x_px + width, plate.y_px + height)
            region = region_around(*edges, (footage.width_px, footage.height_px))
            before = region_rgb(frame, region)
            after = before.copy()
            blend(after, Plate(plate.rgba, plate.x_px - region.left, plate.y_px - region.top))
            apply_change(frame, region, before, after)

    def _note_failure(self, stretch: _Stretch) -> Callable[[Untouched], None]:
        begun_s = float(stretch.first / self._work.footage.fps)

        def note(span: Untouched) -> None:
            self.failed.append(Untouched(begun_s + span.start_s, begun_s + span.end_s, span.reason))

        return note

    def _note_change(self, region: Region) -> None:
        edges = [region.left, region.top, region.left + region.width, region.top + region.height]
        known = self.changed or edges
        self.changed = [min(a, b) for a, b in zip(known[:2], edges[:2], strict=True)] + [
            max(a, b) for a, b in zip(known[2:], edges[2:], strict=True)
        ]


def _faces(taken: Iterator[_Taken], count: int, held: deque[_Taken]) -> Iterator[FaceFrame]:
    """Hand the faces of the next frames to an engine; the frames wait until it has drawn them."""
    for _ in range(count):
        one = next(taken)
        if one.face is None:
            raise ValueError("a frame that is to be drawn has a face")
        held.append(one)
        yield one.face


def _sound(work: Work, first: int, end: int) -> NDArray[np.float32]:
    """What is heard in some frames of the result: mono, 16 kHz; silence behind the end of the sound."""
    start, stop = (round(frame * ENGINE_RATE_HZ / work.footage.fps) for frame in (first, end))
    heard = work.driver.mono.read(start, stop - start)
    return np.concatenate([heard, np.zeros(stop - start - len(heard), np.float32)])


def _load(folder: Path, window: Window, work: Work, *, resumed: bool) -> Animated:
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    changed = facts["changed"]
    frames = np.load(folder / FRAMES)
    return Animated(
        window,
        folder / PICTURE,
        frames["gap"],
        frames["drawn"],
        tuple(Untouched(**span) for span in facts["failed"]),
        PixelBox(left=changed[0], top=changed[1], right=changed[2], bottom=changed[3]) if changed else None,
        resumed,
    )
