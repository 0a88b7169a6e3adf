"""What scenarios work on: photos and texts, made in a temporary folder when they are first asked for."""

import re
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "media"
SECONDS_PER_PARAGRAPH = 30
PARAGRAPH = """\
Good morning, and thank you for coming. Before we begin, a few words about what you see. \
This picture was a photograph, and it stayed one; only the mouth, the eyes and the head were moved, a little at a \
time, by the sounds of this sentence. \
My mother bought a paper map, and my brother promised to bring five more before the weather became warm. \
Most people never look at a map now. They simply ask, and a pleasant voice replies. Perhaps that is better. \
Perhaps we have lost something. What do you think?
"""
TALK = """\
My mother bought a paper map, and my brother promised to bring five more before the weather became warm. \
[pause 800ms] Most people never look at a map now. They simply ask, and a pleasant voice replies. Perhaps that is \
better.
"""


class Material:
    """Fills the braces of arguments."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def missing(self, arguments: tuple[str, ...]) -> str | None:
        """What an argument needs and this machine does not have."""
        for argument in arguments:
            shared = re.fullmatch(r"\{shared:(.+)\}", argument)
            if shared and not (SHARED / shared[1]).is_file():
                return f"no file ../shared/media/{shared[1]} beside the checkout"
        return None

    def filled(self, argument: str) -> str:
        """The argument itself, or what its braces stand for."""
        found = re.fullmatch(r"\{(\w+)(?::(.+))?\}", argument)
        if not found:
            return argument
        kind, detail = found[1], found[2]
        if kind == "shared":
            return str(SHARED / detail)
        if kind == "astronaut":
            return str(self._photo())
        if kind == "words":
            return self._text(f"words-{detail}", PARAGRAPH * (int(detail) // SECONDS_PER_PARAGRAPH))
        if kind == "talk":
            return self._text("talk", TALK)
        if kind == "out":
            return str(self._folder / "out.mp4")
        raise SystemExit(f"scenarios.toml: {argument} stands for nothing")

    def _text(self, name: str, words: str) -> str:
        path = self._folder / f"{name}.txt"
        path.write_text(words, encoding="utf-8")
        return str(path)

    def _photo(self) -> Path:
        from PIL import Image
        from skimage import data

        path = self._folder / "astronaut.png"
        if not path.exists():
            Image.fromarray(data.astronaut()).save(path)
        return path
