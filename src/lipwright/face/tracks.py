"""All faces of a clip: its shots, and one track for each face through each shot."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.face import FaceTrack
from lipwright.face import topology
from lipwright.face.features import FaceFeatures
from lipwright.face.identity import number_persons
from lipwright.face.scan_window import PointRows, ScanWindow

_SHORTEST_S = 0.4
"""A face that is seen for less is no track, unless its shot is as short."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames between two cuts."""

    number: int
    """From 0."""
    first_frame: int
    end_frame: int
    """Exclusive."""

    def __len__(self) -> int:
        return self.end_frame - self.first_frame


@dataclass(frozen=True, slots=True)
class _Piece:
    """Consecutive rows of one window's meshes."""

    first_frame: int
    end_frame: int
    first_row: int
    points: PointRows


@dataclass(frozen=True, slots=True)
class FollowedFace:
    """One face through one shot. It is there in its first and in its last frame; gaps between are short."""

    number: int
    """Its place in `ClipFaces.tracks`."""
    shot: int
    person: int
    """The same in all shots of a clip: 1 is the person whose face is largest, and so on."""
    first_frame: int
    features: FaceFeatures
    pieces: tuple[_Piece, ...]

    def __len__(self) -> int:
        return len(self.features)

    @property
    def end_frame(self) -> int:
        """Exclusive."""
        return self.first_frame + len(self.features)

    def read(self, start_frame: int, end_frame: int) -> FaceTrack:
        """Fetch the meshes of some of its frames from where they are stored.

        Args:
            start_frame, end_frame: of the footage, the second exclusive; both within the track.
        """
        points = np.full((end_frame - start_frame, topology.POINT_COUNT, 3), np.nan, np.float32)
        for piece in self.pieces:
            first, end = max(start_frame, piece.first_frame), min(end_frame, piece.end_frame)
            if first < end:
                row = piece.first_row - piece.first_frame
                points[first - start_frame : end - start_frame] = piece.points.read(first + row, end + row)
        presence = self.features.presence[start_frame - self.first_frame : end_frame - self.first_frame]
        return FaceTrack(self.shot, start_frame, points, presence)


@dataclass(frozen=True, slots=True)
class ClipFaces:
    """What the scan of a whole clip found. Meshes stay in the windows' files."""

    fps: Fraction
    frame_count: int
    width_px: int
    height_px: int
    shots: tuple[Shot, ...]
    tracks: tuple[FollowedFace, ...]
    """In order of their first frames."""
    small_faces: tuple[int, ...]
    """Widths in pixels of faces that were seen and not followed, largest first."""

    @classmethod
    def of(cls, windows: Sequence[ScanWindow], fps: Fraction) -> "ClipFaces":
        """Join the windows of a clip.

        Args:
            windows: at least one, in order, from frame 0 on, without holes.
        """
        frame_count = sum(window.frame_count for window in windows)
        cuts = {cut for window in windows for cut in window.cuts} | set(windows[-1].unsettled_cuts)
        edges = [0, *sorted(cuts - {0}), frame_count]
        shots = tuple(Shot(number, *span) for number, span in enumerate(pairwise(edges)))
        shortest = max(1, round(_SHORTEST_S * fps))
        found = [track for strand in _strands(windows) for track in _split(strand, shots, shortest)]
        found.sort(key=lambda track: (track.first_frame, -np.nanmedian(track.features.width_px)))
        tracks = [replace(track, number=number) for number, track in enumerate(found)]
        persons = number_persons([(track.first_frame, track.shot, track.features) for track in tracks])
        return cls(
            fps,
            frame_count,
            windows[-1].width_px,
            windows[-1].height_px,
            shots,
            tuple(replace(track, person=person) for track, person in zip(tracks, persons, strict=True)),
            tuple(sorted({width for window in windows for width in window.small_faces}, reverse=True)),
        )

    def in_shot(self, shot: int) -> tuple[FollowedFace, ...]:
        """The tracks of one shot."""
        return tuple(track for track in self.tracks if track.shot == shot)


def _strands(windows: Sequence[ScanWindow]) -> Iterator[FollowedFace]:
    """Faces as the scanner followed them, through cuts that it knew too late."""
    values: dict[int, list[NDArray[np.float32]]] = defaultdict(list)
    pieces: dict[int, list[_Piece]] = defaultdict(list)
    for window in windows:
        for strand in window.strands:
            rows = slice(strand.first_row, strand.first_row + strand.frame_count)
            values[strand.number].append(window.features.values[rows])
            end = strand.first_frame + strand.frame_count
            pieces[strand.number].append(_Piece(strand.first_frame, end, strand.first_row, window.points))
    for number, parts in pieces.items():
        features = FaceFeatures(np.concatenate(values[number]))
        yield FollowedFace(number, 0, 0, parts[0].first_frame, features, tuple(parts))


def _split(strand: FollowedFace, shots: Sequence[Shot], shortest: int) -> Iterator[FollowedFace]:
    """Cut a strand where shots meet, and cut off the frames at either end that do not show the face."""
    for shot in shots:
        start = max(strand.first_frame, shot.first_frame) - strand.first_frame
        end = min(strand.end_frame, shot.end_frame) - strand.first_frame
        seen = np.flatnonzero(strand.features.presence[start:end] > 0) if start < end else np.empty(0, int)
        if len(seen) >= min(shortest, len(shot)):
            first, last = start + int(seen[0]), start + int(seen[-1])
            features = FaceFeatures(strand.features.values[first : last + 1])
            yield replace(strand, shot=shot.number, first_frame=strand.first_frame + first, features=features)
