"""Scripts as people write them, and every mistake told with its line and what would be right."""

import pytest

from lipwright.contracts.story import Background, CutAway, Framing, Music, Place, Story, Transition, TransitionKind
from lipwright.errors import PathEscapes, ScriptInvalid
from lipwright.story.markdown import LONGEST_SCRIPT, MOST_SCENES, read_script
from lipwright.story.written import write_script

LAUNCH = """\
---
# a remark
title: Launch
language: en-GB
voice: af_heart
captions: on
music: bed.ogg -14 dB
---

[background: office.jpg]

## Hello [framing: close] [left]

Welcome to *Lipwright*. [pause 500ms] Read
[the docs](https://example.com/a), or `pip install` it.
[b-roll: chart.png 3s] It is **fast**. <!-- nobody says this -->

## A list

[transition: dissolve] [pose: left] [captions: off] [voice: bf_emma]

1. Open it
2. Close it.

- [x] milk
* bread &amp; butter

[hold 1s]
"""


def texts(script: str) -> list[str]:
    return [scene.text for scene in read_script(script, "s.md").scenes]


def test_script_with_everything_becomes_a_story() -> None:
    story = read_script(LAUNCH, "launch.md")
    assert (story.title, story.language, story.voice, story.captions) == ("Launch", "en-GB", "af_heart", True)
    assert story.music == Music(file="bed.ogg", gain_db=-14)
    hello, listed = story.scenes
    assert (hello.title, hello.framing, hello.place) == ("Hello", Framing.CLOSE, Place.LEFT)
    assert hello.background == Background(kind="file", value="office.jpg")
    assert hello.text == "Welcome to Lipwright. [pause 500ms] Read the docs, or pip install it. It is fast."
    assert hello.cut_aways == (CutAway(after_words=10, duration_s=3.0, file="chart.png"),)
    assert listed.text == "1. Open it.\n2. Close it.\n\nmilk.\n\nbread & butter."
    assert listed.transition == Transition(kind=TransitionKind.DISSOLVE, duration_s=0.5)
    assert (listed.pose, listed.captions, listed.voice, listed.hold_s) == ("left", False, "bf_emma", 1.0)
    assert story.files() == {"office.jpg", "chart.png", "bed.ogg"}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("Hello", ["Hello"]),
        ("One.\n\nTwo.\nThree.", ["One.\n\nTwo. Three."]),
        ("# Title\n\nText.", ["Text."]),
        ("# One\nA.\n# Two\nB.", ["A.", "B."]),
        ("Intro.\n## Two\nB.", ["Intro.", "B."]),
        ("Text that is\n---\nruled.", ["Text that is\n\nruled."]),
        ("    Indented text.", ["Indented text."]),
        ("Before.\n```\ncode [left\n```\nAfter.", ["Before.\n\nAfter."]),
        ("> Quoted *words*.", ["Quoted words."]),
        ("1984. A cold day.", ["1984. A cold day."]),
        ("Hard\\\nbreak", ["Hard\nbreak"]),
        ("A\\[b\\] c \\*d\\*", ["A[b] c *d*"]),
        ("Hello[left]world, and [close] , yes [captions: on].", ["Hello world, and, yes."]),
        ("今日は\nいい天気。", ["今日はいい天気。"]),
        ("日本[b-roll: a.png]語。", ["日本語。"]),
        ("\ufeffHello\r\nthere.", ["Hello there."]),
        ("Bonjour\u00a0! Ça va", ["Bonjour\u00a0! Ça va"]),
        ("- a\n- b\n  - c?\n\nEnd", ["a.\nb.\nc?\n\nEnd"]),
        ("[link][ref]\n\n[ref]: https://example.com", ["link"]),
        ("a<br>b <b>c</b>", ["a b c"]),
    ],
)
def test_markdown_becomes_spoken_words(script: str, said: list[str]) -> None:
    assert texts(script) == said


def test_word_count_of_a_cut_away_is_its_place_in_the_text() -> None:
    (scene,) = read_script("[b-roll: a.png] One – two [b-roll: b.png 1s] three. [b-roll: c.png 2s]", "s.md").scenes
    assert [cut.after_words for cut in scene.cut_aways] == [0, 2, 3]
    (scene,) = read_script("日本[b-roll: tags tea, cup 2s]語。", "s.md").scenes
    assert scene.cut_aways == (CutAway(after_words=2, tags=("tea", "cup"), duration_s=2.0),)


@pytest.mark.parametrize(
    ("direction", "background"),
    [
        ("keep", Background(kind="keep")),
        ("Blur", Background(kind="blur")),
        ("#203040", Background(kind="colour", value="#203040")),
        ("#AbC", Background(kind="colour", value="#aabbcc")),
        ("gradient dusk", Background(kind="gradient", value="dusk")),
        ("gradient #102030, #405060", Background(kind="gradient", value="#102030,#405060")),
        ("./my office 2.jpeg", Background(kind="file", value="my office 2.jpeg")),
        ('"my office.mp4"', Background(kind="file", value="my office.mp4")),
        ("file office", Background(kind="file", value="office")),
        ('"a sunny kitchen"', Background(kind="prompt", value="a sunny kitchen")),
        ("“a sunny\nkitchen”", Background(kind="prompt", value="a sunny kitchen")),
        ('prompt "the page example.com"', Background(kind="prompt", value="the page example.com")),
    ],
)
def test_backgrounds_are_named_in_many_ways(direction: str, background: Background) -> None:
    story = read_script(f"[background: {direction}] Hello.", "s.md")
    assert story.scenes[0].background == background
    assert read_script(write_script(story), "s.md") == story


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("", "nothing is said in the script"),
        ("   \n\n---\n", "nothing is said"),
        ("…!?", "nothing is said"),
        ("[pause 1s]", "nothing is said"),
        ("## One\nHello.\n## Two\n## Three\nBye.", "line 3: nothing is said in the scene `Two`"),
        ("Hello.\n[background: office.jpg", r"line 2: `\[background: office.jpg` has no closing bracket"),
        ("[left [right]", r"line 1: `\[left` has no closing"),
        ("[left\n\nHello]", "no closing bracket"),
        ("a [backgroud: x.jpg]", "line 1: `.backgroud: x.jpg.`: no such direction. Did you mean `background`"),
        ("a [sic] b", r"no such direction.*\\\["),
        ("a [] b", "no such direction"),
        ("a\n\n[framing: clsoe]", "line 3: .*Did you mean `close`.*close, medium, wide"),
        ("a [place: up]", "left, centre, right"),
        ("a [place]", r"says nothing about the place.*\[place: left\]"),
        ("a [transition: fade]", "cut, dissolve"),
        ("## A\na\n## B [transition: dissolve 9s]\nb", "line 3.*up to 2 s"),
        ("## A\na\n## B [transition: dissolve 0s]\nb", "up to 2 s"),
        ("## A\na\n## B [transition: cut 1s]\nb", "a cut has no length"),
        ("## A [transition: dissolve]\na", "line 1: the first scene has none before it"),
        ("a [hold: soon]", r"\[hold 1s\]"),
        ("a [hold 99999s]", "up to 600 s"),
        ("a [hold 1s] b", r"behind its last words.*\[pause 1s\]"),
        ("a [b-roll: x.png 9999s] b", "up to 600 s"),
        ("a [b-roll: tags] b", "Write 1 to 20"),
        ("a [b-roll: tags , ,] b", "Write 1 to 20"),
        ("a [pause soon]", r"line 1: .*\[pause 500ms\]"),
        ("a\n\nb [pause 3600s]", "line 3: .*longer than 60 s"),
        ("## A [pause 1s]\na", "a heading is not spoken"),
        ("a [captions: maybe]", "`on` or `off`"),
        ("a [voice: ../../v.npy]", "a voice has a name"),
        ("a [music: bed.ogg +3 dB]", "0 to 60 dB softer"),
        ("a [music: a.ogg] [music: b.ogg]", "Leave one"),
        ("## A\na [music: a.ogg]\n## B\nb [music: b.ogg]", "line 4: the music"),
        ("a [left] b\n[right]", "line 2: .*line 1 has said this"),
        ("a [background: purple]", "not a background"),
        ("a [background: #12345]", "not a colour"),
        ("a [background: gradient]", "which gradient"),
        ("a [background: gradient #123]", "two or three colours"),
        ("a [background: gradient #111, #222, #333, #444]", "two or three colours"),
        ("a [background: \"\"]", "say what is to be painted"),
        (f"a [background: \"{'x' * 1001}\"]", "1 to 1000"),
        ("a [background: https://example.com/x.jpg]", "is an address"),
        (f"a [pose: {'x' * 121}]", "1 to 120 characters"),
        ("a ![alt](chart.png)", r"\[b-roll: chart.png\]"),
        ("<div>\nHello\n</div>", "is HTML"),
        ("Hello.\n\n<!-- open\n\n## Two\nBye.", "line 3: a comment without an end"),
        ("[left]: Hello\n\na", "line 1: `.left.:` reads as the address of a link"),
        ("---\nvoise: x\n---\na", "line 2: .*Did you mean `voice`"),
        ("---\nvoice: x\nvoice: y\n---\na", "line 3: `voice` is said twice"),
        ("---\nvoice: x\na", "line 1: .*has no end"),
        ("---\nlanguage: english please\n---\na", "line 2: .*not a language"),
        ("---\ntitle: A\n---\n# B\na", "two titles"),
        ("---\nvoice: x\n---\n[voice: y]\n## A\na", "the voice of the video is said twice"),
        (f"# {'x' * 201}\na", "line 1: a title of 201 characters"),
        ("> " * 95 + "deep", "too deep"),
        ("## A\na\n" * (MOST_SCENES + 1), "more than 500 scenes"),
        ("word " * 20_001, "more than 100000 characters in one scene"),
        ("x" * (LONGEST_SCRIPT + 1), "characters are too many"),
    ],
)  # fmt: skip
def test_mistake_is_told_with_file_and_what_would_be_right(script: str, words: str) -> None:
    with pytest.raises(ScriptInvalid, match=words) as told:
        read_script(script, "launch.md")
    assert str(told.value).startswith("`launch.md`")


@pytest.mark.parametrize(
    "name",
    ["../x.png", "/etc/x.png", "a/../../x.png", "..\\x.png", "C:\\x.png", "\\\\host\\x.png", "~/x.png", "c:x.png"],
)
def test_no_file_leads_out_of_the_folder(name: str) -> None:
    for direction in (
        f"[background: {name}]",
        f"[b-roll: {name} 2s]",
        f"[music: {name}]",
        f'[background: file "{name}"]',
    ):
        with pytest.raises(PathEscapes, match=r"`launch.md`, line 3: .* leads out of the script's folder"):
            read_script(f"Hello.\n\n{direction} there.", "launch.md")


def test_hour_of_text_is_read_in_one_scene() -> None:
    hour = "\n\n".join(["The quick brown fox jumps over the lazy dog, and goes home again."] * 900)
    (scene,) = read_script(hour, "s.md").scenes
    assert scene.text == hour


def test_brackets_without_end_are_read_in_no_time() -> None:
    for text in ("[" * 50_000, "[a" * 30_000, "\\[" * 40_000, "[a](" * 10_000, "*" * 50_000, "`" * 50_000):
        try:
            story = read_script(f"word {text}", "s.md")
        except ScriptInvalid:
            continue
        assert isinstance(story, Story)
