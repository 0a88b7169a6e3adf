"""A language model behind OpenAI's chat API is asked for one JSON document; what it answers is read with care."""

import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final, TypeVar

from pydantic import BaseModel, Field, SecretStr, ValidationError

from lipwright.remote.answer import Answer
from lipwright.remote.client import Request
from lipwright.remote.cost import CostLedger
from lipwright.speech.openai import openai_client

MODEL: Final = "gpt-4.1-mini"
_REFUSED: Final = (400, 422)
"""Statuses of servers that do not know a parameter."""
_MOST_BRACKETS: Final = 1000
"""Tried as the start of a document."""
_THOUGHT: Final = re.compile(r"^.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_Result = TypeVar("_Result")
_Document = TypeVar("_Document", bound=BaseModel)


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


class Chat:
    """One model of one server."""

    def __init__(self, url: str, key: SecretStr, model: str, timeout_s: float, requests_per_minute: int) -> None:
        """
        Args:
            requests_per_minute: 0 sets no limit.
        """
        self.cost = CostLedger()
        """What its use has cost so far."""
        self._client = openai_client(url, key, timeout_s, requests_per_minute)
        self._model = model
        self._form = 0

    def identity(self) -> str:
        """The model and its server."""
        return f"{self._model} at {self._client.server.url}"

    def ask(
        self, instructions: str, task: Mapping[str, Any], schema: Mapping[str, Any], read: Callable[[str], _Result]
    ) -> _Result:
        """Ask for a document, once more if the answer cannot be used.

        Args:
            read: makes something of what the model wrote; raises ValueError, saying what is wrong with it.
        Raises: ProviderError.
        """
        messages = [
            {"role": "system", "content": instructions},
            {"role": "user", "content": json.dumps(task, ensure_ascii=False)},
        ]
        named = {"name": "document", "strict": True, "schema": schema}
        # Not all servers take a schema, and some models take no temperature: the next form where one is refused.
        forms: tuple[Mapping[str, Any], ...] = (
            {"temperature": 0, "response_format": {"type": "json_schema", "json_schema": named}},
            {"temperature": 0},
            {},
        )

        def take(answer: Answer) -> tuple[_Result] | None:
            if answer.status in _REFUSED:
                return None
            return (self._read(answer, read),)

        for form in range(self._form, len(forms)):
            asked = {"model": self._model, "messages": messages, **forms[form]}
            accepted = () if form == len(forms) - 1 else _REFUSED
            found = self._client.ask(Request("POST", "/chat/completions", json=asked, accepted=accepted), take)
            if found is not None:
                self._form = form
                return found[0]
        raise AssertionError("the last form accepts no refusal")

    def _read(self, answer: Answer, read: Callable[[str], _Result]) -> _Result:
        completion = answer.parsed(_Completion)
        self.cost.add("tokens", completion.usage.total_tokens if completion.usage else 0)
        choice = completion.choices[0]
        if choice.message.refusal:
            raise answer.invalid("refuses to answer")
        if choice.finish_reason == "length":
            raise answer.invalid("sends an answer that is cut short")
        try:
            return read(choice.message.content or "")
        except ValueError as exc:
            reason = self._client.server.quoted(str(exc))
            raise answer.invalid(f"sends an answer that cannot be used ({reason})") from exc


def first_document(content: str, model: type[_Document]) -> _Document:
    """The first JSON document of the right shape: alone, in a fence, or between other words.

    Raises: ValueError: there is none.
    """
    text = _THOUGHT.sub("", content)
    decoder = json.JSONDecoder()
    wrong = "there is no JSON document"
    for match in islice(re.finditer(r"\{", text), _MOST_BRACKETS):
        try:
            document, _ = decoder.raw_decode(text, match.start())
            return model.model_validate(document)
        except ValidationError as exc:
            first = exc.errors(include_input=False, include_url=False)[0]
            if wrong == "there is no JSON document":
                wrong = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        except (ValueError, RecursionError):
            continue
    raise ValueError(wrong)


def object_schema(**properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of a JSON object that has these fields, and all of them."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
