"""The page of licences, from the metadata of what is installed and from the lists beside the packaged models.

A component whose licence is not known to be permissive, and for which licences.toml gives no reason, is an error.
"""

import base64
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[1]
KNOWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SYSTEMS = ("linux", "darwin", "win32")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==[^\s;]+(?:\s*;\s*(.*?))?\s*\\?$", re.MULTILINE)
_WITHIN = re.compile(r"\s+(?:AND|OR)\s+|[()]")

Find = Callable[[str], Distribution]


class LicenceUnknown(Exception):
    """A component whose licence nobody has looked at."""


def required(requirements: str) -> list[str]:
    """Names of the packages of a default install on any of the systems, in order."""
    return sorted({name.lower() for name, marker in _PINNED.findall(requirements) if _is_for_a_system(marker)})


def licence_of(name: str, find: Find = distribution) -> str:
    """The licence of a package as an SPDX expression.

    Raises: LicenceUnknown: neither its metadata nor licences.toml say it.
    """
    if name in KNOWN["packages"]:
        return str(KNOWN["packages"][name])
    try:
        metadata = find(name).metadata
    except PackageNotFoundError as exc:
        raise LicenceUnknown(f"{name}: is not installed here. Write its licence into tools/licences.toml.") from exc
    said = [metadata.get("License-Expression"), metadata.get("License"), *(metadata.get_all("Classifier") or [])]
    for words in filter(None, said):
        licence = str(KNOWN["spelt"].get(words, words))
        if all(_is_identifier(part) for part in _parts(licence)):
            return licence
    raise LicenceUnknown(
        f"{name}: its metadata names no licence. Read its files, and write it into tools/licences.toml."
    )


def is_permissive(licence: str) -> bool:
    """Whether a licence asks for no more than to be named, whichever of its alternatives is chosen."""
    return all(part in KNOWN["permissive"] for part in _parts(licence))


def libraries_of(name: str, find: Find = distribution) -> list[tuple[str, str]]:
    """Shared libraries in a package that others wrote, and their licences.

    Raises: LicenceUnknown.
    """
    try:
        files = find(name).files or []
    except PackageNotFoundError:
        return []
    known = {**KNOWN["libraries"], **KNOWN["libraries_of"].get(name, {})}
    found = {}
    for file in files:
        if ".libs/" not in str(file):
            continue
        stem = next((stem for stem in known if file.name.startswith(stem)), None)
        if stem is None:
            raise LicenceUnknown(f"{name}: the licence of {file.name} is not in tools/licences.toml.")
        found[re.split(r"[-.]", file.name)[0]] = known[stem]
    return sorted(found.items())


def packaged_files() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every packaged file with its card."""
    for listing in sorted((ROOT / "src" / "lipwright" / "assets").glob("*/ASSETS.toml")):
        listed = tomllib.loads(listing.read_text(encoding="utf-8"))
        common = {key: value for key, value in listed.items() if key != "files"}
        for name, card in listed["files"].items():
            yield f"{listing.parent.name}/{name}", {**common, **card}


def page() -> str:
    """The page.

    Raises: LicenceUnknown: what is installed holds something that nobody has looked at.
    """
    names = required((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    parts = [_INTRODUCTION, "## Packages\n", _packages(names)]
    parts += ["## Libraries inside packages\n", _LIBRARIES, _libraries(names)]
    parts += ["## Models that come as packages\n", _models(), "## Files that come with Lipwright\n", _FILES, _files()]
    parts += ["## Programs of their own\n", _programs(), _OTHERS]
    return "\n".join(parts)


def _packages(names: list[str]) -> str:
    rows = []
    for name in names:
        licence = licence_of(name)
        reason = KNOWN["accepted"].get(name, "")
        if not is_permissive(licence) and not reason:
            raise LicenceUnknown(
                f"{name}: {licence} is not permissive. Do without it, or say in licences.toml why not."
            )
        rows.append((name, licence, reason))
    return _table(("Package", "Licence", "Why it is well, where it asks for more"), rows)


def _libraries(names: list[str]) -> str:
    rows = []
    for name in names:
        by_licence: dict[str, list[str]] = {}
        for library, licence in libraries_of(name):
            by_licence.setdefault(licence, []).append(library)
        rows += [(name, licence, ", ".join(libraries)) for licence, libraries in sorted(by_licence.items())]
    return _table(("Package", "Licence", "Libraries"), rows)


def _models() -> str:
    rows = []
    for model in KNOWN["models"]:
        if not is_permissive(model["licence"]) and not model.get("accepted"):
            raise LicenceUnknown(f"{model['package']}: {model['licence']} is not permissive, and no reason is given.")
        what = model["what"] + (f" ({model['accepted']})" if model.get("accepted") else "")
        files = {file.name: file for file in distribution(model["package"]).files or []}
        for name in model["files"]:
            if name not in files:
                raise LicenceUnknown(f"{model['package']}: it holds no {name}. Correct tools/licences.toml.")
            digest = files[name].hash
            sha256 = base64.urlsafe_b64decode(f"{digest.value}==").hex() if digest else ""
            rows.append((what, model["package"], name, model["licence"], f"`{sha256[:16]}`"))
    return _table(("Model", "Package", "File", "Licence", "SHA-256 begins"), rows)


def _files() -> str:
    rows = []
    for name, card in packaged_files():
        licence = card["licence"]
        if not is_permissive(licence.partition(" (")[0]):
            raise LicenceUnknown(f"{name}: {licence} is not permissive.")
        rows.append((name, licence, card["source"], f"`{card['sha256'][:16]}`"))
    return _table(("File", "Licence", "Source", "SHA-256 begins"), rows)


def _programs() -> str:
    rows = [(one["name"], one["licence"], one["comes"], one["use"]) for one in KNOWN["programs"]]
    return _table(("Program", "Licence", "Comes", "What it does here"), rows)


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _is_for_a_system(marker: str) -> bool:
    return not marker or any(Marker(marker).evaluate({"sys_platform": system}) for system in SYSTEMS)


def _parts(licence: str) -> list[str]:
    return [part for part in _WITHIN.split(licence) if part]


def _is_identifier(licence: str) -> bool:
    """Whether it looks like an SPDX identifier, with an exception or without."""
    return re.fullmatch(r"[A-Za-z0-9.+-]*[0-9A-Z-][A-Za-z0-9.+-]*( WITH [A-Za-z0-9.-]+)?", licence) is not None


_INTRODUCTION = """\
# Licences

<!-- Written by `make docs` from what is installed; edit tools/licences.toml instead. -->

Everything of a default install, as its metadata and its own files say. `make check` fails when something comes in whose
licence is not known to be permissive, and for which nobody has written down why it may. The versions are those that
Python 3.11 on Linux x86-64 installs.

Lipwright itself is Apache-2.0.
"""
_LIBRARIES = """\
Shared libraries that packages carry; they are loaded into the process. libx264 encodes every video: whoever passes on
an *installed whole*, such as an image of a container or of a machine, passes on GPL software with it, and has to offer
its source. Lipwright's own code stays Apache-2.0, and who runs a service passes on nothing.
"""
_FILES = """\
The whole digests, and how each file was made, stand in the `ASSETS.toml` beside them. No file is read whose bytes do
not match.
"""
_OTHERS = """\
## Not with Lipwright

Weights of your own (NLLB, Demucs, MDX-Net, Real-ESRGAN, SyncNet, Robust Video Matting) come under the terms of those
from whom you have them; some forbid commercial use. Engines behind servers, and renderers of vendors, have the terms of
these. An image for CUDA carries NVIDIA's libraries, under NVIDIA's own licence.
"""
