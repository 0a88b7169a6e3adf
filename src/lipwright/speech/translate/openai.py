"""Translation by a language model behind OpenAI's chat API: OpenAI, vLLM, Ollama, or any server like them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, Field, SecretStr

from lipwright.remote.answer import Answer
from lipwright.remote.client import Request
from lipwright.remote.cost import CostLedger
from lipwright.speech.openai import NO_KEY, TIMEOUT_S, URL, openai_client
from lipwright.speech.translate.base import Passage, Quality, TranslateCapability, Translator
from lipwright.speech.translate.chat import INSTRUCTIONS, SCHEMA, candidates, task

MODEL: Final = "gpt-4.1-mini"
_REFUSED: Final = (400, 422)
"""Statuses of servers that do not know a parameter."""
_FORMS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "translations", "strict": True, "schema": SCHEMA},
        },
    },
    {"temperature": 0},
    {},
)
"""What is asked for beside the text; the next one where a server does not know it: not all take a schema, and some
models take no temperature."""


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    total_tokens: int = Field(default=0, ge=0)


class _Completion(BaseModel):
    """https://platform.openai.com/docs/api-reference/chat/object"""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class OpenAiTranslator(Translator):
    """A language model that is told each line's slot, the terms of the glossary, and what was said before.

    Licence: code Apache-2.0, as Lipwright; the model is the server's, under its terms.
    """

    capability = TranslateCapability(
        name="openai",
        candidates=True,
        keeps_terms=True,
        knows_length=True,
        cost_unit="tokens",
        needs_gpu=False,
        code_licence="Apache-2.0",
        weights_licence="LicenseRef-Terms-Of-The-Server",
        uses_context=True,
        batch=20,
    )

    def __init__(
        self,
        *,
        openai_url: str = URL,
        openai_key: SecretStr = NO_KEY,
        openai_translate_model: str = MODEL,
        remote_timeout_s: float = TIMEOUT_S,
        remote_requests_per_minute: int = 0,
    ) -> None:
        """
        Args:
            remote_timeout_s: for one answer.
            remote_requests_per_minute: 0 sets no limit.
        """
        self.cost = CostLedger()
        """What its use has cost so far."""
        self._client = openai_client(openai_url, openai_key, remote_timeout_s, remote_requests_per_minute)
        self._model = openai_translate_model
        self._form = 0

    def pairs(self) -> Mapping[tuple[str, str], Quality] | None:
        return None

    def identity(self, source: str, target: str) -> str:
        return f"{super().identity(source, target)}, {self._model} at {self._client.server.url}"

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        self.check_pair(source, target)
        translated: list[tuple[str, ...]] = []
        for first in range(0, len(passages), self.capability.batch):
            some = passages[first : first + self.capability.batch]
            translated += self._translate(some, source, target, count)
        return translated

    def _translate(self, passages: Sequence[Passage], source: str, target: str, count: int) -> list[tuple[str, ...]]:
        messages = [
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": task(passages, source, target, count)},
        ]

        def read(answer: Answer) -> list[tuple[str, ...]] | None:
            if answer.status in _REFUSED:
                return None
            completion = answer.parsed(_Completion)
            self.cost.add("tokens", completion.usage.total_tokens if completion.usage else 0)
            choice = completion.choices[0]
            if choice.message.refusal:
                raise answer.invalid("refuses to translate a line")
            if choice.finish_reason == "length":
                raise answer.invalid("sends a translation that is cut short")
            try:
                return candidates(choice.message.content or "", passages, count)
            except ValueError as exc:
                raise answer.invalid(f"sends no translation that can be read ({exc})") from exc

        for form in range(self._form, len(_FORMS)):
            asked = {"model": self._model, "messages": messages, **_FORMS[form]}
            accepted = () if form == len(_FORMS) - 1 else _REFUSED
            found = self._client.ask(Request("POST", "/chat/completions", json=asked, accepted=accepted), read)
            if found is not None:
                self._form = form
                return found
        raise AssertionError("the last form accepts no refusal")
