"""Hear the packaged voices, and write down how each of them sounds: src/lipwright/assets/speakers/voice_cards.json.

python training/speaker_cards/make.py            # prints the figures of README.md and the digest for ASSETS.toml
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lipwright import assets
from lipwright.media.audio import resample
from lipwright.speech.speakers.cards import ASSET
from lipwright.speech.speakers.embed import SpeakerEmbedder, unit
from lipwright.speech.speakers.features import SAMPLE_RATE_HZ
from lipwright.speech.speakers.pitch import median_pitch_hz
from lipwright.speech.tts.base import TextToSpeech, Voice
from lipwright.speech.tts.hibari import Hibari
from lipwright.speech.tts.kokoro import Kokoro

SENTENCES = {
    "en": (
        "The farmer carried a heavy basket of apples to the market.",
        "Nobody knew why the lights went out during dinner.",
        "Before you leave, please close the windows and lock the gate.",
        "Have you ever seen the ocean from the top of a mountain?",
    ),
    "es": (
        "El campesino llevó una cesta de manzanas al mercado.",
        "Nadie sabía por qué se fue la luz durante la cena.",
        "Antes de salir, cierra las ventanas y la puerta del jardín.",
        "¿Has visto alguna vez el mar desde lo alto de una montaña?",
    ),
    "fr": (
        "Le fermier portait un lourd panier de pommes au marché.",
        "Personne ne savait pourquoi la lumière s'est éteinte pendant le dîner.",
        "Avant de partir, ferme les fenêtres et la porte du jardin.",
        "As-tu déjà vu la mer du haut d'une montagne ?",
    ),
    "it": (
        "Il contadino portava un pesante cesto di mele al mercato.",
        "Nessuno sapeva perché la luce si fosse spenta durante la cena.",
        "Prima di uscire, chiudi le finestre e il cancello.",
        "Hai mai visto il mare dalla cima di una montagna?",
    ),
    "pt": (
        "O agricultor levou uma cesta pesada de maçãs ao mercado.",
        "Ninguém sabia por que a luz apagou durante o jantar.",
        "Antes de sair, feche as janelas e o portão, por favor.",
        "Você já viu o mar do alto de uma montanha?",
    ),
}


def main() -> None:
    """Speak, listen, write, compare."""
    embedder = SpeakerEmbedder()
    cards: dict[str, dict[str, object]] = {}
    pieces: dict[str, NDArray[np.float32]] = {}
    for engine in (Kokoro(), Hibari()):
        for voice in engine.voices():
            sounds = _spoken(engine, voice)
            name = f"{voice.engine}/{voice.id}"
            pieces[name] = np.stack([embedder.embed(sound) for sound in sounds])
            pitch_hz = median_pitch_hz(np.concatenate(sounds))
            if pitch_hz is None:
                raise SystemExit(f"{name}: nothing voiced was heard")
            mean = unit(pieces[name].mean(axis=0))
            cards[name] = {
                "gender": str(voice.gender),
                "pitch_hz": round(pitch_hz, 1),
                "embedding": [round(float(value), 4) for value in mean],
            }
            print(f"{name}: {voice.gender}, {pitch_hz:.0f} Hz")
    text = json.dumps(cards, indent=0, sort_keys=True).replace(",\n", ",").replace("},", "},\n") + "\n"
    path = Path(next(iter(assets.__path__))) / ASSET
    path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {len(text)} bytes, SHA-256 {hashlib.sha256(text.encode('utf-8')).hexdigest()}")
    _compare(pieces)


def _spoken(engine: TextToSpeech, voice: Voice) -> list[NDArray[np.float32]]:
    sounds = []
    for sentence in SENTENCES[voice.language.split("-", maxsplit=1)[0]]:
        speech = engine.speak(sentence, voice.id)
        sounds.append(np.concatenate([*resample([speech.samples], speech.sample_rate_hz, SAMPLE_RATE_HZ)]))
    return sounds


def _compare(pieces: dict[str, NDArray[np.float32]]) -> None:
    """How far a voice is from itself in another sentence, and from its nearest neighbour."""
    means = {name: unit(rows.mean(axis=0)) for name, rows in pieces.items()}
    for name, rows in pieces.items():
        itself = float(np.mean((rows @ rows.T)[np.triu_indices(len(rows), 1)]))
        nearest = max((other for other in means if other != name), key=lambda other: float(means[name] @ means[other]))
        print(f"{name}: itself {itself:.2f}, nearest {nearest} {float(means[name] @ means[nearest]):.2f}")


if __name__ == "__main__":
    main()
