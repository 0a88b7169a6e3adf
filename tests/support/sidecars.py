"""Sidecars of videos that nobody made."""

from fractions import Fraction
from typing import Any

from lipwright.contracts.sidecar import PixelBox, Sidecar

_USUAL: dict[str, Any] = {
    "lipwright": "0.0.0",
    "source": "photo.png",
    "text": "Mum.",
    "language": "en-US",
    "engine": "fake",
    "voice": "nobody",
    "seed": 0,
    "fps": Fraction(25),
    "width_px": 64,
    "height_px": 64,
    "duration_s": 1.0,
    "phonemes": (),
    "words": (),
    "silences": (),
    "gap": (0.0,),
    "closed": (1.0,),
    "eye_distance_px": 20.0,
    "face_box": PixelBox(left=16, top=16, right=48, bottom=48),
    "person_box": PixelBox(left=8, top=8, right=56, bottom=64),
}


def sidecar_of(**fields: Any) -> Sidecar:
    """A sidecar in which only the named fields matter; `closed` is as long as `gap` unless it is named."""
    if "gap" in fields:
        fields.setdefault("closed", tuple(0.0 for _ in fields["gap"]))
    return Sidecar(**(_USUAL | fields))
