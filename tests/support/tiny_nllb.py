"""A model with the architecture of NLLB, tiny and without sense: what it says is noise, how it is asked is real."""

from pathlib import Path

import numpy as np
import tokenizers
from ctranslate2.specs import Activation, TransformerSpec
from ctranslate2.specs.model_spec import LayerSpec

DEPTH, HIDDEN, HEADS = 16, 32, 2
LAYERS = 1
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
CODES = ("eng_Latn", "por_Latn", "jpn_Jpan")


def write_tiny_nllb(folder: Path) -> None:
    """Write model.bin, its vocabulary and tokenizer.json."""
    pieces = [*SPECIAL, *"▁abcdefghijklmnopqrstuvwxyz.,", *(f"▁{word}" for word in ("the", "a", "is")), *CODES]
    numbers = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=numbers, merges=[], unk_token=SPECIAL[-1]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    tokenizer.save(str(folder / "tokenizer.json"))
    spec = TransformerSpec.from_config(LAYERS, HEADS, pre_norm=True, activation=Activation.RELU)
    rng = np.random.default_rng(4)
    _fill(spec.encoder, len(pieces), rng)
    _fill(spec.decoder, len(pieces), rng)
    spec.encoder.scale_embeddings = spec.decoder.scale_embeddings = True
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.config.bos_token, spec.config.eos_token = "<s>", "</s>"
    spec.config.unk_token, spec.config.decoder_start_token = "<unk>", "</s>"
    spec.validate()
    spec.save(str(folder))


def _fill(spec: LayerSpec, vocabulary: int, rng: np.random.Generator) -> None:
    """Give every weight of a stack a value: random ones, and the identity for norms."""

    def linear(layer: LayerSpec, outputs: int, inputs: int) -> None:
        layer.weight = rng.standard_normal((outputs, inputs)).astype(np.float32)
        layer.bias = np.zeros(outputs, np.float32)

    def norm(layer: LayerSpec) -> None:
        layer.gamma, layer.beta = np.ones(DEPTH, np.float32), np.zeros(DEPTH, np.float32)

    embeddings = spec.embeddings if not isinstance(spec.embeddings, list) else spec.embeddings[0]
    embeddings.weight = rng.standard_normal((vocabulary, DEPTH)).astype(np.float32)
    spec.position_encodings.encodings = rng.standard_normal((256, DEPTH)).astype(np.float32)
    norm(spec.layer_norm)
    if hasattr(spec, "projection"):
        linear(spec.projection, vocabulary, DEPTH)
    for layer in spec.layer:
        for name in ("self_attention", "attention"):
            if hasattr(layer, name):
                attention = getattr(layer, name)
                norm(attention.layer_norm)
                widths = (3, 1) if name == "self_attention" else (1, 2, 1)
                for part, width in zip(attention.linear, widths, strict=True):
                    linear(part, width * DEPTH, DEPTH)
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, HIDDEN, DEPTH)
        linear(layer.ffn.linear_1, DEPTH, HIDDEN)
