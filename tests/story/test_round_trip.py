"""What is written is read again as the same story, and whatever is read can be written."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.contracts.story import (
    Background,
    CutAway,
    Framing,
    Music,
    Place,
    Scene,
    Story,
    Transition,
    TransitionKind,
)
from lipwright.errors import PathEscapes, ScriptInvalid
from lipwright.story.markdown import read_script
from lipwright.story.words import tokens_of
from lipwright.story.written import write_script

LETTERS = st.sampled_from("abcdefgäöéßЖжहिनا字かฉ")
MARKS = st.sampled_from(".,!?-*_#[]<>&`~+=\\\"'():;/|{}$%^@12")
WORD = st.lists(st.one_of(LETTERS, MARKS), min_size=1, max_size=9).map("".join)
SAID = st.one_of(WORD.filter(lambda word: bool(tokens_of(word))), st.sampled_from(["[pause 500ms]", "12.", "-", "#"]))
PARAGRAPH = st.lists(SAID, min_size=1, max_size=12).map(" ".join)
TEXT = (
    st.lists(st.tuples(PARAGRAPH, st.sampled_from(["\n", "\n\n"])), min_size=1, max_size=4)
    .map(lambda parts: "".join(words + end for words, end in parts).strip())
    .filter(lambda text: bool(tokens_of(text)))
)
NAME = st.lists(st.one_of(LETTERS, st.sampled_from("0123456789 -_.")), min_size=1, max_size=12).map(
    lambda letters: " ".join("".join(letters).split())
)
NAMED = NAME.filter(lambda name: bool(name.strip(" .")) and ".." not in name)
FILE = st.tuples(NAMED, st.sampled_from([".png", "", ".mp4", " 3s", " -3 dB", ".tar.gz"])).map("".join)
SECONDS = st.integers(1, 2000).map(lambda thousandths: thousandths / 1000)
COLOUR = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
BACKGROUND = st.one_of(
    st.just(Background(kind="keep")),
    st.just(Background(kind="blur")),
    COLOUR.map(lambda value: Background(kind="colour", value=value)),
    st.lists(COLOUR, min_size=2, max_size=3).map(lambda some: Background(kind="gradient", value=",".join(some))),
    st.just(Background(kind="gradient", value="dusk")),
    FILE.map(lambda name: Background(kind="file", value=name)),
    st.one_of(FILE, PARAGRAPH, NAMED).map(lambda words: Background(kind="prompt", value=words)),
)
TRANSITION = st.one_of(
    st.just(Transition()), SECONDS.map(lambda length: Transition(kind=TransitionKind.DISSOLVE, duration_s=length))
)
SHOWN = st.one_of(
    st.tuples(FILE, st.just(())),
    st.tuples(st.none(), st.lists(NAMED.filter(lambda tag: '"' not in tag), min_size=1, max_size=3).map(tuple)),
)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    hold_s = draw(st.one_of(st.just(0.0), SECONDS))
    text = draw(st.one_of(TEXT, st.just("")) if hold_s else TEXT)
    count = len(tokens_of(text))
    places = sorted(draw(st.lists(st.integers(0, count), max_size=3)))
    shown = [(draw(SHOWN), draw(st.one_of(st.none(), SECONDS))) for _ in places]
    return Scene(
        title=draw(st.one_of(st.just(""), PARAGRAPH.map(lambda words: words[:90].strip()))),
        text=text,
        hold_s=hold_s,
        voice=draw(st.sampled_from(["", "af_heart", "Zoë: two"])),
        framing=draw(st.one_of(st.none(), st.sampled_from(Framing))),
        place=draw(st.one_of(st.none(), st.sampled_from(Place))),
        pose=draw(st.one_of(st.none(), NAMED)),
        background=draw(st.one_of(st.none(), BACKGROUND)),
        transition=draw(st.one_of(st.none(), TRANSITION)),
        captions=draw(st.sampled_from([None, True, False])),
        cut_aways=tuple(
            CutAway(after_words=place, duration_s=length, file=file, tags=tags)
            for place, ((file, tags), length) in zip(places, shown, strict=True)
        ),
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    some = draw(st.lists(scenes(), min_size=1, max_size=4))
    some[0] = some[0].model_copy(update={"transition": None})
    gain_db, duck_db = draw(st.integers(-60, 0)), draw(st.integers(0, 40))
    return Story(
        title=draw(st.one_of(st.just(""), NAMED)),
        language=draw(st.sampled_from([None, "en", "pt-BR"])),
        voice=draw(st.sampled_from(["", "af_heart"])),
        captions=draw(st.booleans()),
        music=draw(st.one_of(st.none(), FILE.map(lambda name: Music(file=name, gain_db=gain_db, duck_db=duck_db)))),
        scenes=tuple(some),
    )


@settings(max_examples=60, deadline=None)
@given(stories())
def test_story_that_is_written_is_read_again_as_itself(story: Story) -> None:
    assert read_script(write_script(story), "script.md") == story


PIECES = st.sampled_from(
    ["# ", "## ", "\n", "\n\n", "- ", "3. ", "> ", "*", "**", "_", "`", "```\n", "[left]", "[hold 1s]", "[pause 1s]",
     "[b-roll: a.png 2s]", "[b-roll: tags x, y]", "[background: #abc]", "[", "]", "\\", "<!-- x -->", "<br>", "&amp;",
     "[a](b)", "---\n", "    ", "word", "字", ".", "?", " ", "12", "~~~\n", "![x](y)", "\u00a0", "\u2028", "|", "\t"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_is_read_can_be_written_and_read_again(text: str) -> None:
    try:
        story = read_script(text, "script.md")
    except (ScriptInvalid, PathEscapes) as exc:
        assert "script.md" in str(exc)  # noqa: PT017 either outcome is right
        return
    assert read_script(write_script(story), "script.md") == story
