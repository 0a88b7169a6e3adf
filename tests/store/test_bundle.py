"""What one store knows reaches another in a file, whole; nothing else gets in, and nothing leaves its folder."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.errors import StorageFailed
from lipwright.store.bundle import pack, unpack
from lipwright.store.key import StageKey
from lipwright.store.manifest import MANIFEST_NAME, FileRecord, Manifest
from lipwright.store.stages import StageStore, memoise

FILES = {"frames.npy": bytes(range(256)) * 9, "inner/picture.mp4": b"mp4" * 500, "empty": b""}
KEY = StageKey("window", 2, tuning={"crf": 18.5}, parameters={"fps": Fraction(24000, 1001), "text": "schön"}, take=3)
OTHER = StageKey("scan", 1)
ESCAPING = ("../escape", "/tmp/escape", "a/../../escape", ".", "a//b", "a\\b", "C:x", "a\nb", MANIFEST_NAME)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "one") as opened:
        yield opened


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "other") as opened:
        yield opened


def write(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def read(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def bundle(store: StageStore, path: Path, *keys: StageKey) -> Path:
    for key in keys:
        memoise(store, key, write)
    return pack(store, keys, path)


def everything_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_results_reach_another_store(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    packed = bundle(store, tmp_path / "bundle", KEY, OTHER)

    assert {key.digest for key in unpack(packed, elsewhere)} == {KEY.digest, OTHER.digest}
    for key in (KEY, OTHER):
        found = elsewhere.get(key)
        assert found is not None
        assert read(found) == FILES


def test_the_same_results_give_the_same_bytes(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    packed = bundle(store, tmp_path / "bundle", KEY, OTHER)
    unpack(packed, elsewhere)

    again = pack(elsewhere, (OTHER, KEY, KEY), tmp_path / "again")

    assert again.read_bytes() == packed.read_bytes()


def test_results_that_are_there_stay(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    packed = bundle(store, tmp_path / "bundle", KEY)
    place = memoise(elsewhere, KEY, write)
    before = place.stat().st_ino

    assert [key.digest for key in unpack(packed, elsewhere)] == [KEY.digest]
    assert place.stat().st_ino == before


def test_a_result_that_is_gone_is_left_out(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    memoise(store, OTHER, write)
    packed = pack(store, (KEY, OTHER), tmp_path / "bundle")

    assert [key.stage for key in unpack(packed, elsewhere)] == ["scan"]


def test_a_store_tells_what_it_gave_and_made(store: StageStore, tmp_path: Path) -> None:
    assert store.used() == ()
    memoise(store, KEY, write)
    assert store.get(OTHER) is None
    with store.making(OTHER) as folder:
        write(folder)
    assert store.used() == (KEY, OTHER)
    with StageStore(tmp_path / "one") as later:
        later.get(OTHER)
        assert later.used() == (OTHER,)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("packed")
    with StageStore(folder / "one") as store:
        return bundle(store, folder / "bundle", KEY, OTHER).read_bytes()


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0), bit=st.integers(0, 7))
def test_bytes_that_changed_let_nothing_in(
    packed: bytes, tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("changed")
    content = bytearray(packed)
    content[place % len(content.rstrip(b"\0"))] ^= 1 << bit
    (folder / "bundle").write_bytes(content)
    with StageStore(folder / "other") as elsewhere:
        try:
            unpack(folder / "bundle", elsewhere)
        except StorageFailed:
            assert elsewhere.used() == ()
        for key in elsewhere.used():  # the change is between two files, where nothing is read
            found = elsewhere.get(key)
            assert found is not None
            assert read(found) == FILES
        assert not any((folder / "other/making").iterdir())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_a_file_that_ends_too_early_lets_nothing_in(
    store: StageStore, elsewhere: StageStore, tmp_path: Path, share: float
) -> None:
    packed = bundle(store, tmp_path / "bundle", KEY, OTHER)
    content = packed.read_bytes().rstrip(b"\0")
    packed.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(StorageFailed, match="`bundle`"):
        unpack(packed, elsewhere)

    assert elsewhere.used() == ()


def test_no_file_is_a_failure_of_the_storage(elsewhere: StageStore, tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="No such file"):
        unpack(tmp_path / "none", elsewhere)


def test_what_is_larger_than_allowed_lets_nothing_in(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    packed = bundle(store, tmp_path / "bundle", KEY, OTHER)
    size = sum(map(len, FILES.values()))

    with pytest.raises(StorageFailed, match="more than"):
        unpack(packed, elsewhere, limit_bytes=2 * size - 1)
    assert elsewhere.used() == ()
    assert len(unpack(packed, elsewhere, limit_bytes=2 * size)) == 2


def manifest(files: dict[str, FileRecord], key: str = OTHER.canonical) -> bytes:
    return Manifest(key=key, files=files).model_dump_json().encode()


def record(content: bytes) -> FileRecord:
    return FileRecord(size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def member(name: str, content: bytes = b"", **how: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in how.items():
        setattr(info, field, value)
    return info, content


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as out:
        for info, content in members:
            out.addfile(info, io.BytesIO(content))
    return path


def with_file(name: str) -> Callable[[], list[tuple[tarfile.TarInfo, bytes]]]:
    def members() -> list[tuple[tarfile.TarInfo, bytes]]:
        return [
            member(f"{OTHER.digest}/{MANIFEST_NAME}", manifest({name: record(b"bad")})),
            member(f"{OTHER.digest}/{name}", b"bad"),
        ]

    return members


def with_member(**how: object) -> Callable[[], list[tuple[tarfile.TarInfo, bytes]]]:
    def members() -> list[tuple[tarfile.TarInfo, bytes]]:
        return [
            member(f"{OTHER.digest}/{MANIFEST_NAME}", manifest({"file": record(b"")})),
            member(f"{OTHER.digest}/file", **how),  # type: ignore[arg-type]
        ]

    return members


def with_manifest(content: bytes, folder: str = OTHER.digest) -> Callable[[], list[tuple[tarfile.TarInfo, bytes]]]:
    return lambda: [member(f"{folder}/{MANIFEST_NAME}", content)]


@pytest.mark.parametrize(
    "members",
    [
        *map(with_file, ESCAPING),
        with_member(type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        with_member(type=tarfile.LNKTYPE, linkname="../../manifest.json"),
        with_member(type=tarfile.CHRTYPE),
        with_member(type=tarfile.FIFOTYPE),
        with_member(type=tarfile.DIRTYPE),
        with_member(type=tarfile.GNUTYPE_SPARSE),
        with_member(type=tarfile.XHDTYPE),
        lambda: [*with_file("a")(), member(f"{OTHER.digest}/b", b"more")],
        lambda: [*with_file("a")()[:1]],
        lambda: [*with_file("a")()[1:]],
        with_manifest(b"not json"),
        with_manifest(b"{}"),
        with_manifest(b"[" * 100_000),
        with_manifest(manifest({}, KEY.canonical)),
        with_manifest(manifest({}), "0" * 64),
        with_manifest(manifest({}), "../" * 5),
        with_manifest(manifest({}, '{"stage":"scan"}')),
        with_manifest(manifest({}, OTHER.canonical.replace("1", "NaN"))),
        with_manifest(manifest({}, OTHER.canonical.replace(":", ": "))),
        with_manifest(manifest({"a": FileRecord(size_bytes=-5, sha256="")})),
        with_manifest(manifest({"a": record(b""), "a/b": record(b"")})),
        with_manifest(manifest({"a": FileRecord(size_bytes=10**15, sha256="0" * 64)})),
    ],
)
def test_a_hostile_file_lets_nothing_in(
    elsewhere: StageStore, tmp_path: Path, members: Callable[[], list[tuple[tarfile.TarInfo, bytes]]]
) -> None:
    hostile = archive(tmp_path / "hostile", *members())
    before = everything_in(tmp_path)

    with pytest.raises(StorageFailed, match="`hostile`"):
        unpack(hostile, elsewhere)

    assert everything_in(tmp_path) == before
    assert elsewhere.used() == ()


def test_a_good_result_before_a_bad_one_does_not_stay(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    packed = bundle(store, tmp_path / "bundle", KEY)
    content = packed.read_bytes().rstrip(b"\0")
    content += b"\0" * (-len(content) % tarfile.BLOCKSIZE)
    rest = archive(tmp_path / "rest", *with_file("../escape")()).read_bytes()
    packed.write_bytes(content + rest)

    with pytest.raises(StorageFailed):
        unpack(packed, elsewhere)

    assert elsewhere.get(KEY) is None


def test_another_format_of_tar_is_refused(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "pax", "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "x" * 4000}) as out:
        info, content = with_file("a")()[0]
        out.addfile(info, io.BytesIO(content))

    with pytest.raises(StorageFailed, match="no file"):
        unpack(tmp_path / "pax", elsewhere)


def test_a_key_comes_back_as_it_was(store: StageStore, elsewhere: StageStore, tmp_path: Path) -> None:
    [key] = unpack(bundle(store, tmp_path / "bundle", KEY), elsewhere)

    assert key.canonical == KEY.canonical
    assert json.loads(key.canonical)["take"] == 3
