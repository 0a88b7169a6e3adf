"""The user's pronunciation file."""

from pathlib import Path

import pytest

from lipwright.errors import MediaNotFound, UsageError
from lipwright.speech.lexicon import Entry, Lexicon, read_lexicon
from lipwright.speech.tokens import Piece


def found(lexicon: Lexicon, text: str, language: str = "en-US") -> list[tuple[str, Piece]]:
    return [(text[start:end], piece) for start, end, piece in lexicon.find(text, language)]


def test_toml_gives_words_for_all_and_for_one_language(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text('Lipwright = "lip right"\nGIF = "/dʒɪf/"\n[es]\nLipwright = "/lipɾajt/"\n', encoding="utf-8")
    lexicon = read_lexicon(path)
    assert found(lexicon, "Lipwright makes a GIF.") == [
        ("Lipwright", Piece("lip right")),
        ("GIF", Piece("GIF", "dʒɪf")),
    ]
    assert found(lexicon, "Lipwright", "es") == [("Lipwright", Piece("Lipwright", "lipɾajt"))]


def test_csv_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text('word,say\n# a comment\nnginx,engine x\n"Le, Goff",/ləɡɔf/,fr\n', encoding="utf-8")
    assert read_lexicon(path).entries == (Entry("nginx", "engine x"), Entry("Le, Goff", "/ləɡɔf/", "fr"))


def test_capitals_match_exactly_and_small_letters_anything() -> None:
    lexicon = Lexicon([Entry("US", "you ess"), Entry("nginx", "engine x")])
    assert [word for word, _ in found(lexicon, "US and us, NGINX, Nginx, nginxes")] == ["US", "NGINX", "Nginx"]


def test_longest_match_wins() -> None:
    lexicon = Lexicon([Entry("New", "nope"), Entry("New York", "noo york")])
    assert [word for word, _ in found(lexicon, "New York is New.")] == ["New York", "New"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", 'a = "b"\n\nGIF = 5\n', r"a\.toml, line 3: `GIF` must be a text"),
        ("a.toml", "a = b\n", r"not valid TOML.*line 1"),
        ("a.toml", '[fr]\nx = "/a"\n', r"line 2: `/a` has one slash"),
        ("a.toml", 'x = "/4%/"\n', r"line 1: `/4%/` is not IPA"),
        ("a.csv", "a,b\nc\n", r"line 2: 1 columns"),
        ("a.csv", "a,b\n\na,c\n", r"line 3: `a` is already given in line 1"),
        ("a.csv", "a,\n", r"line 1: `a` has no pronunciation"),
        ("a.csv", " ,b\n", r"line 1: there is no word"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_lexicon(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"nowhere\.toml"):
        read_lexicon(tmp_path / "nowhere.toml")
