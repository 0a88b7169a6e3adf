"""Lip-sync engines get to know the people of a video, one person in one shot at a time."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.footage import Footage, Region, YuvFrame
from lipwright.contracts.lipsync import FaceFrame
from lipwright.errors import FaceLost
from lipwright.face.tracks import ClipFaces, FollowedFace
from lipwright.face.visibility import visibility
from lipwright.media.footage import read_frames_at
from lipwright.media.yuv import region_around, region_rgb
from lipwright.pipeline.overlap import prefetched
from lipwright.remote.waiting import check
from lipwright.render.lipsync.base import LipSyncer, LipSyncSession
from lipwright.render.rewrite.choice import MouthHistory, bank_is_poor, exemplar_frames, exemplar_limit

POOR_BANK_ENGINE = "portrait"
"""Draws a mouth that never moved."""
NEEDS_A_BANK = "rewrite"
MARGIN_IOD, MARGIN_BELOW_IOD = 0.35, 0.80
"""About the mesh, as engines that move jaw and neck need it."""
KEPT_SESSIONS = 2
FRAMES_AHEAD = 4


@dataclass(frozen=True)
class Role:
    """A person in one shot, and how they are drawn."""

    engine: str
    exemplars: NDArray[np.int64]
    """Frames of the footage that the engine sees first, ascending; empty for one that needs none."""
    tracks: tuple[FollowedFace, ...]

    def track_of(self, frame: int) -> FollowedFace | None:
        """The track that has this frame of the footage."""
        return next((track for track in self.tracks if track.first_frame <= frame < track.end_frame), None)


class People:
    """All roles of a video, and the engines' sessions with them. The last few sessions are kept."""

    def __init__(
        self,
        footage: Footage,
        faces: ClipFaces,
        *,
        engine: str,
        most_exemplars: int,
        build: Callable[[str], LipSyncer],
    ) -> None:
        """Say who draws.

        Args:
            engine: name of the lip-sync engine; a person whose mouth never moves is drawn by `portrait` in place of
                `rewrite`.
            most_exemplars: how many frames of a person an engine is shown at most.
            build: makes an engine from its name.
        """
        self._footage = footage
        self._faces = faces
        self._engine = engine
        self._most_exemplars = most_exemplars
        self._build = build
        self._engines: dict[str, LipSyncer] = {}
        self._roles: dict[tuple[int, int], Role] = {}
        self._sessions: OrderedDict[tuple[int, int], LipSyncSession] = OrderedDict()

    def engine(self, name: str) -> LipSyncer:
        """The engine of that name, built once."""
        if name not in self._engines:
            self._engines[name] = self._build(name)
        return self._engines[name]

    def role(self, track: int) -> Role:
        """How the person of a track is drawn in its shot."""
        return self._role(self._key(track))

    def session(self, track: int) -> LipSyncSession:
        """The engine's session with the person of a track; beginning one reads frames of the video."""
        key = self._key(track)
        if key not in self._sessions:
            while len(self._sessions) >= KEPT_SESSIONS:
                self._sessions.popitem(last=False)
            role = self._role(key)
            self._sessions[key] = self.engine(role.engine).begin(self._exemplars(role))
        self._sessions.move_to_end(key)
        return self._sessions[key]

    def _key(self, track: int) -> tuple[int, int]:
        face = self._faces.tracks[track]
        return face.shot, face.person

    def _role(self, key: tuple[int, int]) -> Role:
        if key not in self._roles:
            shot, person = key
            self._roles[key] = self._cast(tuple(track for track in self._faces.in_shot(shot) if track.person == person))
        return self._roles[key]

    def _cast(self, tracks: tuple[FollowedFace, ...]) -> Role:
        history = _history(tracks, self._faces)
        name = POOR_BANK_ENGINE if self._engine == NEEDS_A_BANK and bank_is_poor(history) else self._engine
        if not self.engine(name).needs.exemplars:
            return Role(name, np.empty(0, np.int64), tracks)
        eyes = float(np.nanmedian(np.concatenate([track.features.eye_distance_px for track in tracks])))
        limit = min(self._most_exemplars, exemplar_limit(eyes))
        return Role(name, exemplar_frames(history, limit), tracks)

    def _exemplars(self, role: Role) -> Iterator[FaceFrame]:
        numbers = [int(number) for number in role.exemplars]
        with prefetched(read_frames_at(self._footage, numbers), FRAMES_AHEAD) as frames:
            for number, frame in zip(numbers, frames, strict=True):
                check()
                track = role.track_of(number)
                if track is None:
                    raise FaceLost(f"frame {number}: no track has it")
                points = track.read(number, number + 1).points[0]
                region = face_region(points, self._footage)
                yield face_frame(frame, region, points, 1.0, number)


def face_region(points: NDArray[np.float32], footage: Footage) -> Region:
    """The part of a frame that an engine gets: (478, 3) mesh points in pixels, a margin about them, and what the mesh
    network sees, so that a face that was drawn can be read as if in the whole frame."""
    from lipwright.face.mesh import view_of

    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    unit = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    left, top, right, bottom = view_of(FaceMesh(points, 1.0))
    return region_around(
        min(left, low[0] - MARGIN_IOD * unit),
        min(top, low[1] - MARGIN_IOD * unit),
        max(right, high[0] + MARGIN_IOD * unit),
        max(bottom, high[1] + MARGIN_BELOW_IOD * unit),
        (footage.width_px, footage.height_px),
    )


def face_frame(frame: YuvFrame, region: Region, points: NDArray[np.float32], weight: float, number: int) -> FaceFrame:
    """Cut a face out of a frame."""
    local = points - np.array([region.left, region.top, 0], np.float32)
    return FaceFrame(region_rgb(frame, region), local, weight, number, (region.left, region.top))


def _history(tracks: tuple[FollowedFace, ...], faces: ClipFaces) -> MouthHistory:
    """What a person's mouth did wherever it is seen well, in the order of the frames."""
    parts: dict[str, list[NDArray[np.float64]]] = {}
    for track in sorted(tracks, key=lambda one: one.first_frame):
        weight = visibility(track.features, faces.fps, enters=False, leaves=False).weight
        well = np.flatnonzero(weight >= 1) if (weight >= 1).any() else np.flatnonzero(weight > 0)
        columns: Mapping[str, NDArray[np.float32]] = {
            "gap": track.features.gap,
            "width": track.features.mouth_width,
            "yaw_degrees": track.features.yaw_degrees,
            "pitch_degrees": track.features.pitch_degrees,
            "sharpness": track.features.sharpness,
        }
        parts.setdefault("numbers", []).append((track.first_frame + well).astype(np.float64))
        for name, values in columns.items():
            parts.setdefault(name, []).append(values[well].astype(np.float64))
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    numbers = joined.pop("numbers").astype(np.int64)
    return MouthHistory(numbers=numbers, **joined)
