"""What every engine that writes scripts or fills in storyboards promises, and what it says of itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lipwright import __version__
from lipwright.contracts.story import Story


@dataclass(frozen=True, slots=True)
class ScriptCapability:
    """What an engine that writes scripts can do."""

    name: str
    """The name that settings and requests use: `rules`."""
    invents: bool
    """Whether it finds words of its own for a subject; else it divides a text into scenes and changes no word."""
    knows_length: bool
    """Whether it is told how long the video should be."""
    cost_unit: str
    """What use is counted in; `none` for an engine that costs nothing but time."""
    code_licence: str
    """SPDX expression of the engine's code."""
    weights_licence: str
    """SPDX expression of the model; empty where there is none."""


@dataclass(frozen=True, slots=True)
class StoryboardCapability:
    """What an engine that fills in storyboards can do."""

    name: str
    reads_words: bool
    """Whether it understands what is said; else it goes by the form of the script alone."""
    cost_unit: str
    code_licence: str
    weights_licence: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What a script is to be made of."""

    text: str
    """What is said, or what it should be about."""
    language: str | None = None
    """BCP 47, of the script; None for the brief's own."""
    seconds: float | None = None
    """About how long the video should be; None where that does not matter."""


class ScriptWriter(ABC):
    """An engine that writes scripts."""

    capability: ScriptCapability

    @abstractmethod
    def write(self, brief: Brief) -> str:
        """Write a script: Markdown that `read_script` reads.

        Raises: ScriptInvalid: the brief is empty, or a script with a mistake. ProviderError.
        """

    def identity(self) -> str:
        """What a script depends on besides the brief: the engine, its model, its version. A key of the store."""
        return f"{self.capability.name} in {__version__}"


class Storyboarder(ABC):
    """An engine that makes every choice that a script leaves open."""

    capability: StoryboardCapability

    @abstractmethod
    def fill(self, story: Story) -> Story:
        """Choose framing, place, pose, background, transition and captions of each scene that does not say them.

        What the story says stays as it is. Times are not set: `timing.estimated` does that.
        Returns: a story in which none of these is None.
        Raises: ProviderError.
        """

    def identity(self) -> str:
        """What a storyboard depends on besides the story. A key of the store."""
        return f"{self.capability.name} in {__version__}"
