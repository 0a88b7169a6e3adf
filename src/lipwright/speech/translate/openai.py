"""Translation by a language model behind OpenAI's chat API: OpenAI, vLLM, Ollama, or any server like them."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from lipwright.remote.cost import CostLedger
from lipwright.speech.chat import MODEL, Chat
from lipwright.speech.openai import NO_KEY, TIMEOUT_S, URL
from lipwright.speech.translate.base import Passage, Quality, TranslateCapability, Translator
from lipwright.speech.translate.chat import INSTRUCTIONS, SCHEMA, candidates, task


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
        self._chat = Chat(openai_url, openai_key, openai_translate_model, remote_timeout_s, remote_requests_per_minute)

    @property
    def cost(self) -> CostLedger:
        """What its use has cost so far."""
        return self._chat.cost

    def pairs(self) -> Mapping[tuple[str, str], Quality] | None:
        return None

    def identity(self, source: str, target: str) -> str:
        return f"{super().identity(source, target)}, {self._chat.identity()}"

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        self.check_pair(source, target)
        translated: list[tuple[str, ...]] = []
        for first in range(0, len(passages), self.capability.batch):
            some = passages[first : first + self.capability.batch]

            def read(content: str, some: Sequence[Passage] = some) -> list[tuple[str, ...]]:
                return candidates(content, some, count)

            translated += self._chat.ask(INSTRUCTIONS, task(some, source, target, count), SCHEMA, read)
        return translated
