"""An avatar as the photo presenter takes it: the picture, who is in it, and where their face is."""

from pathlib import Path

import numpy as np

from lipwright.contracts.avatar import MATTE, MESH, NEUTRAL
from lipwright.contracts.face import FaceMesh
from lipwright.errors import MediaUnreadable, UsageError, did_you_mean
from lipwright.media.image import load_image
from lipwright.pipeline.avatar.files import read_mesh
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.render.staging_scene import Person


def read_picture(library: AvatarLibrary, name: str, pose: str = "") -> Person:
    """The neutral picture of an avatar, or that of a pose of which there is a photo.

    Raises: AvatarNotFound. UsageError: it has no such pose. MediaUnreadable: a file is damaged.
    """
    if pose:
        poses = library.load(name).poses()
        if pose not in poses:
            known = f" It has {', '.join(poses)}." if poses else " It has none but its own picture."
            raise UsageError(f"avatar `{name}` has no photo of the pose `{pose}`.{did_you_mean(pose, poses)}{known}")
    image, matte, mesh = pose_files(pose)
    return picture_of(library.path(name, image), library.path(name, matte), read_mesh(library.path(name, mesh)))


def pose_files(pose: str) -> tuple[str, str, str]:
    """Names of the assets picture, matte and mesh of a pose; empty for the avatar's own."""
    return (f"pose-{pose}.png", f"matte-{pose}.png", f"mesh-{pose}.json") if pose else (NEUTRAL, MATTE, MESH)


def picture_of(image: Path, matte: Path, mesh: FaceMesh) -> Person:
    """Join the files.

    Raises: MediaUnreadable: they do not belong together.
    """
    picture, cut = load_image(image).image, load_image(matte).image[..., 0]
    if picture.shape[:2] != cut.shape:
        raise MediaUnreadable(f"`{matte}`: not the matte of `{image}`. Create the avatar again.")
    return Person(picture, cut.astype(np.float32) / np.float32(255), mesh)
