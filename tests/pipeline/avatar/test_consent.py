"""What a person agreed to covers a use, or the refusal says what is missing."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwright.contracts.avatar import Consent, Use
from lipwright.errors import ConsentInvalid, ConsentMissing
from lipwright.pipeline.avatar.consent import check_consent, read_consent

TODAY = date(2026, 6, 1)


def consent(**fields: object) -> Consent:
    return Consent.model_validate({"person": "Maya", "granted_on": date(2026, 1, 1), "uses": {Use.VIDEO}, **fields})


def allowed(given: Consent, use: Use = Use.VIDEO, language: str | None = "en-GB", purpose: str | None = None) -> None:
    check_consent(given, use, language=language, purpose=purpose, today=TODAY)


def refusal(given: Consent, **use: object) -> str:
    with pytest.raises(ConsentMissing) as refused:
        allowed(given, **use)  # type: ignore[arg-type]
    return str(refused.value)


def test_a_consent_without_limits_covers_every_language_and_purpose() -> None:
    allowed(consent(), language=None)
    allowed(consent(), language="pt-BR", purpose="advertising")


def test_a_use_that_is_not_named_is_refused_and_said() -> None:
    said = refusal(consent(), use=Use.LIVE)

    assert "does not cover the use `live`, only `video`" in said
    assert "Ask Maya" in said


@pytest.mark.parametrize(
    ("covered", "language"), [("pt", "pt-BR"), ("pt-BR", "pt-br"), ("en", "en"), ("zh", "zh-Hant-TW")]
)
def test_a_language_covers_itself_and_its_regions(covered: str, language: str) -> None:
    allowed(consent(languages={covered}), language=language)


@pytest.mark.parametrize(("covered", "language"), [("pt-BR", "pt"), ("pt-BR", "pt-PT"), ("en", "es")])
def test_a_language_that_is_not_covered_is_refused(covered: str, language: str) -> None:
    assert f"does not cover `{language}`, only `{covered}`" in refusal(consent(languages={covered}), language=language)


def test_a_language_that_nobody_knows_is_refused_where_languages_are_named() -> None:
    assert "--language" in refusal(consent(languages={"en"}), language=None)


def test_a_purpose_has_to_be_named_and_covered() -> None:
    training = consent(purposes={"training"})

    allowed(training, purpose="training")
    assert "has to name its purpose" in refusal(training)
    assert "does not cover `advertising`" in refusal(training, purpose="advertising")


def test_copying_a_voice_is_asked_for_no_language_and_no_purpose() -> None:
    allowed(
        consent(uses={Use.CLONE_VOICE}, languages={"en"}, purposes={"training"}), use=Use.CLONE_VOICE, language=None
    )


@given(first=st.dates(), last=st.dates(), today=st.dates())
def test_a_consent_covers_the_days_from_its_first_to_its_last(first: date, last: date, today: date) -> None:
    first, last = min(first, last), max(first, last)
    asked = consent(granted_on=first, until=last)
    if first <= today <= last:
        check_consent(asked, Use.VIDEO, language=None, purpose=None, today=today)
    else:
        with pytest.raises(ConsentMissing, match="begins on" if today < first else "ended on"):
            check_consent(asked, Use.VIDEO, language=None, purpose=None, today=today)


def test_a_record_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "consent.json"
    path.write_text(consent(languages={"pt"}).model_dump_json(), encoding="utf-8-sig")

    assert read_consent(path) == consent(languages={"pt"})


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        ({}, "person"),
        ({"person": "", "granted_on": "2026-01-01", "uses": ["video"]}, "person"),
        ({"person": "Maya", "granted_on": "2026-01-01", "uses": []}, "uses"),
        ({"person": "Maya", "granted_on": "2026-01-01", "uses": ["everything"]}, "uses"),
        ({"person": "Maya", "granted_on": "2026-02-30", "uses": ["video"]}, "granted_on"),
        ({"person": "Maya", "granted_on": "2026-01-01", "until": "2025-01-01", "uses": ["video"]}, "before granted_on"),
        ({"person": "Maya", "granted_on": "2026-01-01", "uses": ["video"], "langauges": ["en"]}, "langauges"),
        ([], "an object"),
    ],
)
def test_a_record_that_says_too_little_is_refused_by_the_field(tmp_path: Path, record: object, wrong: str) -> None:
    path = tmp_path / "consent.json"
    path.write_text(json.dumps(record))

    with pytest.raises(ConsentInvalid, match=wrong) as refused:
        read_consent(path)
    assert '"granted_on"' in str(refused.value), "it shows what a record holds"


@pytest.mark.parametrize("content", [b"", b"yes, I do", b"\xff\xfe{\x00}\x00", b"[" * 200_001])
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "consent.json"
    path.write_bytes(content)

    with pytest.raises(ConsentInvalid):
        read_consent(path)


def test_a_record_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConsentInvalid, match="cannot be read"):
        read_consent(tmp_path / "consent.json")
