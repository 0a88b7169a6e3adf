"""Makes a trained network the packaged one: copies it into the assets and writes its digest into their list.

python training/sound_to_mouth/install.py build/sound_to_mouth/sound_to_mouth.onnx
"""

import argparse
import hashlib
import re
from pathlib import Path

ASSETS = Path(__file__).parents[2] / "src" / "lipwright" / "assets" / "motion"
NAME = "sound_to_mouth.onnx"


def main() -> None:
    """Copy, then list."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("network", type=Path)
    content = parser.parse_args().network.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    listing = ASSETS / "ASSETS.toml"
    entry = re.compile(rf'(\[files\."{re.escape(NAME)}"\][^\[]*?sha256 = ")[0-9a-f]*(")')
    listed, changed = entry.subn(rf"\g<1>{digest}\g<2>", listing.read_text("utf-8"))
    if not changed:
        raise SystemExit(f"{listing}: lists no {NAME}. Add its entry first.")
    (ASSETS / NAME).write_bytes(content)
    listing.write_text(listed, "utf-8")
    print(f"{NAME}: {len(content)} bytes, {digest}")


if __name__ == "__main__":
    main()
