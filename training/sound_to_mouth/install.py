"""Makes trained networks the packaged ones: copies them into the assets and writes their digests into the list there.

python training/sound_to_mouth/install.py build/sound_to_mouth/sound_to_mouth.onnx
"""

import argparse
import hashlib
import re
from pathlib import Path

ASSETS = Path(__file__).parents[2] / "src" / "lipwright" / "assets" / "motion"


def main() -> None:
    """Copy, then list."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("networks", type=Path, nargs="+", help="files named as in the assets")
    for network in parser.parse_args().networks:
        install(network)


def install(network: Path) -> None:
    """Replace the packaged network of the same name."""
    content = network.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    listing = ASSETS / "ASSETS.toml"
    entry = re.compile(rf'(\[files\."{re.escape(network.name)}"\][^\[]*?sha256 = ")[0-9a-f]*(")')
    listed, changed = entry.subn(rf"\g<1>{digest}\g<2>", listing.read_text("utf-8"))
    if not changed:
        raise SystemExit(f"{listing}: lists no {network.name}. Add its entry first.")
    (ASSETS / network.name).write_bytes(content)
    listing.write_text(listed, "utf-8")
    print(f"{network.name}: {len(content)} bytes, {digest}")


if __name__ == "__main__":
    main()
