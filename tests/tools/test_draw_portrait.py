"""The drawn portrait can stand in for a photo."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from lipwright.face import topology
from lipwright.face.matte import PersonMatte
from lipwright.face.pose import head_angles
from lipwright.face.select import find_face
from lipwright.media.image import load_image

TOOL = Path(__file__).parents[2] / "tools" / "draw_portrait.py"


def draw(path: Path, *options: str) -> Path:
    subprocess.run([sys.executable, str(TOOL), str(path), *options], check=True)
    return path


def test_same_options_draw_the_same_bytes(drawn_portrait: Path, tmp_path: Path) -> None:
    again = draw(tmp_path / "again.png", "--side", "384")
    assert again.read_bytes() == drawn_portrait.read_bytes()


def test_face_that_looks_at_the_camera_with_its_mouth_shut_is_found(drawn_portrait: Path) -> None:
    face = find_face(load_image(drawn_portrait).image, "portrait")
    assert face.presence > 0.9
    assert head_angles(face).away_degrees < 12
    assert lip_gap(face.points) < 0.03


def test_matte_covers_the_sitter_and_leaves_the_wall(drawn_portrait: Path) -> None:
    image = load_image(drawn_portrait).image
    face = find_face(image, "portrait")
    alpha = PersonMatte().matte(image, face)
    oval = face.points[list(topology.FACE_OVAL), :2].astype(int)
    assert alpha[oval[:, 1], oval[:, 0]].min() > 0.9
    assert alpha[:30].max() < 0.1
    assert 0.3 < float(alpha.mean()) < 0.6


def test_smile_on_dark_skin_shows_teeth(tmp_path: Path) -> None:
    path = draw(tmp_path / "smile.png", "--side", "384", "--smile", "--skin", "dark", "--seed", "3")
    face = find_face(load_image(path).image, "portrait")
    assert face.presence > 0.9
    assert lip_gap(face.points) > 0.06


def lip_gap(points: np.ndarray) -> float:
    """Between the middles of the inner lips, in eye distances."""
    unit = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    return float(np.linalg.norm(points[13, :2] - points[14, :2])) / unit
