"""What a re-animated video cannot tell of itself is written beside it."""

from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright import __version__
from lipwright.contracts.sidecar import (
    FaceSpan,
    PixelBox,
    Rewritten,
    Sidecar,
    UntouchedSpan,
    frame_runs,
    sidecar_path,
)
from lipwright.contracts.sync import Untouched
from lipwright.face.tracks import ClipFaces
from lipwright.media.sidecar import write_sidecar
from lipwright.pipeline.stages.animate import Animated
from lipwright.pipeline.stages.cast import Cast
from lipwright.pipeline.stages.redraw import Redrawn

NOTHING = PixelBox(left=0, top=0, right=0, bottom=0)


def describe_sync(output: Path, text: str, seed: int, redrawn: Redrawn) -> Path:
    """Write the sidecar of a finished video; returns its path.

    Args:
        text: what was given to be said; empty for what was recognised.
    """
    work, faces, windows = redrawn.work, redrawn.faces, redrawn.windows
    driver, cast, footage = work.driver, work.cast, work.footage
    drawn = drawn_frames(windows)
    gap = np.concatenate([window.gap for window in windows])
    weight = np.where(drawn, cast.weight, 0)
    spans = tuple(_face_spans(cast, faces)) if faces else ()
    first = spans[0] if spans else None
    eyes = _eye_distance_px(cast, faces, first.first) if first and faces else 0.0
    sidecar = Sidecar(
        lipwright=__version__,
        source=footage.path.name,
        text=text or driver.text,
        language=driver.language,
        engine=driver.engine,
        voice=driver.voice,
        seed=seed,
        fps=footage.fps,
        width_px=footage.width_px,
        height_px=footage.height_px,
        duration_s=float(len(cast) / footage.fps),
        phonemes=driver.phonemes,
        words=driver.words,
        silences=driver.silences,
        gap=tuple(np.where(drawn, np.where(np.isfinite(gap), gap, work.mouth.gap), 0).tolist()),
        closed=tuple(np.where(drawn, work.mouth.closed, 0).tolist()),
        eye_distance_px=eyes,
        face_box=first.box if first else NOTHING,
        person_box=_union([window.changed for window in windows if window.changed]),
        overlays=work.overlay.boxes(),
        rewritten=Rewritten(
            source_fps=footage.fps,
            source_frames=footage.frame_count,
            plan=frame_runs(cast.plan.tolist()),
            weight=tuple(weight.tolist()),
            faces=spans,
            untouched=tuple(_untouched(untouched_stretches(cast, windows))),
            lip_sync=redrawn.engine,
            heard=driver.heard,
        ),
    )
    path = sidecar_path(output)
    write_sidecar(path, sidecar)
    return path


def drawn_frames(windows: Sequence[Animated]) -> NDArray[np.bool_]:
    """(frames,) whose mouth was drawn."""
    return np.concatenate([window.drawn for window in windows])


def untouched_stretches(cast: Cast, windows: Sequence[Animated]) -> list[tuple[int, int, str]]:
    """First frame, frame behind the last, and reason of everything that stayed as it was."""
    fps = cast.fps
    reasons = list(cast.reasons)
    for span in (span for window in windows for span in window.failed):
        for frame in range(round(span.start_s * fps), round(span.end_s * fps)):
            reasons[frame] = reasons[frame] or span.reason
    stretches = []
    first = 0
    for reason, group in groupby(reasons):
        end = first + len(list(group))
        if reason:
            stretches.append((first, end, reason))
        first = end
    return stretches


def untouched(cast: Cast, windows: Sequence[Animated]) -> tuple[Untouched, ...]:
    """The same in seconds."""
    return tuple(
        Untouched(float(first / cast.fps), float(end / cast.fps), reason)
        for first, end, reason in untouched_stretches(cast, windows)
    )


def _untouched(stretches: Sequence[tuple[int, int, str]]) -> list[UntouchedSpan]:
    return [UntouchedSpan(first=first, count=end - first, reason=reason) for first, end, reason in stretches]


def _face_spans(cast: Cast, faces: ClipFaces) -> list[FaceSpan]:
    """One for each stretch in which a track is shown without a jump."""
    jumps = (np.diff(cast.track) != 0) | (np.abs(np.diff(cast.plan)) > 1)
    edges = [0, *(np.flatnonzero(jumps) + 1).tolist(), len(cast)]
    spans = []
    for first, end in pairwise(edges):
        track = int(cast.track[first])
        if track < 0:
            continue
        mesh = _mesh(cast, faces, first)
        if not np.isfinite(mesh).all():
            continue
        low, high = np.floor(mesh[:, :2].min(axis=0)).astype(int), np.ceil(mesh[:, :2].max(axis=0)).astype(int)
        box = PixelBox(left=int(low[0]), top=int(low[1]), right=int(high[0]) + 1, bottom=int(high[1]) + 1)
        spans.append(FaceSpan(first=first, count=end - first, person=faces.tracks[track].person, box=box))
    return spans


def _mesh(cast: Cast, faces: ClipFaces, frame: int) -> NDArray[np.float32]:
    number = int(cast.plan[frame])
    points: NDArray[np.float32] = faces.tracks[int(cast.track[frame])].read(number, number + 1).points[0]
    return points


def _eye_distance_px(cast: Cast, faces: ClipFaces, frame: int) -> float:
    mesh = _mesh(cast, faces, frame)
    return float(np.linalg.norm(mesh[263, :2] - mesh[33, :2]))


def _union(boxes: Sequence[PixelBox]) -> PixelBox:
    if not boxes:
        return NOTHING
    return PixelBox(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )
