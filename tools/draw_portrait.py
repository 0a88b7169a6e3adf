"""Draw a portrait of nobody, for pictures and tests that may show no real person.

python tools/draw_portrait.py portrait.png [--side 1080] [--smile] [--skin fair] [--seed 11]
"""

import argparse
from pathlib import Path

import cv2
from portrait_drawing.scene import Sitter, draw
from portrait_drawing.skin import TONES

from lipwright.media.output import replacing


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description="Draw a portrait of nobody.")
    parser.add_argument("output", type=Path, help="a .png or .jpg file")
    parser.add_argument("--side", type=int, default=1080, help="width and height in pixels (default: %(default)s)")
    parser.add_argument("--smile", action="store_true", help="a smile that shows teeth")
    parser.add_argument("--skin", choices=tuple(TONES), default=Sitter.skin, help="default: %(default)s")
    parser.add_argument(
        "--seed", type=int, default=Sitter.seed, help="of hair, freckles and grain (default: %(default)s)"
    )
    options = parser.parse_args()
    picture = draw(Sitter(options.skin, 1.0 if options.smile else 0.0, options.seed), options.side)
    encoded = cv2.imencode(options.output.suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
    with replacing(options.output) as temporary:
        temporary.write_bytes(encoded.tobytes())


if __name__ == "__main__":
    main()
