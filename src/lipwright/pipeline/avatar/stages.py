"""The stages of an avatar's creation that work on pictures: files in, files out, each runnable on its own."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from lipwright.contracts.avatar import CLIP, PHOTO
from lipwright.contracts.face import FaceMesh
from lipwright.contracts.progress import Progress
from lipwright.errors import MediaUnreadable
from lipwright.face.matte import PersonMatte
from lipwright.face.tracks import FollowedFace
from lipwright.media.image import flatten, load_image
from lipwright.pipeline.avatar.bank import learn
from lipwright.pipeline.avatar.clip import best_frame, clip_advice, look_through
from lipwright.pipeline.avatar.face_facts import measure, only_face
from lipwright.pipeline.avatar.files import (
    FACE,
    Files,
    read_mesh,
    write_facts,
    write_mesh,
    write_picture,
)
from lipwright.pipeline.avatar.kept_scan import put_back, scan_files, scanning
from lipwright.pipeline.avatar.neutral import neutral_picture
from lipwright.pipeline.avatar.picture import pose_files
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.pipeline.stages.prepare import WHITE
from lipwright.store.digest import file_digest

FOUND = "found-face.json"
"""Where the face of a photo is, between stages; of a pose: `found-<name>.json`."""


def validate(request: AvatarRequest, folder: Path, progress: Progress) -> dict[str, Path]:
    """Make sure that the photo or the clip, and the photos of all poses, can become an avatar.

    Returns: the photo upright in sRGB, or the clip as it is with its scan and its best frame as the photo; the facts of
        the face; what was uploaded of poses.
    Raises: MediaError, FaceError: with what would be right.
    """
    if request.clip is not None:
        made = _validate_clip(request.clip, folder, progress)
    elif request.photo is not None:
        progress.stage("validate", None)
        made = _validate_photo(request.photo, "", folder)
    else:
        raise ValueError("a request has a photo or a clip")
    for pose, photo in request.poses.items():
        progress.check_cancelled()
        made |= _validate_photo(photo, pose, folder)
    return made


def draw_neutral(files: Files, folder: Path, progress: Progress) -> dict[str, Path]:
    """Frame the person of each photo, and close their mouth."""
    progress.stage("neutral", None)
    made = {}
    for pose in _poses(files):
        progress.check_cancelled()
        photo, found = _photo_files(pose)
        image, _, mesh = pose_files(pose)
        picture = load_image(files[photo])
        drawn, alpha, face = neutral_picture(flatten(picture, WHITE), picture.alpha, read_mesh(files[found]))
        cut = None if alpha is None else np.asarray(np.round(alpha * 255), np.uint8)
        made[image] = write_picture(folder / image, drawn, cut)
        made[mesh] = write_mesh(folder / mesh, face)
    return made


def cut_out(files: Files, folder: Path, progress: Progress) -> dict[str, Path]:
    """Separate the person of each neutral picture from the background. A photo that was cut out already stays so."""
    progress.stage("matte", None)
    matter = PersonMatte()
    made = {}
    for pose in _poses(files):
        progress.check_cancelled()
        image, matte, mesh = pose_files(pose)
        picture = load_image(files[image])
        if picture.alpha is not None:
            coverage = picture.alpha
        else:
            alpha = matter.matte(picture.image, read_mesh(files[mesh]))
            coverage = np.asarray(np.round(alpha * 255), np.uint8)
        made[matte] = write_picture(folder / matte, coverage)
    return made


def learn_mouths(files: Files, folder: Path, progress: Progress) -> dict[str, Path]:
    """Keep the frames of a clip that lip-sync engines want to see."""
    with scanning(folder) as store:
        put_back(files, store)
        seen = look_through(files[CLIP], CLIP, store, progress)
        progress.stage("learn mouths", None)
        return learn(seen, folder)


def _validate_photo(path: Path, pose: str, folder: Path) -> dict[str, Path]:
    picture = load_image(path)
    image = flatten(picture, WHITE)
    face = only_face(image, path.name)
    facts = measure(image, face, path.name)
    photo, found = _photo_files(pose)
    made = {photo: write_picture(folder / photo, picture.image, picture.alpha)}
    made[found] = write_mesh(folder / found, face)
    if not pose:
        made[FACE] = write_facts(folder / FACE, facts)
    return made


def _validate_clip(path: Path, folder: Path, progress: Progress) -> dict[str, Path]:
    with scanning(folder) as store:
        seen = look_through(path, path.name, store, progress)
        number, image = best_frame(seen, path.name)
        face = _face_in(seen.tracks, number)
    facts = measure(image, face, path.name)
    advice = (*clip_advice(seen), *facts.advice)
    shutil.copyfile(path, folder / CLIP)
    if file_digest(folder / CLIP) != seen.digest:
        raise MediaUnreadable(f"`{path}`: it changes while it is read. Wait until it is written to its end.")
    return {
        CLIP: folder / CLIP,
        **scan_files(folder),
        PHOTO: write_picture(folder / PHOTO, image),
        FOUND: write_mesh(folder / FOUND, face),
        FACE: write_facts(folder / FACE, facts.model_copy(update={"advice": advice})),
    }


def _face_in(tracks: Iterable[FollowedFace], number: int) -> FaceMesh:
    """The face of one of some tracks, in one frame of the footage."""
    track = next(track for track in tracks if track.first_frame <= number < track.end_frame)
    seen = track.read(number, number + 1)
    return FaceMesh(seen.points[0], float(seen.presence[0]))


def _poses(files: Files) -> Iterator[str]:
    """The avatar's own picture, as an empty name, and the poses of which there is a photo."""
    yield ""
    start, end = PHOTO.removesuffix(".png") + "-", ".png"
    yield from (name.removeprefix(start).removesuffix(end) for name in sorted(files) if name.startswith(start))


def _photo_files(pose: str) -> tuple[str, str]:
    """Names of the photo of a pose and of the file that says where its face is; empty for the avatar's own."""
    return (f"photo-{pose}.png", f"found-{pose}.json") if pose else (PHOTO, FOUND)
