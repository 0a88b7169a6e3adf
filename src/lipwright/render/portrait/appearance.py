"""What a photo says about skin, lips, teeth and light, measured once. Colours are float RGB, 0 to 255."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipwright.face import topology
from lipwright.render.arrays import Floats, Pixels
from lipwright.render.easing import smoothstep
from lipwright.render.portrait.rows import INNER_LOWER, INNER_UPPER, LOWER_LIP, UPPER_LIP

LUMA = np.array([0.299, 0.587, 0.114])
CHEEKS_AND_FOREHEAD = (50, 280, 205, 425, 36, 266)


@dataclass(frozen=True)
class Appearance:
    """The colours of one photo."""

    skin: Floats
    lip: Floats
    sclera: Floats
    teeth: Floats
    yellow: Floats
    """Factor per channel that a tooth takes towards its neck and on the canines."""
    cavity: Floats
    tongue: Floats
    gum: Floats
    upper_lip_columns: Floats
    """(11, 3) the lip's colour a little above the seam, from the left corner of the picture to the right one."""
    lower_lip_columns: Floats
    """(11, 3) the same below the seam."""
    grain: float
    """Standard deviation of the photo's noise on the cheek, grey levels."""


def luma(colour: Floats) -> float:
    """Rec. 601 luma of an RGB colour."""
    return float(colour @ LUMA)


def _tint(colour: Floats) -> Floats:
    return np.asarray(colour, np.float64) / max(luma(np.asarray(colour, np.float64)), 1e-3)


def measure_appearance(photo: Pixels, points: Floats) -> Appearance:
    """Measure one photo.

    Args:
        photo: uint8 RGB, (height, width, 3).
        points: (478, 3) mesh in its pixels.
    Source: the constants of the photo-mode study; teeth are two thirds as bright as skin plus an offset, never white.
    """
    eye_distance = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    skin = np.median([_pixel(photo, points[i]) for i in CHEEKS_AND_FOREHEAD], axis=0)
    sclera = _brightest(photo, _polygons(photo, points, *_eye_outlines()), skin)
    lower_lip = np.r_[LOWER_LIP[0], INNER_LOWER[::-1]]
    lip_pixels = photo[_polygons(photo, points, lower_lip) > 0].astype(np.float64)
    lip = np.median(lip_pixels, axis=0) if len(lip_pixels) else skin * (0.85, 0.65, 0.65)
    skin_luma, sclera_luma, lip_luma = luma(skin), luma(sclera), luma(lip)
    tooth_luma = min(0.70 * skin_luma + 0.08 * min(sclera_luma, skin_luma) + 44.0, 212.0)
    hue = 0.30 * _tint(sclera) + 0.45 * _tint(np.array([1.10, 0.97, 0.80])) + 0.25 * _tint(skin)
    hue[2] = min(hue[2], 0.90 * hue[0])
    softened = cv2.GaussianBlur(photo, (0, 0), max(0.8, 0.012 * eye_distance)).astype(np.float32)
    return Appearance(
        skin=skin,
        lip=lip,
        sclera=sclera,
        teeth=_tint(hue) * tooth_luma,
        yellow=_tint(hue * (1.03, 0.98, 0.80)) / _tint(hue),
        cavity=_tint(0.5 * _tint(lip) + 0.5 * _tint(np.array([1.0, 0.36, 0.42]))) * lip_luma * 0.31,
        tongue=_tint(0.7 * _tint(lip) + 0.3 * _tint(np.array([1.3, 0.8, 0.85]))) * lip_luma * 0.98,
        gum=_tint(0.6 * _tint(lip) + 0.4 * _tint(np.array([1.35, 0.70, 0.75]))) * lip_luma * 0.95,
        upper_lip_columns=_lip_columns(softened, points, UPPER_LIP, 0.35),
        lower_lip_columns=_lip_columns(softened, points, LOWER_LIP, 0.30),
        grain=_grain(photo, points[50], eye_distance),
    )


def _eye_outlines() -> list[NDArray[np.int_]]:
    return [np.array(eye.upper_lid + eye.lower_lid[::-1]) for eye in topology.EYES]


def _pixel(photo: Pixels, point: Floats) -> Floats:
    height, width = photo.shape[:2]
    x, y = int(np.clip(point[0], 0, width - 1)), int(np.clip(point[1], 0, height - 1))
    return np.asarray(photo[y, x], np.float64)


def _polygons(photo: Pixels, points: Floats, *outlines: NDArray[np.int_]) -> Pixels:
    mask = np.zeros(photo.shape[:2], np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [points[outline][:, :2].astype(np.int32)], 255)
    return mask


def _brightest(photo: Pixels, mask: Pixels, otherwise: Floats) -> Floats:
    pixels = photo[mask > 0].astype(np.float64)
    if len(pixels) <= 20:
        return otherwise
    brightness = pixels @ LUMA
    return np.asarray(np.median(pixels[brightness >= np.percentile(brightness, 80)], axis=0))


def _lip_columns(softened: Floats, points: Floats, rows: NDArray[np.int_], outward: float) -> Floats:
    place = (points[rows[3]] * (1 - outward) + points[rows[0]] * outward)[:, :2].astype(np.float32)
    columns = cv2.remap(softened, place[:, :1], place[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[:, 0]
    columns[0], columns[-1] = columns[1], columns[-2]
    return np.asarray(cv2.GaussianBlur(columns[:, None], (1, 3), 0)[:, 0], np.float32)


def _grain(photo: Pixels, cheek: Floats, eye_distance: float) -> float:
    radius = max(4, int(0.08 * eye_distance))
    x, y = int(cheek[0]), int(cheek[1])
    patch = photo[max(0, y - radius) : y + radius, max(0, x - radius) : x + radius]
    if patch.size == 0:
        return 0.0
    grey = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float((grey - cv2.GaussianBlur(grey, (0, 0), 1.2)).std())


def tooth_colour_of(photo_teeth: Pixels, alpha: Floats) -> Floats | None:
    """The median colour of the photo's own teeth where they are surely seen; None when too few pixels are."""
    sure = photo_teeth[alpha > 0.7]
    return 0.98 * np.median(sure, axis=0) if len(sure) > 20 else None


def own_upper_teeth(
    photo: Pixels, points: Floats, lip: Floats, left: int, top: int, width: int, height: int
) -> Floats | None:
    """Where an open-mouthed photo shows its own teeth: alpha 0 to 1, (height, width), or None when it shows none.

    Tooth colour is the median of the brightest 40 % inside the eroded inner-lip polygon; redness and darkness in Lab
    against it decide, closed over the gaps between teeth.
    """
    eye_distance = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    outline = np.r_[INNER_UPPER, INNER_LOWER[::-1]]
    inner = points[outline][:, :2] - (left, top)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(inner * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    mask = _eroded(mask, max(1, round(0.010 * eye_distance)))
    lab = cv2.cvtColor(photo[top : top + height, left : left + width], cv2.COLOR_RGB2LAB).astype(np.float32)
    inside = lab[mask > 200]
    if len(inside) < 30:
        return None
    tooth = np.median(inside[inside[:, 0] >= np.percentile(inside[:, 0], 60)], axis=0)
    one_pixel = np.clip(lip, 0, 255).astype(np.uint8).reshape(1, 1, 3)
    lip_lab = cv2.cvtColor(one_pixel, cv2.COLOR_RGB2LAB)[0, 0].astype(np.float32)
    redness = np.clip((lab[..., 1] - tooth[1]) / max(float(lip_lab[1] - tooth[1]), 4.0), -1, 2)
    darkness = np.clip((tooth[0] - lab[..., 0]) / max(float(tooth[0]), 1.0), -1, 1)
    likely = (1 - smoothstep(redness, 0.45, 0.9)) * (1 - smoothstep(darkness, 0.30, 0.55))
    size = 2 * round(0.020 * eye_distance) + 1
    closed = cv2.morphologyEx(likely, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    alpha = cv2.GaussianBlur(closed * (mask.astype(np.float32) / 255), (0, 0), max(0.7, 0.006 * eye_distance))
    alpha = np.clip(alpha * 1.25 - 0.12, 0, 1)
    return np.asarray(alpha, np.float32) if int((alpha > 0.5).sum()) >= 25 else None


def _eroded(mask: Pixels, radius: int) -> Pixels:
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.erode(mask, element), np.uint8)
