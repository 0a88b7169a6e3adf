"""Drawn scenes, as files that travel from the workers that drew them to the one that joins them."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from lipwright.contracts.route import StageWork
from lipwright.media.output import output_error, write_text
from lipwright.media.scenes import SceneFiles, load_scene
from lipwright.pipeline.video.scene import DrawnScene

FACTS = "scene.json"


def publish_scene(work: StageWork, drawn: DrawnScene) -> dict[str, Path]:
    """The files of one scene, for the stage that it is a part of. Raises: OutputError."""
    parts = (drawn.files.head, drawn.files.body, drawn.files.tail)
    made = {path.name: _copied(path, work.folder / path.name) for path in parts if path is not None}
    write_text(work.folder / FACTS, json.dumps({"advice": drawn.advice}) + "\n")
    return {**made, FACTS: work.folder / FACTS}


def publish_scenes(work: StageWork, parts: Mapping[str, Mapping[str, Path]]) -> dict[str, Path]:
    """The files of all scenes, under names of their own.

    Args:
        parts: what `publish_scene` gave, by the numbers of the scenes from 0.
    Raises: OutputError.
    """
    return {
        name: _copied(path, work.folder / name)
        for part, files in parts.items()
        for name, path in ((f"{_stem(int(part))}-{file}", path) for file, path in files.items())
    }


def kept_scenes(work: StageWork, count: int) -> list[SceneFiles]:
    """The scenes that the stage before published.

    Raises: OutputError. MediaUnreadable: one is damaged.
    """
    scenes = []
    for number in range(count):
        folder, start = work.folder / "scenes" / str(number), f"{_stem(number)}-"
        try:
            folder.mkdir(parents=True)
            for name, path in work.earlier.items():
                if name.startswith(start):
                    (folder / name.removeprefix(start)).symlink_to(path.absolute())
        except OSError as exc:
            raise output_error(folder, exc) from exc
        scenes.append(load_scene(folder))
    return scenes


def _stem(number: int) -> str:
    return f"scene-{number + 1:02}"


def _copied(source: Path, target: Path) -> Path:
    try:
        shutil.copyfile(source, target)
    except OSError as exc:
        raise output_error(target, exc) from exc
    return target
