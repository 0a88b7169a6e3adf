"""A video is looked through once, window by window: its shots, and every face in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lipwright.contracts.footage import Footage, YuvFrame
from lipwright.contracts.progress import Progress
from lipwright.errors import FaceNotFound
from lipwright.face.scan_window import SCAN_VERSION, ScanState, ScanWindow
from lipwright.face.scanner import FaceScanner
from lipwright.face.tracks import ClipFaces
from lipwright.media.footage import read_footage
from lipwright.pipeline.overlap import prefetched
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

WINDOW_S = 10
MOST_WINDOW_FRAMES = 900
"""Of a video with a very high frame rate: a window's meshes are in memory while it is scanned."""
LEAST_S = 30
"""As much of a video is looked at even when less of it is shown: a person's mouths are collected from it."""
FRAMES_AHEAD = 6


@dataclass(frozen=True)
class Scan:
    """What is known of the faces of a video."""

    faces: ClipFaces
    """Of the frames that were looked at, from the first on."""
    digest: str
    """Of everything that it depends on."""


def scan(footage: Footage, video_digest: str, frames: int, store: StageStore, progress: Progress) -> Scan:
    """Look for faces in the beginning of a video.

    Args:
        frames: as many must be looked at, or all that there are.
    Raises: FaceNotFound: nothing in it looks like a face.
    """
    wanted = min(footage.frame_count, max(frames, round(LEAST_S * footage.fps)))
    size = min(MOST_WINDOW_FRAMES, max(1, round(WINDOW_S * footage.fps)))
    progress.stage("find faces", wanted)
    windows: list[ScanWindow] = []
    scanners = _Scanners(footage)
    key, state = None, None
    for first in range(0, wanted, size):
        count = min(size, footage.frame_count - first)
        key = StageKey(
            "scan",
            SCAN_VERSION,
            inputs={"video": video_digest, **({"before": key.digest} if key else {})},
            parameters={"first": first, "count": count, "fps": footage.fps},
        )

        def make(folder: Path, first: int = first, count: int = count, state: ScanState | None = state) -> None:
            scanners.scan(first, count, state, progress).save(folder)

        stored = store.get(key)
        window = ScanWindow.load(stored or memoise(store, key, make))
        state = window.state
        windows.append(window.without_state())
        if stored:
            progress.advance(count)
    if key is None:
        raise ValueError("footage has at least one frame")
    faces = ClipFaces.of(windows, footage.fps)
    if not faces.tracks and not faces.small_faces:
        raise FaceNotFound(
            f"`{footage.path}`: no face anywhere. Use a video in which somebody is seen from the front, or to replace "
            "the sound alone use an audio tool."
        )
    return Scan(faces, key.digest)


class _Scanners:
    """Builds a scanner when a window has to be scanned, and keeps it for the next one."""

    def __init__(self, footage: Footage) -> None:
        self._footage = footage
        self._scanner: FaceScanner | None = None
        self._next_frame = 0

    def scan(self, first: int, count: int, state: ScanState | None, progress: Progress) -> ScanWindow:
        if self._scanner is None or self._next_frame != first:
            self._scanner = FaceScanner(self._footage.fps, state)
        self._next_frame = first + count
        with prefetched(read_footage(self._footage, first, first + count), FRAMES_AHEAD) as frames:
            return self._scanner.scan(_counted(frames, progress))


def _counted(frames: Iterator[YuvFrame], progress: Progress) -> Iterator[YuvFrame]:
    for frame in frames:
        progress.check_cancelled()
        yield frame
        progress.advance(1)
