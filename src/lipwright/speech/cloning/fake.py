"""A copier of voices for tests: every copy is the tone of its language, and it fails on demand."""

from collections.abc import Sequence

from lipwright.errors import LipwrightError
from lipwright.speech.cloning.base import CloneCapability, Reference, VoiceCloner
from lipwright.speech.tts.base import Voice
from lipwright.speech.tts.fake import FakeTts


class FakeCloner(VoiceCloner):
    """Gives a voice of the speech engine `fake`, deterministic, without a model.

    Licence: Apache-2.0, as Lipwright.
    """

    def __init__(self, *, failures: Sequence[LipwrightError | None] = ()) -> None:
        """`failures`: raised by the first, second ... call of `clone`; None lets a call through."""
        self._tts = FakeTts()
        self.capability = CloneCapability(
            name="fake",
            tts="fake",
            shortest_s=1.0,
            longest_s=60.0,
            languages=self._tts.capability.languages,
            cost_unit="none",
            needs_gpu=False,
            code_licence="Apache-2.0",
            weights_licence="Apache-2.0",
        )
        self.cloned: list[str] = []
        """The names of all voices so far."""
        self.forgotten: list[str] = []
        """The ids of all voices that were removed."""
        self._failures = list(failures)

    def clone(self, reference: Reference, name: str) -> Voice:
        self.check_reference(reference)
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        self.cloned.append(name)
        known = self._tts.supports(reference.language)
        return self._tts.default_voice(reference.language if known else "en-US")

    def forget(self, voice: Voice) -> None:
        self.forgotten.append(voice.id)
