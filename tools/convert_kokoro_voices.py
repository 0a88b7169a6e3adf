"""Convert Kokoro's published voice styles to the packaged ones.

    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz
    python tools/convert_kokoro_voices.py package/voices

Each style is a float32 array, 510 x 1 x 256; half precision is kept. The model's 8-bit arithmetic turns any change, be
it of one millionth, into about 1 dB of mean spectral distance, and half precision adds nothing to that (--measure
prints both). Licence of the styles: Apache-2.0, hexgrad/Kokoro-82M.
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import numpy as np

from lipwright.speech.tts.voices import KOKORO_VOICES

ASSETS = Path(__file__).parents[1] / "src" / "lipwright" / "assets" / "voices"
HEADER = """\
# Voice styles of Kokoro-82M v1.0, float16, 510 x 256: one style for each number of phoneme symbols.
# Made by tools/convert_kokoro_voices.py from voices/*.bin of the npm package kokoro-js 1.2.1.

source = "npm package kokoro-js 1.2.1, voices/*.bin; originally hexgrad/Kokoro-82M"
licence = "Apache-2.0"
"""


def convert(source: Path) -> np.ndarray:
    """Read one published style; float16, (510, 256)."""
    return np.fromfile(source, "<f4").reshape(510, 256).astype(np.float16)


def spectral_distance_db(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square distance of two magnitude spectra, where either is within 60 dB of the peak."""
    length = min(len(one), len(other))
    magnitudes = []
    for samples in (one, other):
        windows = np.lib.stride_tricks.sliding_window_view(samples[:length], 1024)[::256]
        magnitudes.append(np.abs(np.fft.rfft(windows * np.hanning(1024), axis=1)))
    heard = np.maximum(*magnitudes) > magnitudes[0].max() * 1e-3
    ratio = (magnitudes[0] + 1e-6) / (magnitudes[1] + 1e-6)
    return float(np.sqrt(np.mean((20 * np.log10(ratio[heard])) ** 2)))


def measure(source: Path, voice: str, scratch: Path) -> str:
    """Distance of the packaged style's sound, and of a style changed by a millionth, from the published one's."""
    from lipwright.speech.tts.kokoro import Kokoro

    engine = Kokoro()
    changed = scratch / source.name
    (np.fromfile(source, "<f4") * np.float32(1 + 1e-6)).astype("<f4").tofile(changed)
    sounds = [engine.speak("Radio, animal, piano, 1 2 3.", name).samples for name in (str(source), voice, str(changed))]
    half, tiny = (spectral_distance_db(sounds[0], sound) for sound in sounds[1:])
    return f"{voice}: float16 {half:.1f} dB, a change of 1e-6 {tiny:.1f} dB"


def main() -> None:
    """Write all packaged styles and their ASSETS.toml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("voices", type=Path, help="the folder voices/ of the unpacked npm package")
    parser.add_argument("--measure", action="store_true", help="print how much the sound of each voice changes")
    arguments = parser.parse_args()
    ASSETS.mkdir(parents=True, exist_ok=True)
    lines = [HEADER]
    for voice in KOKORO_VOICES:
        source, target = arguments.voices / f"{voice.id}.bin", ASSETS / f"{voice.id}.npy"
        np.save(target, convert(source))
        digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (source, target)}
        lines.append(f'[files."{target.name}"]\nsha256 = "{digests[target]}"')
        lines.append(f'source_sha256 = "{digests[source]}"\n')
        if arguments.measure:
            with tempfile.TemporaryDirectory() as scratch:
                print(measure(source, voice.id, Path(scratch)))  # noqa: T201 - a command-line script
    (ASSETS / "ASSETS.toml").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
