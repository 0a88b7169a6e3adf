"""What the scenes of a story show besides the person: pictures are found, and painted, before anything is drawn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Background, CutAway, Scene, Story
from lipwright.errors import MediaNotFound, ProviderUnavailable
from lipwright.media.image import save_image
from lipwright.pipeline.video.request import VideoEngines, VideoRequest
from lipwright.render.backgrounds.base import ImageEngine
from lipwright.render.broll.library import Library
from lipwright.store.digest import file_digest
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise
from lipwright.story.timing import frame_of

PAINTED = "painted.png"


@dataclass(frozen=True, slots=True)
class Shown:
    """A cut-away with its picture."""

    path: Path
    name: str
    """What messages call it."""
    start_frame: int
    """Of its scene."""
    frames: int


@dataclass(frozen=True, slots=True)
class Material:
    """Of one scene."""

    background: Background
    """Never `prompt`: what was painted is a file."""
    files: Mapping[str, Path]
    shown: tuple[Shown, ...]
    """In order, not overlapping."""

    def digests(self) -> dict[str, str]:
        """Of all files, for a key."""
        behind = self.background
        found = {f"cut-away {n}": file_digest(cut.path) for n, cut in enumerate(self.shown)}
        if behind.kind == "file":
            found["background"] = file_digest(self.files[behind.value])
        return found


def check_makers(story: Story, engines: VideoEngines) -> None:
    """Make sure, before any long work, that somebody paints and finds what a story asks for.

    Raises: ProviderUnavailable: nothing paints. MediaNotFound: there is no library.
    """
    for scene in story.scenes:
        if scene.background and scene.background.kind == "prompt" and engines.image() is None:
            raise _no_painter(scene.background.value)
        for cut in scene.cut_aways:
            if cut.file is None and engines.library() is None:
                raise _no_library(cut)


def gather(
    story: Story,
    request: VideoRequest,
    engines: VideoEngines,
    store: StageStore,
    progress: Progress,
    takes: Mapping[int, int] = MappingProxyType({}),
) -> list[Material]:
    """Find, or paint, all that the scenes show.

    Args:
        story: with its exact times.
        takes: of scenes whose backgrounds are to be painted anew, by their numbers from 0.
    Raises: MediaNotFound: a file, or a picture with some tags, is not there. ProviderError: nothing paints.
    """
    painting = [scene for scene in story.scenes if scene.background and scene.background.kind == "prompt"]
    progress.stage("backgrounds", len(painting) or None)
    painter = engines.image() if painting else None
    tagged = any(cut.tags for scene in story.scenes for cut in scene.cut_aways)
    library = engines.library() if tagged else None
    taken: list[Path] = []
    found = []
    for number, scene in enumerate(story.scenes):
        progress.check_cancelled()
        behind, files = scene.background or Background(kind="keep"), dict(request.files)
        if behind.kind == "prompt":
            files[PAINTED] = paint(behind.value, request.size, painter, store, takes.get(number, 0))
            behind = Background(kind="file", value=PAINTED)
            progress.advance(1)
        shown = tuple(_shown(scene, request.files, request.fps, library, taken))
        found.append(Material(behind, files, shown))
    return found


def paint(words: str, size: tuple[int, int], engine: ImageEngine | None, store: StageStore, take: int) -> Path:
    """A picture of some words; what an engine painted once is kept.

    Args:
        take: 0 is the first; another one asks the engine again.
    Raises: ProviderUnavailable: there is no engine. ProviderError.
    """
    if engine is None:
        raise _no_painter(words)
    key = StageKey("paint", 1, provider=engine.identity(*size), parameters={"words": words}, take=take)
    return memoise(store, key, lambda folder: save_image(folder / PAINTED, engine.paint(words, *size))) / PAINTED


def _shown(
    scene: Scene, files: Mapping[str, Path], fps: Fraction, library: Library | None, taken: list[Path]
) -> Iterator[Shown]:
    for cut in scene.cut_aways:
        start, frames = frame_of(cut.start_s, fps), frame_of(cut.duration_s, fps)
        if frames == 0:
            continue
        if cut.file is not None:
            yield Shown(files[cut.file], cut.file, start, frames)
            continue
        if library is None:
            raise _no_library(cut)
        path = library.find(cut.tags, taken)
        taken.append(path)
        yield Shown(path, path.name, start, frames)


def _no_painter(words: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"background `{words}`: nothing paints it. Set LIPWRIGHT_IMAGE=openai, or name a file, a colour or a gradient."
    )


def _no_library(cut: CutAway) -> MediaNotFound:
    return MediaNotFound(
        f"b-roll `{', '.join(cut.tags)}`: there is no library to search. Set LIPWRIGHT_LIBRARY_DIR to a folder of"
        " pictures and clips, or name a file."
    )
