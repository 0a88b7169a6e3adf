"""A clip of a person: who of those in it is meant, and the frame that shows them best as a still picture."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import Footage, Region
from lipwright.contracts.progress import Progress
from lipwright.errors import FaceError, FaceNotFound, FaceTooSmall, FaceTurnedAway, MediaTooLarge
from lipwright.face import topology
from lipwright.face.select import MAX_TURN_DEGREES, MIN_FACE_WIDTH_PX
from lipwright.face.tracks import ClipFaces, FollowedFace
from lipwright.media.footage import index_footage, read_frames_at
from lipwright.media.yuv import region_rgb
from lipwright.pipeline.avatar.face_facts import CLEARLY_LARGER
from lipwright.pipeline.stages.scan import scan
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore

LONGEST_S = 120
"""More than this shows no further mouths, and takes long to look through."""
OFTEN = 0.1
"""Share of the frames: who is seen for less is a passer-by."""
GOOD_LENGTH_S, GOOD_SHARE = 4.0, 0.8
SPEAKING_RANGE_IOD = 0.03
_GAP_UNIT_IOD, _WIDTH_UNIT_IOD, _AWAY_UNIT_DEGREES, _ROLL_UNIT_DEGREES = 0.02, 0.03, 6.0, 8.0
"""A mouth that is so much more open is as bad as one that is so much narrower or wider than usual, as a head that is so
much more turned, and as one that leans so much."""


@dataclass(frozen=True)
class SeenClip:
    """A clip that was looked through."""

    footage: Footage
    digest: str
    """Of its file."""
    faces: ClipFaces
    person: int
    """Whose avatar it is to be, as `ClipFaces` counts them."""

    @property
    def tracks(self) -> tuple[FollowedFace, ...]:
        """Of the person, in all shots."""
        return tuple(track for track in self.faces.tracks if track.person == self.person)


def look_through(clip: Path, name: str, store: StageStore, progress: Progress) -> SeenClip:
    """Find the person of a clip.

    Args:
        name: what messages call it.
    Raises:
        MediaTooLarge: it is longer than LONGEST_S. MediaError: it cannot be used.
        FaceError: nobody is seen, or nobody can tell who is meant.
    """
    footage = index_footage(clip)
    if footage.duration_s > LONGEST_S:
        raise MediaTooLarge(
            f"{name}: {float(footage.duration_s):.0f} s are more than an avatar needs. Cut it to the best 10 to"
            f" {LONGEST_S} s, in which the person speaks."
        )
    digest = file_digest(clip)
    faces = scan(footage, digest, footage.frame_count, store, progress).faces
    if not faces.tracks:
        raise FaceTooSmall(
            f"{name}: the largest face is {max(faces.small_faces, default=0)} px wide. Use a clip in which it is at"
            f" least {MIN_FACE_WIDTH_PX} px wide, better 200."
        )
    return SeenClip(footage, digest, faces, _person(faces, name))


def best_frame(seen: SeenClip, name: str) -> tuple[int, NDArray[np.uint8]]:
    """The frame in which the person looks ahead with open eyes and a mouth at rest: its number, and its picture.

    Raises: FaceTurnedAway: they never look into the camera.
    """
    numbers = np.concatenate([track.first_frame + np.arange(len(track)) for track in seen.tracks])
    badness = np.concatenate([_badness(track) for track in seen.tracks])
    if not np.isfinite(badness).any():
        raise FaceTurnedAway(
            f"{name}: the person never looks into the camera. Use a clip in which they do, within {MAX_TURN_DEGREES}"
            " degrees."
        )
    number = int(numbers[np.nanargmin(badness)])
    footage = seen.footage
    frame = next(iter(read_frames_at(footage, [number])))
    return number, region_rgb(frame, Region(0, 0, footage.width_px, footage.height_px))


def clip_advice(seen: SeenClip) -> tuple[str, ...]:
    """What would make a better clip."""
    said = []
    footage = seen.footage
    gaps = np.concatenate([track.features.gap for track in seen.tracks])
    low, high = np.nanquantile(gaps, (0.05, 0.95))
    if footage.duration_s < GOOD_LENGTH_S:
        said.append(f"the clip is short: {float(footage.duration_s):.1f} s. 10 s or more repeat less.")
    if high - low < SPEAKING_RANGE_IOD:
        said.append("the person hardly speaks in the clip. One who speaks shows how their mouth moves.")
    share = float(np.isfinite(gaps).sum()) / footage.frame_count
    if share < GOOD_SHARE:
        said.append(f"the face is seen in {share:.0%} of the clip. One who is seen throughout can speak throughout.")
    return tuple(said)


def _person(faces: ClipFaces, name: str) -> int:
    """The one whose face is clearly the largest of those that are seen often."""
    widths: dict[int, float] = {}
    for person in sorted({track.person for track in faces.tracks}):
        tracks = [track for track in faces.tracks if track.person == person]
        seen = np.concatenate([track.features.width_px for track in tracks])
        if np.isfinite(seen).sum() >= OFTEN * faces.frame_count:
            widths[person] = float(np.nanmedian(seen))
    if not widths:
        raise FaceNotFound(f"{name}: no face is seen for long. Use a clip in which one person is seen throughout.")
    first, *others = sorted(widths, key=lambda person: widths[person], reverse=True)
    if others and widths[first] < CLEARLY_LARGER * widths[others[0]]:
        sizes = " and ".join(f"{widths[person]:.0f}" for person in (first, others[0]))
        raise FaceError(
            f"{name}: several people are seen, the largest faces {sizes} px wide: nobody can tell whose avatar it is to"
            " be. Cut or crop the clip so that one person is left."
        )
    return first


def _badness(track: FollowedFace) -> NDArray[np.float64]:
    """(frames,) how unfit each frame is; NaN where the face is not seen well."""
    features = track.features
    points = track.read(track.first_frame, track.end_frame).points
    open_eyes = np.min([_opening(points, eye) for eye in topology.EYES], axis=0)
    usual = max(float(np.nanmedian(open_eyes)), 1e-6)
    sharp = features.sharpness / max(float(np.nanmedian(features.sharpness)), 1e-6)
    badness = (
        np.maximum(features.gap, 0) / _GAP_UNIT_IOD
        + np.abs(features.mouth_width - np.nanmedian(features.mouth_width)) / _WIDTH_UNIT_IOD
        + features.away_degrees / _AWAY_UNIT_DEGREES
        + np.abs(features.roll_degrees) / _ROLL_UNIT_DEGREES
        + 4 * np.maximum(0, 0.95 - open_eyes / usual)
        + np.maximum(0, 1 - sharp)
        + np.where(features.lips_inside > 0, 0, np.nan)
    )
    return np.asarray(np.where(features.away_degrees <= MAX_TURN_DEGREES, badness, np.nan), np.float64)


def _opening(points: NDArray[np.float32], eye: topology.Eye) -> NDArray[np.float32]:
    """(frames,) how far an eye is open, in widths of it."""
    upper = points[:, list(eye.upper_lid), :2][:, 3:-3].mean(axis=1)
    lower = points[:, list(eye.lower_lid), :2][:, 3:-3].mean(axis=1)
    wide = np.linalg.norm(points[:, eye.upper_lid[0], :2] - points[:, eye.upper_lid[-1], :2], axis=-1)
    return np.asarray(np.linalg.norm(lower - upper, axis=-1) / np.maximum(wide, 1e-6), np.float32)
