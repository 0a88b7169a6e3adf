"""What is behind the scenes of a job and between their words, as files that people may look at, and replace."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from lipwright.contracts.route import StageWork
from lipwright.contracts.story import Background, Scene, Story
from lipwright.contracts.strict import AssetDigest, Strict
from lipwright.errors import MediaUnreadable, UsageError
from lipwright.media.image import save_image
from lipwright.media.output import output_error, write_text
from lipwright.pipeline.video.material import Material, Shown
from lipwright.pipeline.video.request import VideoRequest
from lipwright.render.backgrounds.backdrop import open_backdrop
from lipwright.store.digest import file_digest
from lipwright.story.timing import frame_of

PICTURES = "pictures.json"
"""Which picture was made for what."""
_OWN = frozenset({"keep", "blur"})
KEEP = Background(kind="keep")


class _Cut(Strict):
    """A cut-away that was found by its tags."""

    number: int
    """Of the scene's cut-aways, from 0."""
    tags: tuple[str, ...]
    file: str
    """The name under which its picture is published."""


class _Scene(Strict):
    background: Background
    """As the story has it."""
    picture: AssetDigest | None = None
    """Of the picture that was published; None where the person's own background is kept."""
    cuts: tuple[_Cut, ...] = ()


class _Pictures(Strict):
    version: Literal[1] = 1
    scenes: tuple[_Scene, ...]


def publish_pictures(
    work: StageWork, story: Story, material: Sequence[Material], request: VideoRequest
) -> dict[str, Path]:
    """Write down what the scenes show: a picture of each background, and what was found in the library.

    Raises: MediaError, ProviderError, OutputError.
    """
    made: dict[str, Path] = {}
    scenes = []
    for number, (scene, found) in enumerate(zip(story.scenes, material, strict=True)):
        work.progress.check_cancelled()
        background = scene.background or KEEP
        digest = None
        if background.kind not in _OWN:
            path = work.folder / background_name(number)
            _save(path, found, request)
            made[path.name], digest = path, file_digest(path)
        cuts = tuple(_found(work.folder, number, scene, found, request))
        made |= {cut.file: work.folder / cut.file for cut in cuts}
        scenes.append(_Scene(background=background, picture=digest, cuts=cuts))
    write_text(work.folder / PICTURES, _Pictures(scenes=tuple(scenes)).model_dump_json(indent=2) + "\n")
    return {**made, PICTURES: work.folder / PICTURES}


def kept_material(story: Story, request: VideoRequest, earlier: Mapping[str, Path]) -> list[Material]:
    """What the scenes show, from what was published; a picture that a person put in its place is what is behind.

    Args:
        story: with its exact times.
        earlier: files of the stages before, by name.
    Raises: UsageError: the pictures are of another storyboard. MediaUnreadable.
    """
    try:
        pictures = _Pictures.model_validate_json(earlier[PICTURES].read_bytes())
    except ValidationError as exc:
        raise MediaUnreadable(f"`{PICTURES}`: it is damaged. Retry the stage `backgrounds`.") from exc
    if len(pictures.scenes) != len(story.scenes):
        raise _other_storyboard(len(pictures.scenes))
    return [
        _kept(number, scene, kept, request, earlier)
        for number, (scene, kept) in enumerate(zip(story.scenes, pictures.scenes, strict=True))
    ]


def background_name(number: int) -> str:
    """Of a scene, counted from 0."""
    return f"background-{number + 1:02}.png"


def _save(path: Path, found: Material, request: VideoRequest) -> None:
    backdrop = open_backdrop(found.background, found.files, *request.size, request.fps, 1, None)
    save_image(path, next(iter(backdrop.frames())) if backdrop.still is None else backdrop.still)


def _found(folder: Path, number: int, scene: Scene, found: Material, request: VideoRequest) -> list[_Cut]:
    cuts = []
    lasting = [(place, cut) for place, cut in enumerate(scene.cut_aways) if frame_of(cut.duration_s, request.fps)]
    for (place, cut), shown in zip(lasting, found.shown, strict=True):
        if cut.file is None:
            name = f"b-roll-{number + 1:02}-{place + 1}{shown.path.suffix.lower()}"
            try:
                shutil.copyfile(shown.path, folder / name)
            except OSError as exc:
                raise output_error(folder / name, exc) from exc
            cuts.append(_Cut(number=place, tags=cut.tags, file=name))
    return cuts


def _kept(number: int, scene: Scene, kept: _Scene, request: VideoRequest, earlier: Mapping[str, Path]) -> Material:
    if kept.background != (scene.background or KEEP):
        raise _other_storyboard(number + 1)
    files, background, name = dict(request.files), kept.background, background_name(number)
    if name in earlier and (background.kind == "prompt" or file_digest(earlier[name]) != kept.picture):
        files[name] = earlier[name]
        background = Background(kind="file", value=name)
    found = {(cut.number, cut.tags): cut.file for cut in kept.cuts}
    shown = []
    for place, cut in enumerate(scene.cut_aways):
        start, frames = frame_of(cut.start_s, request.fps), frame_of(cut.duration_s, request.fps)
        if not frames:
            continue
        file = cut.file or found.get((place, cut.tags))
        if file is None:
            raise _other_storyboard(number + 1)
        shown.append(Shown(request.files[file] if cut.file else earlier[file], file, start, frames))
    return Material(background, files, tuple(shown))


def _other_storyboard(scene: int) -> UsageError:
    return UsageError(
        f"scene {scene}: its pictures were made for another storyboard. Retry from the stage `backgrounds`."
    )
