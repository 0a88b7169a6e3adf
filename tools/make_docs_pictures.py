"""Make the pictures of docs/images from a video that is made here and now of the drawn portrait.

python tools/make_docs_pictures.py

The portrait itself: python tools/draw_portrait.py docs/images/portrait.jpg
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lipwright.assets.packaged import read_asset
from lipwright.contracts.motion import IdleTrack, MouthTrack
from lipwright.contracts.portrait import PortraitRequest
from lipwright.contracts.progress import SilentProgress
from lipwright.face import topology
from lipwright.face.matte import PersonMatte
from lipwright.media.frames import read_frames
from lipwright.media.image import load_image
from lipwright.pipeline.stages.describe import describe
from lipwright.pipeline.stages.move import move
from lipwright.pipeline.stages.narrate import narrate
from lipwright.pipeline.stages.prepare import Prepared, prepare, set_scene
from lipwright.pipeline.stages.render import render
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.quality.sheet import SheetOptions, draw_sheet, strip
from lipwright.settings import Settings
from lipwright.wiring.capabilities import TTS
from lipwright.wiring.engines import build_listener

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
PORTRAIT = IMAGES / "portrait.jpg"
TEXT = (
    "Maybe my people bought five blue apples. Oh, you should see the moon tonight! "
    "I am happy to say all that, and my lips close for every p, b and m."
)
OPEN_VOWELS = frozenset({"æ", "a", "ɑ", "ʌ", "ɛ", "aɪ", "eɪ", "aʊ", "ɑː"})
ROUND_VOWELS = frozenset({"oʊ", "əʊ", "u", "uː", "ɔ", "ɔː", "w"})
LIPS_TOUCH = frozenset({"p", "b", "m"})
WIDTH_CONTROL = 3
"""The column of `MouthTrack.controls` that holds the distance of the mouth corners."""
QUALITY = 88
INK, PAPER = (238, 238, 234), (24, 24, 26)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Take:
    """One finished video, and what was asked of its face."""

    video: Path
    prepared: Prepared
    narrated: Soundtrack
    mouth: MouthTrack
    idle: IdleTrack

    def phone(self, index: int) -> str:
        """What sounds in a frame."""
        time_s = float(index / self.mouth.fps)
        return next((p.symbol for p in self.narrated.phonemes if p.start_s <= time_s < p.end_s), "")


def film(folder: Path) -> Take:
    """Make the video, by the stages that `lipwright speak` runs."""
    request = PortraitRequest(
        face=PORTRAIT, text=TEXT, voice="", language="en-US", output=folder / "portrait.mp4", fps=Fraction(25), seed=4
    )
    progress = SilentProgress()
    prepared = prepare(request)
    narrated = narrate(request, TTS.build("hibari", Settings()), progress)
    with narrated.sound:
        motion = move(request, narrated, listener=build_listener(Settings()))
        rendered = render(request, prepared, narrated, motion, (), progress)
        describe(request, prepared, narrated, motion, rendered)
    return Take(request.output, prepared, narrated, motion.mouth, motion.idle)


def choose_stills(take: Take) -> dict[str, int]:
    """A frame for each thing to see, by the tracks that drew it."""
    count = len(take.mouth)
    awake = take.idle.blink < 0.05
    phones = [take.phone(i) for i in range(count)]
    gap = take.mouth.gap
    nearby = np.array([gap[max(0, i - 4) : i + 5].max() for i in range(count)])
    touching = np.array([p in LIPS_TOUCH for p in phones]) & (gap <= 0) & awake
    wide = np.array([p in OPEN_VOWELS for p in phones]) & awake
    rounded = np.array([p in ROUND_VOWELS for p in phones]) & awake & (gap > 0.03)
    turn = np.abs(take.idle.rotation[:, 0])
    return {
        "lips shut in p, b, m": int(np.where(touching, nearby, -1).argmax()),
        "an open vowel": int(np.where(wide, gap, -1).argmax()),
        "a rounded vowel": int(np.where(rounded, -take.mouth.controls[:, WIDTH_CONTROL], -9).argmax()),
        "a blink": int(take.idle.blink.argmax()),
        "the head turned most": int(np.where(awake, turn, -1).argmax()),
    }


def font(size_px: int) -> ImageFont.FreeTypeFont:
    """The typeface that comes with Lipwright."""
    return ImageFont.truetype(BytesIO(read_asset("fonts/OpenSans-Semibold.ttf")), size_px)


def titled(picture: Pixels, title: str) -> Pixels:
    """A picture with its title below."""
    height, width = picture.shape[:2]
    sheet = Image.new("RGB", (width, height + 34), PAPER)
    sheet.paste(Image.fromarray(picture), (0, 0))
    ImageDraw.Draw(sheet).text((width // 2, height + 16), title, font=font(18), fill=INK, anchor="mm")
    return np.asarray(sheet, np.uint8)


def fitted(picture: Pixels, width: int) -> Pixels:
    """A picture reduced to a width in pixels."""
    height = round(picture.shape[0] * width / picture.shape[1])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def around(points: NDArray[np.float32], rows: Sequence[int], margin: float) -> tuple[slice, slice]:
    """The window about some mesh points; margin in shares of its own height."""
    low, high = points[list(rows), :2].min(axis=0), points[list(rows), :2].max(axis=0)
    room = margin * (high[1] - low[1])
    left, top = (int(v) for v in np.maximum(low - room, 0))
    right, bottom = (int(v) for v in high + room)
    return slice(top, bottom), slice(left, right)


def draw_stills(take: Take) -> Pixels:
    """The photo, then stills of the finished video."""
    photo = load_image(PORTRAIT).image
    window = around(take.prepared.mesh.points, topology.FACE_OVAL, 0.16)
    chosen = choose_stills(take)
    wanted = set(chosen.values())
    frames = {i: frame.image for i, frame in enumerate(read_frames(take.video)) if i in wanted}
    tiles = [titled(fitted(photo[window], 300), "the photo")]
    tiles += [titled(fitted(frames[number][window], 300), title) for title, number in chosen.items()]
    return strip(tiles, columns=len(tiles), gap_px=4)


def draw_mesh(photo: Pixels, points: NDArray[np.float32]) -> Pixels:
    """The 478 points over the photo, lips and eyes marked."""
    picture = cv2.resize(photo, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    plane = np.round((points[:, :2] + 0.5) * 2 * 16).astype(np.int32)
    for triangle in topology.skin_triangles():
        cv2.polylines(picture, [plane[triangle]], True, (190, 235, 225), 1, cv2.LINE_AA, 4)
    for ring in (topology.LIP_RINGS[0], topology.LIP_RINGS[3], *topology.EYE_RINGS, topology.FACE_OVAL):
        cv2.polylines(picture, [plane[list(ring)]], True, (20, 120, 255), 2, cv2.LINE_AA, 4)
    return np.asarray(picture, np.uint8)


def draw_method(take: Take) -> Pixels:
    """What the renderer works with: mesh, motion, the drawn mouth, matte, and the background alone."""
    prepared = take.prepared
    photo, points = load_image(PORTRAIT).image, prepared.mesh.points
    face = around(points, topology.FACE_OVAL, 0.16)
    twice = tuple(slice(2 * s.start, 2 * s.stop) for s in face)
    index = choose_stills(take)["an open vowel"]
    drawn = prepared.portrait.frame(prepared.portrait.perform(take.mouth), _still(take.idle), index)
    alpha = PersonMatte().matte(photo, prepared.mesh)
    plate = set_scene(photo, alpha, "keep", prepared.mesh.eye_distance_px).plate
    matte = np.repeat(np.round(alpha[..., None] * 255).astype(np.uint8), 3, axis=2)
    mouth = around(points, topology.LIP_RINGS[0], 1.1)
    tiles = [
        titled(fitted(draw_mesh(photo, points)[twice], 380), "478 points on the photo"),
        titled(_arrows(photo, points, drawn.lips, mouth, 380, face), "where an open vowel moves them"),
        titled(_inside(drawn.image, drawn.lips, mouth, 380, face), "what is drawn: the mouth's inside"),
        titled(_squared(matte, 380, face), "the matte"),
        titled(_squared(plate, 380, face), "the background without the person"),
    ]
    return strip(tiles, columns=len(tiles), gap_px=4)


def _still(idle: IdleTrack) -> IdleTrack:
    """The same length of a head that keeps quite still."""
    return IdleTrack(
        idle.fps, *(np.zeros_like(v) for v in (idle.rotation, idle.shift, idle.blink, idle.brow, idle.breath))
    )


def _height(face: tuple[slice, slice], width: int) -> int:
    rows, columns = face
    return int((rows.stop - rows.start) * width / (columns.stop - columns.start) + 0.5)


def _squared(picture: Pixels, width: int, face: tuple[slice, slice]) -> Pixels:
    """A whole picture in the shape of the other tiles."""
    small = fitted(picture, width)
    tile = np.full((_height(face, width), width, 3), PAPER, np.uint8)
    top = max(0, (tile.shape[0] - small.shape[0]) // 2)
    part = small[: tile.shape[0]]
    tile[top : top + part.shape[0]] = part
    return tile


def _magnified(
    picture: Pixels, window: tuple[slice, slice], width: int, face: tuple[slice, slice]
) -> tuple[Pixels, float, NDArray[np.float64]]:
    """The mouth, large, in the shape of the other tiles; with the scale and the window's corner."""
    height = _height(face, width)
    rows, columns = window
    scale = width / (columns.stop - columns.start)
    middle = (rows.start + rows.stop) / 2
    corner = np.array([columns.start, middle - height / scale / 2])
    matrix = np.array([[scale, 0, -scale * corner[0]], [0, scale, -scale * corner[1]]])
    large = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(large, np.uint8), scale, corner


def _arrows(
    photo: Pixels,
    points: NDArray[np.float32],
    lips: NDArray[np.floating],
    window: tuple[slice, slice],
    width: int,
    face: tuple[slice, slice],
) -> Pixels:
    picture, scale, corner = _magnified(photo, window, width, face)
    picture = np.asarray(picture * 0.55 + 20, np.uint8).copy()
    begin, end = (points[:468, :2] - corner) * scale, (lips[:468] - corner) * scale
    for here, there in zip(begin, end, strict=True):
        far = float(np.hypot(*(there - here)))
        if far < 1.2:
            continue
        a, b = (np.round(v * 16).astype(int).tolist() for v in (here, there))
        cv2.line(picture, a, b, (255, 214, 120), 2, cv2.LINE_AA, 4)
        cv2.circle(picture, b, 32, (255, 120, 80), -1, cv2.LINE_AA, 4)
    return picture


def _inside(
    image: Pixels, lips: NDArray[np.floating], window: tuple[slice, slice], width: int, face: tuple[slice, slice]
) -> Pixels:
    picture, scale, corner = _magnified(image, window, width, face)
    mask = np.zeros(picture.shape[:2], np.uint8)
    ring = np.round((lips[list(topology.LIP_RINGS[3])] - corner) * scale * 16).astype(np.int32)
    cv2.fillPoly(mask, [ring], 255, cv2.LINE_AA, 4)
    rows, columns = np.indices(mask.shape) // 12
    board = np.where((rows + columns) % 2 == 0, 62, 50)[..., None].astype(np.float32)
    share = mask[..., None].astype(np.float32) / 255
    return np.asarray(picture * share + board * (1 - share), np.uint8)


def draw_sequence(take: Take) -> Pixels:
    """Forty frames of the mouth, one after the other."""
    from lipwright.contracts.sidecar import sidecar_path
    from lipwright.media.sidecar import read_sidecar

    sidecar = read_sidecar(sidecar_path(take.video))
    return draw_sheet(take.video, sidecar, SheetOptions(overview=False), SilentProgress())


def save(picture: Pixels, name: str) -> None:
    """Write a picture into docs/images."""
    path = IMAGES / name
    Image.fromarray(picture).save(path, quality=QUALITY, optimize=True, subsampling=0)
    print(f"{path.name}: {picture.shape[1]} x {picture.shape[0]}, {path.stat().st_size // 1000} kB")  # noqa: T201


def main() -> None:
    """Make them all."""
    with tempfile.TemporaryDirectory() as folder:
        take = film(Path(folder))
        save(draw_stills(take), "stills.jpg")
        save(draw_method(take), "method.jpg")
        save(draw_sequence(take), "sequence.jpg")


if __name__ == "__main__":
    main()
