"""The page of licences tells what is installed, and lets nothing in that nobody has looked at."""

import importlib.util
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "licences.py"


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Installed(Distribution):
    """A package of which only metadata and files are known."""

    def __init__(self, files: tuple[str, ...] = (), **metadata: str) -> None:
        self._files = files
        self._metadata = metadata

    @property
    def metadata(self) -> Message:  # type: ignore[override] # what it gives is read as a message
        message = Message()
        for name, value in self._metadata.items():
            message[name.replace("_", "-")] = value
        return message

    @property
    def files(self) -> list[PurePosixPath]:  # type: ignore[override] # their names are read alone
        return [PurePosixPath(name) for name in self._files]

    def read_text(self, filename: str) -> str | None:
        return None

    def locate_file(self, path: object) -> Path:
        return Path(str(path))


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ({"License_Expression": "MIT OR Apache-2.0", "License": "see files"}, "MIT OR Apache-2.0"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "Copyright somebody, all rights", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
    ],
)
def test_licence_is_read_from_whichever_field_tells_it(
    licences: ModuleType, metadata: dict[str, str], licence: str
) -> None:
    assert licences.licence_of("new", lambda _name: Installed(**metadata)) == licence


@pytest.mark.parametrize("metadata", [{}, {"License": "Dual License"}, {"License": "see LICENSE.txt, 2 pages"}])
def test_package_that_does_not_tell_its_licence_is_refused(licences: ModuleType, metadata: dict[str, str]) -> None:
    with pytest.raises(licences.LicenceUnknown, match=r"^new: its metadata names no licence\. Read its files"):
        licences.licence_of("new", lambda _name: Installed(**metadata))


def test_package_that_is_not_here_is_refused_unless_its_licence_was_written_down(licences: ModuleType) -> None:
    def find(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    assert licences.licence_of("colorama", find) == "BSD-3-Clause"
    with pytest.raises(licences.LicenceUnknown, match=r"^new: is not installed here"):
        licences.licence_of("new", find)


@pytest.mark.parametrize("licence", ["GPL-3.0-or-later", "MIT AND LGPL-2.1-or-later", "CC-BY-NC-4.0", "Proprietary-1"])
def test_copyleft_and_unknown_licences_are_not_permissive(licences: ModuleType, licence: str) -> None:
    assert not licences.is_permissive(licence)
    assert licences.is_permissive("(MIT AND BSD-3-Clause) OR Apache-2.0 WITH LLVM-exception")


def test_page_is_refused_when_a_package_comes_in_whose_licence_asks_for_more(
    licences: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licences, "licence_of", lambda name: "AGPL-3.0-only" if name == "new" else "MIT")
    with pytest.raises(licences.LicenceUnknown, match=r"^new: AGPL-3\.0-only is not permissive"):
        licences._packages(["alembic", "new"])


def test_library_that_nobody_has_looked_at_is_refused(licences: ModuleType) -> None:
    known = Installed(("av.libs/libx264-d6533a8d.so.165", "av/codec.py"))
    assert licences.libraries_of("av", lambda _name: known) == [("libx264", "GPL-2.0-or-later")]
    with pytest.raises(licences.LicenceUnknown, match=r"^av: the licence of libfdk-aac-1\.so is not in"):
        licences.libraries_of("av", lambda _name: Installed(("av.libs/libfdk-aac-1.so",)))


def test_packages_of_every_system_are_listed_but_those_of_browsers(licences: ModuleType) -> None:
    pinned = "\n".join(
        [
            "colorama==0.4.6 ; sys_platform == 'win32' \\",
            "    --hash=sha256:00",
            "in-a-browser==1.0 ; sys_platform == 'emscripten' \\",
            "NumPy==2.4.6",
            "numpy==2.5.5 ; python_full_version >= '3.0'",
        ]
    )
    assert licences.required(pinned) == ["colorama", "numpy"]


def test_every_packaged_file_has_source_licence_and_digest(licences: ModuleType) -> None:
    cards = dict(licences.packaged_files())
    assert "voices/af_heart.npy" in cards
    assert all(card["source"] and card["licence"] and len(card["sha256"]) == 64 for card in cards.values())
