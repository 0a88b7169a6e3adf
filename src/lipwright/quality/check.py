"""Measures a finished file as a stranger would: decode it, find the face again, compare with what was promised."""

from fractions import Fraction
from pathlib import Path

from lipwright.contracts.progress import Progress, SilentProgress
from lipwright.contracts.sidecar import Sidecar, sidecar_path
from lipwright.errors import MediaUnreadable
from lipwright.media.frames import read_frames
from lipwright.media.probe import open_media, probe, timeline_start_s
from lipwright.media.sidecar import read_sidecar
from lipwright.quality.evidence import Evidence
from lipwright.quality.judge_face import judge_face
from lipwright.quality.judge_time import judge_time
from lipwright.quality.limits import Limits
from lipwright.quality.reference import Photo
from lipwright.quality.report import QualityReport
from lipwright.quality.scenes import story_beside
from lipwright.quality.sound import listen
from lipwright.quality.sweep import sweep


def check(
    path: Path,
    *,
    sidecar: Path | None = None,
    source: Path | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> QualityReport:
    """Measure a finished video. Frames stream: memory does not grow with its length.

    Args:
        sidecar: what was said when; None takes the file beside the video, if there is one.
        source: the photo that the video was made of, to compare sharpness with.
        limits: what the figures are held against; None for what Lipwright promises.
    Raises:
        MediaNotFound: the video, the named sidecar or the photo does not exist.
        MediaUnreadable: the video is damaged, cut short or has no moving picture; the sidecar or the photo is damaged.
        Cancelled.
    """
    told = progress or SilentProgress()
    described, used = sidecar_of(path, sidecar)
    evidence = gather(path, described, source, told)
    held = limits or Limits()
    metrics = (*judge_time(evidence, held), *judge_face(evidence, held))
    return QualityReport(path=path, sidecar=used, source=source, metrics=metrics)


def gather(path: Path, sidecar: Sidecar | None, source: Path | None, progress: Progress) -> Evidence:
    """Everything that can be measured, before it is judged.

    Raises: MediaNotFound, MediaUnreadable, Cancelled: as `check`.
    """
    clip = probe(path)
    video = clip.video
    if video is None:
        raise MediaUnreadable(f"`{path}`: has no picture, only sound. Name a finished video.")
    photo = Photo(source, video.width_px, video.height_px) if source is not None else None
    progress.stage("listen", None)
    sound = listen(path, clip.audio[0].channels) if clip.audio else None
    progress.stage("measure", video.frame_count)
    seen = sweep(read_frames(path), video.fps, sidecar, progress, photo.detail_scale if photo is not None else 1.0)
    return Evidence(
        clip=clip,
        video=video,
        sweep=seen,
        sound=sound,
        sound_start_s=sound_start_s(path) if clip.audio else None,
        sidecar=sidecar,
        source=source,
        story=story_beside(path),
        reference=photo.reference(seen.first_mesh) if photo is not None and seen.first_mesh is not None else None,
    )


def sidecar_of(path: Path, named: Path | None) -> tuple[Sidecar | None, Path | None]:
    """The named sidecar, or the one beside the video if there is one, and where it lies."""
    if named is not None:
        return read_sidecar(named), named
    beside = sidecar_path(path)
    return (read_sidecar(beside), beside) if beside.exists() else (None, None)


def sound_start_s(path: Path) -> Fraction:
    """When the first sound track begins on the clip's timeline."""
    with open_media(path) as container:
        stream = container.streams.audio[0]
        if stream.start_time is None or stream.time_base is None:
            return Fraction(0)
        return stream.start_time * stream.time_base - timeline_start_s(container)
