"""How x264 encoded a video, by the note that it leaves in its first picture: settings to encode another one alike."""

import re
from pathlib import Path
from typing import Final

from lipwright.media.pictures import picture_stream
from lipwright.media.probe import open_media

_NOTE: Final = re.compile(rb"x264 - core \d+.*? - options: ([ -~]+)", re.DOTALL)
_SAME: Final = {
    "cabac": "cabac", "ref": "ref", "me": "me", "subme": "subme", "psy": "psy", "psy_rd": "psy-rd",
    "mixed_ref": "mixed-refs", "me_range": "merange", "chroma_me": "chroma-me", "trellis": "trellis",
    "8x8dct": "8x8dct", "fast_pskip": "fast-pskip", "threads": "threads", "sliced_threads": "sliced-threads",
    "nr": "nr", "decimate": "dct-decimate", "bframes": "bframes", "b_pyramid": "b-pyramid", "b_adapt": "b-adapt",
    "b_bias": "b-bias", "direct": "direct", "weightb": "weightb", "open_gop": "open-gop", "weightp": "weightp",
    "keyint": "keyint", "keyint_min": "min-keyint", "scenecut": "scenecut", "intra_refresh": "intra-refresh",
    "rc_lookahead": "rc-lookahead", "mbtree": "mbtree", "crf": "crf", "qp": "qp", "bitrate": "bitrate",
    "qcomp": "qcomp", "qpmin": "qpmin", "qpmax": "qpmax", "qpstep": "qpstep", "ip_ratio": "ipratio",
    "pb_ratio": "pbratio",
}  # fmt: skip
"""By the names of the note: those that x264 takes, of all that shape the luma of a picture."""
_INTER_PARTITIONS: Final = {0x1: "i4x4", 0x2: "i8x8", 0x10: "p8x8", 0x20: "p4x4", 0x100: "b8x8"}
_RATE_CONTROLS: Final = {"crf", "cqp", "abr"}


def x264_settings(path: Path) -> str | None:
    """Read the note.

    Returns: `x264-params`, or None where another encoder made the video, or one that went over it twice.
    """
    with open_media(path) as container:
        packet = next((one for one in container.demux(picture_stream(container, path)) if one.size), None)
        found = _NOTE.search(bytes(packet)) if packet is not None else None
    if found is None:
        return None
    told = dict(word.split("=", 1) for word in found[1].decode("ascii").split() if "=" in word)
    return _settings(told) if told.get("rc") in _RATE_CONTROLS else None


def _settings(told: dict[str, str]) -> str:
    taken = {ours: told[theirs] for theirs, ours in _SAME.items() if theirs in told}
    if "deblock" in told:
        on, first, second = told["deblock"].split(":")
        taken |= {"deblock": f"{first},{second}"} if on == "1" else {"no-deblock": "1"}
    if "deadzone" in told:
        taken["deadzone-inter"], taken["deadzone-intra"] = told["deadzone"].split(",")
    if "aq" in told:
        mode, _, strength = told["aq"].partition(":")
        taken |= {"aq-mode": mode, "aq-strength": strength or "0"}
    if "analyse" in told:
        bits = int(told["analyse"].split(":")[1], 16)
        taken["partitions"] = ",".join(name for bit, name in _INTER_PARTITIONS.items() if bits & bit) or "none"
    return ":".join(f"{name}={value.replace(':', ',')}" for name, value in taken.items())
