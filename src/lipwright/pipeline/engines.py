"""What a dub needs built for it, when it needs it. The wiring gives it; a test gives fakes."""

from collections.abc import Callable
from dataclasses import dataclass

from lipwright.motion.sound import MouthEngine
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs
from lipwright.speech.cloning.base import VoiceCloner
from lipwright.speech.separate.base import Separator
from lipwright.speech.stt.base import SpeechToText
from lipwright.speech.translate.base import Translator
from lipwright.speech.tts.base import TextToSpeech


@dataclass(frozen=True)
class DubEngines:
    """Builders of engines, and one engine. Each is built once, and loads its model when it first works."""

    separator: Callable[[], Separator]
    stt: Callable[[], SpeechToText]
    translator: Callable[[str, str], Translator]
    """From source and target language; raises LanguageUnknown for a pair that nothing translates."""
    tts: Callable[[str | None], TextToSpeech]
    """From the name of a speech engine; None for the one that the request or the settings name."""
    cloner: Callable[[], VoiceCloner]
    lipsync: Callable[[str, Knobs], LipSyncer]
    listener: MouthEngine
    """Hears the mouth of lines whose phones are not known."""
    manner: str
    """Tells one choice of engines and settings from another."""
