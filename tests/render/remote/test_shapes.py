"""Vendors as data."""

import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.errors import ProviderUnknown, UsageError
from lipwright.render.remote.shape import packaged_shape, packaged_shapes, read_shape
from lipwright.render.remote.template import filled, looked_up, merged, text_at

DOCUMENT = Path(__file__).parents[3] / "docs" / "remote-renderers.md"
OWN = textwrap.dedent(
    "".join(re.findall(r"^    (?:name = |\[|[a-z_]+ = ).*\n", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
)
"""The file that the documentation shows."""


def test_a_vendor_of_ones_own_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    able = read_shape(path).able
    assert (able.name, able.billing_increment_s, able.currency, able.languages) == (
        "own-vendor",
        60,
        "EUR",
        ("en", "de"),
    )
    assert (able.accepts_text, able.accepts_audio, able.accepts_face, able.accepts_avatar) == (True, False, False, True)
    assert not able.webhooks


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[state]", "[state", "no TOML"),
        ('id = "job.id"', "", "submit.id"),
        ("{reference}", "{referense}", r"\{referense\} is no place. Did you mean `reference`"),
        ("/jobs/{id}", "/jobs", r"no place \{id\}"),
        ('name = "own-vendor"', 'name = "Own Vendor"', "name"),
        ("billing_increment_s = 60", "billing_increment_s = 0", "billing_increment_s"),
        ('currency = "EUR"', 'curency = "EUR"', "curency"),
        ("avatar = {", 'face = { face = "{face}" }\navatar = {', "belong together"),
        ("https://video.example/api", "ftp://video.example", "server.url"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(old: str, new: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(old, new, 1))
    with pytest.raises(UsageError, match=words):
        read_shape(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="LIPWRIGHT_RENDERERS_DIR"):
        read_shape(tmp_path / "none.toml")


def test_an_unknown_vendor_is_told_with_those_that_are_known() -> None:
    with pytest.raises(ProviderUnknown, match="Did you mean `heygen`"):
        packaged_shape("heygem")
    assert packaged_shapes() == ("d-id", "heygen", "heygen-v3")


def test_templates_are_laid_over_each_other_by_field_and_place() -> None:
    face = {"inputs": [{"character": {"id": "{face}"}}]}
    text = {"inputs": [{"voice": {"text": "{text}"}}], "title": "{reference}"}
    assert merged({"title": "x", "n": 1}, face, text) == {
        "title": "{reference}",
        "n": 1,
        "inputs": [{"character": {"id": "{face}"}, "voice": {"text": "{text}"}}],
    }


def test_a_place_alone_keeps_its_type_and_one_without_a_value_is_left_out() -> None:
    template = {
        "width_px": "{width_px}",
        "size": "{width_px}x{height_px}",
        "call": "{callback_url}",
        "list": ["{text}"],
    }
    values: dict[str, str | int | None] = {"width_px": 12, "height_px": 8, "callback_url": None, "text": None}
    assert filled(template, values) == {"width_px": 12, "size": "12x8", "list": []}


@given(st.text())
def test_words_are_never_read_as_a_template(words: str) -> None:
    said = f"{words}{{voice}}"
    assert filled({"input": "{text}"}, {"text": said, "voice": "x"}) == {"input": said}


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.text(alphabet="ab01.", max_size=8),
)
def test_any_answer_can_be_searched(document: object, path: str) -> None:
    looked_up(document, path)
    assert isinstance(text_at(document, path), str)
