"""`lipwright speak --script launch.md`: a script in Markdown becomes a video of scenes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lipwright.cli import values
from lipwright.cli.invocation import Invocation

if TYPE_CHECKING:
    from lipwright.contracts.story import Background, Story
    from lipwright.pipeline.avatar.figure import Figure
    from lipwright.pipeline.video.request import VideoReport, VideoRequest
    from lipwright.settings import Settings

MARKDOWN = frozenset({".md", ".markdown"})


def is_story(script: Path | None) -> bool:
    """Whether a script has scenes."""
    return script is not None and script.suffix.lower() in MARKDOWN


def files_of(story: "Story", script: Path) -> dict[str, Path]:
    """Where the files of a story lie: beside its script. Names that lead elsewhere are refused when it is read."""
    return {name: script.parent / name for name in story.files()}


@dataclass(frozen=True)
class Opening:
    """The background that a command names, and its file."""

    background: "Background | None" = None
    files: dict[str, Path] = field(default_factory=dict)


def opening(given: str | None) -> Opening:
    """With which background a video begins whose script names none.

    Raises: UsageError, MediaNotFound: as values.parse_background.
    """
    from lipwright.contracts.story import Background

    if given is None:
        return Opening()
    what = values.parse_background(given)
    if what in values.BACKGROUNDS:
        return Opening(Background.model_validate({"kind": what}))
    if what.startswith("#"):
        return Opening(Background(kind="colour", value=what))
    return Opening(Background(kind="file", value=Path(what).name), {Path(what).name: Path(what)})


def make(
    invocation: Invocation,
    request: "VideoRequest",
    figure: "Figure",
    settings: "Settings",
    *,
    tts: str | None,
    enhance: str | None,
    quiet: bool,
) -> "VideoReport":
    """Make the video, and show progress."""
    from lipwright.cli.progress import watched
    from lipwright.pipeline.video.film import make_video
    from lipwright.wiring.engines import stage_store
    from lipwright.wiring.film import build_cast, video_engines

    invocation.resumable = True
    with watched(invocation.interrupts, quiet=quiet) as progress, stage_store(settings) as store:
        engines = video_engines(settings, tts=tts, enhance=enhance)
        cast = build_cast(figure, settings, store, progress, seed=request.seed)
        return make_video(request, cast, engines, store=store, progress=progress)


def show(invocation: Invocation, report: "VideoReport") -> None:
    """Print what was made."""
    if invocation.json:
        invocation.print_json(as_json(report))
        return
    resumed = len(report.story.scenes) - report.made_scenes
    earlier = f", {resumed} of an earlier run" if resumed else ""
    beside = "".join(f", {path}" for path in report.sidecars)
    invocation.print(f"{report.output}: {report.duration_s:.1f} s, {len(report.story.scenes)} scenes{earlier}{beside}")
    for note in report.notes:
        invocation.print(f"  note: {note}")


def as_json(report: "VideoReport") -> dict[str, object]:
    """What a program wants to know of it."""
    return {
        "output": str(report.output),
        "duration_s": report.duration_s,
        "frames": report.frames,
        "made_scenes": report.made_scenes,
        "story": report.story.model_dump(mode="json"),
        "notes": list(report.notes),
        "stages": [{"name": name, "seconds": seconds} for name, seconds in report.stage_s],
        "sidecars": [str(path) for path in report.sidecars],
    }
