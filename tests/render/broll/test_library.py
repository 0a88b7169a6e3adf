"""The library of pictures and clips: what it finds by tags, in which order, and what it says when it finds nothing."""

from pathlib import Path

import pytest

from lipwright.errors import MediaNotFound, MediaUnreadable, PathEscapes, UsageError
from lipwright.render.broll.library import Library
from lipwright.render.broll.tags import near_tags, words_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "city/night-skyline.jpg",
        "city/IMG_0012.JPG",
        "office/desk.mp4",
        "office/typing hands.mov",
        "Café/cup.webp",
        "notes.txt",
        ".hidden/office.jpg",
        ".office.jpg",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def found(folder: Path, *tags: str, taken: tuple[str, ...] = ()) -> str:
    return Library(folder).find(tags, [folder / name for name in taken]).relative_to(folder).as_posix()


def test_names_of_files_and_folders_are_tags(folder: Path) -> None:
    assert found(folder, "skyline") == "city/night-skyline.jpg"
    assert found(folder, "desk") == "office/desk.mp4"
    assert found(folder, "Typing_Hand") == "office/typing hands.mov"
    assert found(folder, "CAFES") == "Café/cup.webp"


def test_list_adds_tags(folder: Path) -> None:
    (folder / "library.csv").write_text(
        'file,tags\ncity/IMG_0012.JPG,"night, bridge"\n./office/desk.mp4,laptop\noffice/desk.mp4,"computer"\n'
    )
    assert found(folder, "bridge") == "city/IMG_0012.JPG"
    assert found(folder, "laptop") == found(folder, "computer") == "office/desk.mp4"


@pytest.mark.parametrize(
    "text",
    [
        "\ufefffile;tags\r\ncity\\IMG_0012.JPG;pont, nuit\r\n",
        "Tags\tFile\npont\tcity/IMG_0012.JPG\n",
        "file,tags\ncity/IMG_0012.JPG,nuit,pont\n",
        "file,tags,note\ncity/IMG_0012.JPG,pont,mine\n,,\n\n",
    ],
)
def test_list_may_come_from_any_spreadsheet(folder: Path, text: str) -> None:
    (folder / "library.csv").write_text(text, encoding="utf-8", newline="")
    assert found(folder, "pont") == "city/IMG_0012.JPG"


def test_list_in_another_encoding_is_read(folder: Path) -> None:
    (folder / "library.csv").write_text("file\ttags\ncity/IMG_0012.JPG\tBrücke, Fluss\n", encoding="utf-16")
    assert found(folder, "brücke") == "city/IMG_0012.JPG"


def test_file_with_more_of_the_tags_comes_first(folder: Path) -> None:
    assert found(folder, "city", "night") == "city/night-skyline.jpg"
    assert found(folder, "city") == "city/IMG_0012.JPG"
    assert found(folder, "city night") == "city/night-skyline.jpg"


def test_what_was_not_taken_yet_comes_first(folder: Path) -> None:
    assert found(folder, "office") == "office/desk.mp4"
    assert found(folder, "office", taken=("office/desk.mp4",)) == "office/typing hands.mov"
    both = ("office/desk.mp4", "office/typing hands.mov")
    assert found(folder, "office", taken=both) == "office/desk.mp4"
    assert found(folder, "office", taken=(*both, "office/desk.mp4")) == "office/typing hands.mov"


def test_tag_that_nothing_has_names_near_ones(folder: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"`ofice`: nothing in the library.*Near are: office"):
        found(folder, "ofice")
    with pytest.raises(MediaNotFound, match=r"It has: city, office"):
        found(folder, "zebra")


def test_search_without_tags_is_refused(folder: Path) -> None:
    for tags in ((), ("",), ("--",)):
        with pytest.raises(UsageError, match="no tags"):
            found(folder, *tags)


def test_missing_and_empty_folders_are_told(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="LIPWRIGHT_LIBRARY_DIR"):
        Library(tmp_path / "gone").find(["city"])
    with pytest.raises(MediaNotFound, match="holds no pictures"):
        Library(tmp_path).find(["city"])


@pytest.mark.parametrize("file", ["../../etc/passwd.png", "/etc/passwd", "city/../../x.jpg", "C:\\x.jpg"])
def test_list_never_leads_out_of_its_folder(folder: Path, file: str) -> None:
    (folder / "library.csv").write_text(f"file,tags\ncity/IMG_0012.JPG,a\n{file},b\n")
    with pytest.raises(PathEscapes, match="line 3"):
        found(folder, "b")


def test_list_that_cannot_be_used_says_why(folder: Path) -> None:
    (folder / "library.csv").write_text("file,tags\ncity/IMG_0012.jpg,a\n")
    with pytest.raises(MediaNotFound, match=r"line 2.*Did you mean `city/IMG_0012\.JPG`"):
        found(folder, "a")
    (folder / "library.csv").write_text("name,words\nx,y\n")
    with pytest.raises(MediaUnreadable, match="columns `file` and `tags`"):
        found(folder, "a")
    (folder / "library.csv").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(MediaUnreadable, match=r"`library\.csv`"):
        found(folder, "a")
    (folder / "library.csv").write_text("file,tags\n" + "city/IMG_0012.JPG," + "x" * 200_000 + "\n")
    with pytest.raises(MediaUnreadable, match="field larger"):
        found(folder, "a")


def test_links_do_not_lead_the_search_in_circles(folder: Path) -> None:
    (folder / "city" / "again").symlink_to(folder, target_is_directory=True)
    assert found(folder, "desk") == "office/desk.mp4"


def test_words_are_folded() -> None:
    assert words_of("Café_Cities 02, Glass-buses") == {"cafe", "city", "02", "glass", "buse"}
    assert words_of("オフィス 夜景") == {"オフィス", "夜景"}
    assert near_tags(["skylin"], ["skyline", "sky", "office"])[0] == "skyline"
