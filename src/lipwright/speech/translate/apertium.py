"""Apertium: translation by rules between languages that are close to each other, where its programs are installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lipwright.errors import ProviderAnswerInvalid, ProviderTimeout, ProviderUnavailable
from lipwright.speech.translate.base import Passage, Quality, TranslateCapability, Translator

INSTALL: Final = "apt-get install apertium apertium-es-pt"
_DATA: Final = Path("/usr/share/apertium")
_MODE: Final = re.compile(r"([a-z]{2,3}(?:_[A-Z]{2})?)-([a-z]{2,3}(?:_[A-Z]{2})?)")
_TAGS: Final = dict(
    pair.split(":")
    for pair in (
        "afr:af arg:an bel:be bos:bs bul:bg cat:ca dan:da eng:en epo:eo eus:eu fra:fr glg:gl hbs:sh hin:hi hrv:hr"
        " ind:id isl:is ita:it mkd:mk nld:nl nno:nn nob:nb nor:no oci:oc pol:pl por:pt ron:ro rus:ru slv:sl spa:es"
        " srd:sc srp:sr swe:sv ukr:uk urd:ur zlm:ms"
    ).split()
)
"""Apertium's three letters and BCP 47's two."""
_FAIR: Final = frozenset(
    frozenset(pair.split("-"))
    for pair in "es-pt es-ca es-gl pt-gl pt-ca ca-oc nn-nb da-nb da-sv nb-sv af-nl mk-bg es-ast es-an id-ms be-ru"
    " ru-uk".split()
)
"""Languages so close that rules go far; everything else tells what it is about."""
_ACCENTED: Final = {
    plain: (accented, accented.capitalize())
    for plain, accented in (
        pair.split(":")
        for pair in "donde:dónde como:cómo cuando:cuándo que:qué quien:quién cual:cuál cuanto:cuánto".split()
    )
}
_ASKING: Final = re.compile(r"(¿(?:(?:por|para|de|a|con|en) )?)(" + "|".join(_ACCENTED) + r")\b", re.IGNORECASE)
"""Spanish words that have an accent where they ask."""
_MONTHS: Final = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
_MENDED: Final = (
    (re.compile(rf"\b([Ee])n (?=\d{{1,2}} de (?:{_MONTHS})\b)"), r"\1l "),
    (re.compile(r"\b(necesit\w+) de (?!que\b)", re.IGNORECASE), r"\1 "),
    (re.compile(r"\bEUA\b"), "EE. UU."),
)
"""What comes out of Portuguese word by word, and is said otherwise in Spanish."""
_TIME_LIMIT_S: Final = 60.0
_BATCH: Final = 40
_VERSION: Final = 1
"""Rises when the same sentence is translated otherwise."""


class Apertium(Translator):
    """Apertium as a program of the system; its pairs are those of the modes that are installed.

    Licence: GPL-2.0-or-later, code and data; it runs as a process of its own.
    """

    capability = TranslateCapability(
        name="apertium",
        candidates=False,
        keeps_terms=False,
        knows_length=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="GPL-2.0-or-later",
        weights_licence="GPL-2.0-or-later",
        batch=_BATCH,
    )

    def __init__(self, *, program: str = "apertium", data: Path = _DATA) -> None:
        """
        Args:
            program: its name or path.
            data: the folder whose folder `modes` says which pairs are installed.
        """
        self._program, self._data = program, data

    def pairs(self) -> Mapping[tuple[str, str], Quality]:
        return {
            pair: Quality.FAIR if frozenset(_primary(tag) for tag in pair) in _FAIR else Quality.GIST
            for pair in self._modes()
        }

    def identity(self, source: str, target: str) -> str:
        """Holds when the mode's file was written, since another version of its data translates otherwise."""
        pair = self.find_pair(source, target)
        if pair is None:
            return super().identity(source, target)
        mode = self._modes()[pair]
        return f"apertium {mode.stem} {mode.stat().st_mtime_ns}.{_VERSION}"

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        self.check_pair(source, target)
        pair = self.find_pair(source, target)
        assert pair is not None  # noqa: S101  # check_pair has seen to it
        mode = self._modes()[pair].stem
        texts = [" ".join(passage.text.split()) for passage in passages]
        said = self._run(texts, mode)
        if len(said) != len(texts):
            said = [" ".join(self._run([text], mode)) for text in texts]
        finished = map(_spanish, said) if _primary(pair[1]) in ("es", "ast") else said
        return [(_like(text, translated or text),) for text, translated in zip(texts, finished, strict=True)]

    def _modes(self) -> dict[tuple[str, str], Path]:
        """Pairs and the files that describe them; none where the program is missing."""
        if shutil.which(self._program) is None:
            return {}
        found = {}
        for path in sorted((self._data / "modes").glob("*.mode")):
            if match := _MODE.fullmatch(path.stem):
                found[_tag(match[1]), _tag(match[2])] = path
        return found

    def _run(self, texts: Sequence[str], mode: str) -> list[str]:
        """Texts as paragraphs, since a paragraph ends a sentence."""
        command = [self._program, "-u", "-d", str(self._data), mode]
        try:
            done = subprocess.run(
                command,
                input="\n\n".join(texts) + "\n",
                capture_output=True,
                check=False,
                encoding="utf-8",
                timeout=_TIME_LIMIT_S,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
        except subprocess.TimeoutExpired as exc:
            raise ProviderTimeout(
                f"apertium {mode}: no answer in {_TIME_LIMIT_S:g} s. Try again when the machine has less to do."
            ) from exc
        except OSError as exc:
            raise ProviderUnavailable(f"apertium: cannot be run ({exc.strerror}). Install it: {INSTALL}") from exc
        except UnicodeDecodeError as exc:
            raise ProviderAnswerInvalid(f"apertium {mode}: its answer is no UTF-8 text.") from exc
        if done.returncode:
            raise ProviderUnavailable(
                f"apertium {mode}: fails with {done.stderr.strip()[-200:] or done.returncode}. Install it: {INSTALL}"
            )
        return [" ".join(text.split()) for text in re.split(r"\n[ \t]*\n", done.stdout.strip())]


def _like(text: str, translated: str) -> str:
    """With a capital at the start where the source has one."""
    place = next((i for i, character in enumerate(translated) if character.isalpha()), None)
    if place is None or not text[:1].isupper():
        return translated
    return translated[:place] + translated[place].upper() + translated[place + 1 :]


def _spanish(text: str) -> str:
    """With the marks that open a question or a call, which the rules do not write, and what else they leave out."""
    for pattern, said in _MENDED:
        text = pattern.sub(said, text)
    for opening, closing in (("¿", "?"), ("¡", "!")):
        if text.rstrip("\"'”’»)").endswith(closing) and opening not in text:
            place = next((i for i, character in enumerate(text) if character.isalnum()), 0)
            text = text[:place] + opening + text[place:]
    return _ASKING.sub(lambda match: match[1] + _ACCENTED[match[2].lower()][match[2][0].isupper()], text)


def _tag(name: str) -> str:
    """`spa` is `es`, `pt_BR` is `pt-BR`."""
    language, _, region = name.partition("_")
    return _TAGS.get(language, language) + (f"-{region}" if region else "")


def _primary(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0]
