"""Still pictures of any kind become upright sRGB arrays. The content decides what a file is, not its name."""

import io
import struct
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from lipwright.contracts.media import Picture
from lipwright.errors import MediaError, MediaNotFound, MediaTooLarge, MediaUnreadable
from lipwright.media.output import output_error, replacing
from lipwright.media.probe import open_media, video_stream

MAX_PIXELS = 80_000_000
MAX_SIDE_PX = 4096

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "JPEG2000")
_BAD_CONTENT = (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError, struct.error)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1"})


def load_image(path: Path, max_pixels: int = MAX_PIXELS, max_side_px: int = MAX_SIDE_PX) -> Picture:
    """Read a picture: JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF or JPEG 2000 in any colour mode and depth.

    EXIF rotation is applied, colours are brought to sRGB by the embedded profile (a profile that is damaged or does not
    fit the picture is left out), 16 bits become 8, and of an animation the first picture is taken.

    Args:
        max_pixels: larger pictures are refused before they are decoded.
        max_side_px: larger pictures are scaled down to it; a JPEG is already decoded at a fraction of its size.
    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: empty, cut short, damaged, or no picture.
        MediaTooLarge: more than `max_pixels`.
    """
    if not path.exists():
        raise MediaNotFound(f"`{path}`: there is no such file. Check the name.")
    if not path.is_file():
        raise MediaUnreadable(f"`{path}`: this is not a file. Name a picture.")
    try:
        with path.open("rb") as file:
            head = file.read(16)
            if not head:
                raise MediaUnreadable(f"`{path}`: the file is empty. Copy or download it again.")
            file.seek(0)
            with _open(file, head, path) as opened:
                width_px, height_px = opened.size
                if width_px * height_px > max_pixels:
                    raise MediaTooLarge(_too_large(path, f"{width_px}x{height_px} pixels are", max_pixels))
                return _decode(opened, path, max_side_px)
    except PermissionError as exc:
        raise MediaUnreadable(f"`{path}`: may not be read. Check its permissions.") from exc


def is_clip(path: Path) -> bool:
    """Whether a file is a video, not a still picture; False also for one that is neither, or is not there."""
    if not path.is_file():
        return False
    try:
        with Image.open(path, formats=_FORMATS):
            return False
    except (Image.DecompressionBombError, *_BAD_CONTENT):
        pass
    try:
        with open_media(path, allow_cut=True) as container:
            return video_stream(container) is not None
    except MediaError:
        return False


def flatten(picture: Picture, background: tuple[int, int, int] = (128, 128, 128)) -> NDArray[np.uint8]:
    """Lay a picture on a plain colour.

    Args:
        background: RGB behind transparent pixels.
    Returns: uint8 RGB, (height, width, 3); the picture's own array when it is solid.
    """
    if picture.alpha is None:
        return picture.image
    cover = picture.alpha[..., None].astype(np.uint16)
    behind = np.asarray(background, np.uint16)
    return ((picture.image * cover + behind * (255 - cover) + 127) // 255).astype(np.uint8)


def save_image(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a PNG file.

    Args:
        image: uint8 RGB (height, width, 3), or RGBA (height, width, 4).
    Raises: OutputNotWritable, DiskFull: nothing is left under the name.
    """
    try:
        with replacing(path) as temporary:
            Image.fromarray(image).save(temporary, format="PNG")
    except OSError as exc:
        raise output_error(path, exc) from exc


def _open(file: io.BufferedReader, head: bytes, path: Path) -> Image.Image:
    """Read the header only."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(file, formats=_FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        raise MediaTooLarge(_too_large(path, "its pixels are", MAX_PIXELS)) from exc
    except _BAD_CONTENT as exc:
        if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
            raise MediaUnreadable(f"`{path}`: HEIC pictures cannot be read. Export it as JPEG or PNG.") from exc
        raise MediaUnreadable(
            f"`{path}`: this is not a picture, or its start is damaged. Use a JPEG, PNG, WebP, AVIF or TIFF file."
        ) from exc


def _decode(opened: Image.Image, path: Path, max_side_px: int) -> Picture:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of broken EXIF and palettes that it can still read
            opened.draft(None, (max_side_px, max_side_px))
            opened.load()
            ImageOps.exif_transpose(opened, in_place=True)
            if max(opened.size) > max_side_px:
                opened.thumbnail((max_side_px, max_side_px), Image.Resampling.LANCZOS)
            return _to_picture(opened)
    except _BAD_CONTENT as exc:
        raise MediaUnreadable(
            f"`{path}`: the picture is cut short or damaged ({exc}). Copy or download it again."
        ) from exc


def _to_picture(image: Image.Image) -> Picture:
    alpha = None
    if image.has_transparency_data:
        alpha = np.asarray(image.convert("RGBA").getchannel("A"))
        if alpha.min() == 255:
            alpha = None
    return Picture(image=np.array(_to_srgb(image), np.uint8), alpha=alpha)


def _to_srgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"):
        return _from_deep_grey(image)
    profile = image.info.get("icc_profile")
    if image.mode in ("RGBA", "RGBa", "PA", "P"):
        image = image.convert("RGBA").convert("RGB") if image.mode == "RGBa" else image.convert("RGB")
    elif image.mode in ("LA", "La", "1"):
        image = image.convert("L")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, OSError):
            return image.convert("RGB")
        if converted is not None:
            return converted
    return image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """Scale grey of 16 or more bits to 8; Pillow's own conversion clips it to white."""
    values = np.asarray(image).astype(np.float64)
    peak = float(values.max(initial=0.0))
    full = 1.0 if image.mode == "F" and peak <= 1.0 else 65535.0 if peak > 255.0 or image.mode != "F" else 255.0
    return Image.fromarray(np.clip(np.rint(values * (255.0 / full)), 0, 255).astype(np.uint8)).convert("RGB")


def _too_large(path: Path, what: str, max_pixels: int) -> str:
    return f"`{path}`: {what} too many to decode safely. Scale it to at most {max_pixels // 1_000_000} megapixels."
