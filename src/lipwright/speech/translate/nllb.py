"""NLLB: two hundred languages, with weights that the user brings, run by CTranslate2."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

from lipwright.errors import ProviderUnavailable
from lipwright.speech.translate.base import Passage, Quality, TranslateCapability, Translator
from lipwright.speech.translate.cuts import cut_to_length
from lipwright.speech.translate.flores import FLORES

_BATCH: Final = 8
_BEAM: Final = 4
_LONGEST_CHARACTERS: Final = 400
_EXTRA_TOKENS: Final = 16
_LONGER: Final = 3
"""A translation has at most so many times the tokens of its source, and the extra ones."""
_END: Final = "</s>"
_TOKENIZERS: Final = ("tokenizer.json", "sentencepiece.bpe.model")


class _Tokenizer(Protocol):
    def cut(self, text: str) -> list[str]:
        """The pieces of a text."""

    def join(self, pieces: Sequence[str]) -> str:
        """The text of pieces."""


class Nllb(Translator):
    """Meta's No Language Left Behind, converted for CTranslate2.

    The folder holds `model.bin` with its configuration and vocabulary, as `ct2-transformers-converter --model
    facebook/nllb-200-distilled-600M --output_dir FOLDER --quantization int8 --copy_files tokenizer.json` writes it.

    Licence: code MIT (CTranslate2). The weights are the user's; Meta's own are CC-BY-NC-4.0, for no commercial use.
    """

    capability = TranslateCapability(
        name="nllb",
        candidates=True,
        keeps_terms=False,
        knows_length=False,
        cost_unit="none",
        needs_gpu=False,
        code_licence="MIT",
        weights_licence="",
        batch=_BATCH,
    )

    def __init__(self, *, nllb_model: Path | None = None, threads: int = 0) -> None:
        """
        Args:
            nllb_model: the folder with the converted model; None when there is none.
            threads: of the network; 0 leaves the choice to it.
        """
        self._folder = nllb_model
        self._threads = threads

    def pairs(self) -> Mapping[tuple[str, str], Quality]:
        if self._folder is None or not (self._folder / "model.bin").is_file():
            return {}
        return {(source, target): Quality.FAIR for source in FLORES for target in FLORES if source != target}

    def identity(self, source: str, target: str) -> str:
        """Holds the size and the time of the weights: others of the same name translate otherwise."""
        if self._folder is None or not (self._folder / "model.bin").is_file():
            return super().identity(source, target)
        status = (self._folder / "model.bin").stat()
        return f"nllb {status.st_size} {status.st_mtime_ns}"

    def check_pair(self, source: str, target: str) -> None:
        if self._folder is None:
            raise ProviderUnavailable(
                "nllb: no model is named. Set LIPWRIGHT_NLLB_MODEL to the folder with its weights."
            )
        if not (self._folder / "model.bin").is_file():
            raise ProviderUnavailable(
                f"nllb: `{self._folder}` holds no model.bin. Name the folder that ct2-transformers-converter wrote."
            )
        super().check_pair(source, target)

    def translate(self, passages: Sequence[Passage], source: str, target: str, count: int = 1) -> list[tuple[str, ...]]:
        self.check_pair(source, target)
        pair = self.find_pair(source, target)
        assert pair is not None  # noqa: S101  # check_pair has seen to it
        codes = FLORES[pair[0]], FLORES[pair[1]]
        answers: list[tuple[str, ...]] = []
        for passage in passages:
            parts = cut_to_length(" ".join(passage.text.split()), _LONGEST_CHARACTERS)
            said = self._sentences(parts, *codes, count)
            whole = [" ".join(texts) for texts in zip(*said, strict=True)] if said else []
            answers.append(tuple(dict.fromkeys(text for text in whole if text.strip())) or (passage.text,))
        return answers

    def _sentences(self, texts: Sequence[str], source: str, target: str, count: int) -> list[list[str]]:
        """For each text `count` translations, best first."""
        pieces = [[source, *self._tokenizer.cut(text), _END] for text in texts]
        results = self._network.translate_batch(
            pieces,
            target_prefix=[[target]] * len(pieces),
            beam_size=max(_BEAM, count),
            num_hypotheses=count,
            max_batch_size=_BATCH,
            max_decoding_length=_LONGER * max(map(len, pieces), default=0) + _EXTRA_TOKENS,
        )
        return [[self._tokenizer.join(found[1:]) for found in result.hypotheses] for result in results]

    @cached_property
    def _network(self) -> Any:
        import ctranslate2

        try:
            return ctranslate2.Translator(str(self._folder), device="cpu", intra_threads=self._threads)
        except (RuntimeError, ValueError) as exc:
            raise ProviderUnavailable(f"nllb: the model in `{self._folder}` does not load ({exc}).") from exc

    @cached_property
    def _tokenizer(self) -> _Tokenizer:
        assert self._folder is not None  # noqa: S101  # check_pair has seen to it
        found = [self._folder / name for name in _TOKENIZERS if (self._folder / name).is_file()]
        if not found:
            raise ProviderUnavailable(
                f"nllb: `{self._folder}` holds no tokenizer. Copy the model's tokenizer.json or"
                " sentencepiece.bpe.model into it."
            )
        return _JsonTokenizer(found[0]) if found[0].suffix == ".json" else _SentencePiece(found[0])


def _no_tokenizer(path: Path) -> ProviderUnavailable:
    return ProviderUnavailable(f"nllb: `{path}` is no tokenizer. Copy it again from the model that was converted.")


class _JsonTokenizer:
    """The file of Hugging Face's `tokenizers`."""

    def __init__(self, path: Path) -> None:
        import tokenizers

        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            known = json.loads(text)
        except ValueError as exc:
            raise _no_tokenizer(path) from exc
        if not isinstance(known, dict) or not isinstance(known.get("model"), dict):
            raise _no_tokenizer(path)
        self._tokenizer = tokenizers.Tokenizer.from_str(text)

    def cut(self, text: str) -> list[str]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).tokens)

    def join(self, pieces: Sequence[str]) -> str:
        numbers = [self._tokenizer.token_to_id(piece) for piece in pieces]
        return str(self._tokenizer.decode([number for number in numbers if number is not None])).strip()


class _SentencePiece:
    """The file of Google's `sentencepiece`, which is not installed with Lipwright."""

    def __init__(self, path: Path) -> None:
        try:
            import sentencepiece
        except ImportError as exc:
            raise ProviderUnavailable(
                f"nllb: `{path}` needs another package. Install it (pip install sentencepiece), or copy the model's"
                " tokenizer.json beside it."
            ) from exc
        self._processor = sentencepiece.SentencePieceProcessor(model_file=str(path))

    def cut(self, text: str) -> list[str]:
        return list(self._processor.encode(text, out_type=str))

    def join(self, pieces: Sequence[str]) -> str:
        return str(self._processor.decode(list(pieces))).strip()
