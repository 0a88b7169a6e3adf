"""What a person agreed to: read from a file, and asked before each use of their avatar."""

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from lipwright.contracts.avatar import AvatarIdentity, Consent, Use
from lipwright.errors import ConsentInvalid, ConsentMissing
from lipwright.speech.tts.base import matches

LARGEST_BYTES = 200_000
WHAT_IT_HOLDS = (
    'A record of consent is JSON, such as {"person": "Maya Lindt", "granted_on": "2026-01-31", "uses": ["video"]}'
)


def read_consent(path: Path) -> Consent:
    """Read a record of consent.

    Raises: ConsentInvalid: there is no such file, it is no JSON, or what it says is too little or contradicts itself.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConsentInvalid(
                f"`{path}`: more than {LARGEST_BYTES} bytes are no record of consent. {WHAT_IT_HOLDS}."
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise ConsentInvalid(f"`{path}`: cannot be read ({exc.strerror}). {WHAT_IT_HOLDS}.") from exc
    except UnicodeDecodeError as exc:
        raise ConsentInvalid(f"`{path}`: this is no text in UTF-8. {WHAT_IT_HOLDS}.") from exc
    try:
        return Consent.model_validate_json(text)
    except ValidationError as exc:
        wrong = exc.errors(include_url=False)[0]
        place = ".".join(str(part) for part in wrong["loc"])
        said = f"{place}: {wrong['msg']}" if place else str(wrong["msg"])
        raise ConsentInvalid(f"`{path}`: {said}. {WHAT_IT_HOLDS}.") from exc


def check_consent(
    asked: AvatarIdentity | Consent, use: Use, *, language: str | None, purpose: str | None, today: date
) -> None:
    """Make sure that a person agreed to what is to be done.

    Args:
        language: BCP 47 tag of what the person is shown speaking; None where nobody knows it.
        purpose: such as `advertising`; None for none that is named.
        today: the day of the use.
    Raises: ConsentMissing: they did not; what is not covered, and what would be.
    """
    consent = asked.consent if isinstance(asked, AvatarIdentity) else asked
    whose = f"avatar `{asked.name}`" if isinstance(asked, AvatarIdentity) else "consent"
    subject = f"{whose} ({consent.person})"
    check_time(consent, today, subject)
    if use not in consent.uses:
        raise ConsentMissing(
            f"{subject}: the consent does not cover the use `{use}`, only {_listed(consent.uses)}."
            f" Ask {consent.person}, and create the avatar with a record of consent whose `uses` name it."
        )
    if use is Use.CLONE_VOICE:
        return  # what the copied voice says and where is asked of each video
    _check_language(subject, consent, language)
    _check_purpose(subject, consent, purpose)


def check_time(consent: Consent, today: date, subject: str = "consent") -> None:
    """Make sure that a consent has begun and has not ended.

    Raises: ConsentMissing.
    """
    if today < consent.granted_on:
        raise ConsentMissing(f"{subject}: the consent begins on {consent.granted_on}, and today is {today}. Wait.")
    if consent.until is not None and today > consent.until:
        raise ConsentMissing(
            f"{subject}: the consent ended on {consent.until}, and today is {today}."
            f" Ask {consent.person} again, and create the avatar anew with the new record."
        )


def _check_language(subject: str, consent: Consent, language: str | None) -> None:
    if not consent.languages:
        return
    if language is None:
        raise ConsentMissing(
            f"{subject}: the consent covers {_listed(consent.languages)}, and nobody knows which language this is."
            " Name it with --language."
        )
    if not any(_covers(covered, language) for covered in consent.languages):
        raise ConsentMissing(
            f"{subject}: the consent does not cover `{language}`, only {_listed(consent.languages)}."
            f" Use one of them, or ask {consent.person} for a record of consent that names it."
        )


def _check_purpose(subject: str, consent: Consent, purpose: str | None) -> None:
    if not consent.purposes or purpose in consent.purposes:
        return
    what = "each use has to name its purpose" if purpose is None else f"it does not cover `{purpose}`"
    raise ConsentMissing(
        f"{subject}: the consent is for {_listed(consent.purposes)}, and {what}."
        f" Name one of them with --purpose, or ask {consent.person} for a record of consent that covers it."
    )


def _covers(covered: str, language: str) -> bool:
    """Whether `language` is the one that is covered, or a region of it."""
    return covered.count("-") <= language.replace("_", "-").count("-") and matches(covered, language)


def _listed(values: frozenset[str] | frozenset[Use]) -> str:
    return ", ".join(f"`{value}`" for value in sorted(values))
