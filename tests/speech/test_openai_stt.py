"""Recognition by a server: what is sent, what is believed, and what is made of servers that tell little."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import SecretStr

from lipwright.errors import ProviderAnswerInvalid, ProviderRefused
from lipwright.speech.stt.fake import FakeStt
from lipwright.speech.stt.language_names import LANGUAGES, tag_of
from lipwright.speech.stt.openai import SAMPLE_RATE_HZ, OpenAiStt
from lipwright.speech.stt.retold import Told, timed_words
from lipwright.speech.tts.received import decode
from support.vendor import Reply, page, said
from support.vendor_openai import KEY, OpenAi

NOISE = 0.1


def loud(length_s: float) -> NDArray[np.float32]:
    """Bursts like syllables, with a pause of .4 s every 4 s."""
    time_s = np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    noise = np.random.default_rng(3).standard_normal(len(time_s)) * NOISE
    return np.where(time_s % 4 > 3.6, 0, noise).astype(np.float32)


@pytest.fixture
def server() -> Iterator[OpenAi]:
    vendor = OpenAi()
    with vendor.running():
        yield vendor


def engine(server: OpenAi) -> OpenAiStt:
    return OpenAiStt(openai_url=server.base, openai_key=SecretStr(KEY), openai_stt_model="large")


def heard(text: str, segments: list[dict[str, object]] | None = None, **more: object) -> Reply:
    return said({"text": text, "language": "english", "duration": 4.0, "segments": segments, **more})


def test_sound_is_sent_as_flac_with_what_is_wanted(server: OpenAi) -> None:
    sound = loud(5)
    engine(server).transcribe([sound], SAMPLE_RATE_HZ, "pt-BR")
    form = server.received[0].form()
    assert form["model"] == [b"large"]
    assert form["language"] == [b"pt"]
    assert form["timestamp_granularities[]"] == [b"word", b"segment"]
    assert form["file"][0][:4] == b"fLaC"
    assert len(decode(form["file"][0])) == 5 * 24_000


def test_long_recording_is_sent_in_parts_under_the_limit_that_end_in_pauses(server: OpenAi) -> None:
    sound = loud(400)
    stt = engine(server)
    transcript = stt.transcribe(np.array_split(sound, 50), SAMPLE_RATE_HZ)
    files = [request.form()["file"][0] for request in server.received]
    assert len(files) == 2
    assert max(map(len, files)) < 25 << 20
    assert transcript.duration_s == pytest.approx(400)
    times = [t for word in transcript.words for t in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[-1] > 390
    assert stt.cost.total() == {"seconds": pytest.approx(400, abs=0.1)}


def test_silence_costs_nothing(server: OpenAi) -> None:
    stt = engine(server)
    assert stt.transcribe([np.zeros(SAMPLE_RATE_HZ * 200, np.float32)], SAMPLE_RATE_HZ).words == ()
    assert server.received == []
    assert stt.cost.total() == {}


def test_word_that_is_cut_is_heard_again_in_the_next_part(server: OpenAi) -> None:
    never_still = np.random.default_rng(3).standard_normal(260 * SAMPLE_RATE_HZ).astype(np.float32) * NOISE
    stt = engine(server)
    transcript = stt.transcribe([never_still], SAMPLE_RATE_HZ)
    assert len(server.received) == 2
    ends = [part.end_s for part in transcript.utterances]
    assert all(a.end_s <= b.start_s for a, b in zip(transcript.utterances, transcript.utterances[1:], strict=False))
    assert ends[-1] == pytest.approx(260, abs=0.1)


@pytest.mark.parametrize("tells_words", [True, False])
def test_words_keep_their_punctuation_and_get_times(tells_words: bool) -> None:
    server = OpenAi(ears=FakeStt(text="Well, two words."), tells_words=tells_words)
    with server.running():
        transcript = engine(server).transcribe([loud(3)], SAMPLE_RATE_HZ)
    assert [word.text for word in transcript.words] == ["Well,", "two", "words."]
    assert transcript.language == "en"
    assert transcript.words[0].start_s == pytest.approx(0.0, abs=0.01)
    assert transcript.words[-1].end_s == pytest.approx(3.0, abs=0.02)


def test_server_that_knows_no_segments_is_believed(server: OpenAi) -> None:
    server.script = [heard("Just some text.")]
    transcript = engine(server).transcribe([loud(3)], SAMPLE_RATE_HZ)
    assert transcript.text == "Just some text."
    assert transcript.words[-1].end_s == pytest.approx(3.0)


def test_invented_words_are_left_out(server: OpenAi) -> None:
    whole = {"start": 0.0, "end": 3.0}
    server.script = [
        heard("x", [{**whole, "text": " Thanks for watching!", "no_speech_prob": 0.9, "avg_logprob": -1.2}]),
        heard("x", [{**whole, "text": " you", "avg_logprob": -2.0}]),
        heard("x", [{**whole, "text": " la la la", "compression_ratio": 9.0}]),
        heard("  "),
    ]
    for _ in range(4):
        assert engine(server).transcribe([loud(3)], SAMPLE_RATE_HZ).words == ()


def test_times_outside_the_recording_are_brought_inside(server: OpenAi) -> None:
    server.script = [
        heard(
            "a b",
            [{"text": " a b", "start": -1.0, "end": 99.0}],
            words=[{"word": "a", "start": -1.0, "end": 1.0}, {"word": "b", "start": 0.5, "end": 99.0}],
        )
    ]
    first, second = engine(server).transcribe([loud(3)], SAMPLE_RATE_HZ).words
    assert (first.start_s, first.end_s, second.start_s, second.end_s) == (0.0, 1.0, 1.0, 3.0)


@pytest.mark.parametrize(
    "reply",
    [page(), said({"words": []}), said({"text": 5}), said({"text": "", "segments": [{"text": "a", "start": "now"}]})],
)
def test_answer_of_another_shape_is_told(server: OpenAi, reply: Reply) -> None:
    server.script = [reply] * 2
    with pytest.raises(ProviderAnswerInvalid, match="openai: 127"):
        engine(server).transcribe([loud(3)], SAMPLE_RATE_HZ)
    assert len(server.received) == 2


def test_refused_key_is_told_with_its_variable(server: OpenAi) -> None:
    with pytest.raises(ProviderRefused, match="LIPWRIGHT_OPENAI_KEY"):
        OpenAiStt(openai_url=server.base).transcribe([loud(3)], SAMPLE_RATE_HZ)


def test_model_and_address_are_part_of_the_identity() -> None:
    one, other = OpenAiStt(openai_stt_model="a"), OpenAiStt(openai_stt_model="b")
    assert one.identity() != other.identity()
    assert one.identity() != OpenAiStt(openai_stt_model="a", openai_url="http://localhost:8000/v1").identity()


@pytest.mark.parametrize(
    ("name", "tag"), [("english", "en"), ("English", "en"), ("en", "en"), ("pt-BR", "pt"), ("haitian creole", "ht"),
                      ("klingon", None), ("", None)]
)  # fmt: skip
def test_language_names_of_servers_become_tags(name: str, tag: str | None) -> None:
    assert tag_of(name) == tag


def test_every_language_tag_is_its_own() -> None:
    assert len(LANGUAGES) >= 99
    assert all(tag_of(tag) == tag for tag in LANGUAGES)


def test_languages_without_spaces_are_cut_where_words_are_timed() -> None:
    words = [Told("今日", 0.0, 0.5), Told("は", 0.5, 0.7), Told("世界", 1.0, 1.5)]
    (own,) = timed_words([Told("今日は、世界。", 0.0, 2.0)], words, spaced=False)
    assert [(word.text, word.start_s, word.end_s) for word in own] == [
        ("今日", 0.0, 0.5),
        ("は、", 0.5, 0.7),
        ("世界。", 1.0, 1.5),
    ]
    (whole,) = timed_words([Told("別の文。", 0.0, 2.0)], words, spaced=False)
    assert [(word.text, word.start_s, word.end_s) for word in whole] == [("別の文。", 0.0, 2.0)]


TEXTS = st.lists(st.sampled_from(["One", "two,", "three.", "—", "$5"]), min_size=1, max_size=6)


@given(texts=st.lists(TEXTS, min_size=1, max_size=3), heard_words=TEXTS, step_s=st.floats(0.1, 2.0))
def test_every_word_of_every_segment_gets_a_time_in_its_order(
    texts: list[list[str]], heard_words: list[str], step_s: float
) -> None:
    segments = [Told(" ".join(own), i * 10.0, i * 10.0 + 9.0) for i, own in enumerate(texts)]
    words = [Told(text.strip(".,"), i * step_s, (i + 1) * step_s) for i, text in enumerate(heard_words)]
    told = timed_words(segments, words, spaced=True)
    assert [[word.text.strip() for word in own] for own in told] == texts
    for own in told:
        assert all(word.end_s >= word.start_s for word in own)


def test_word_without_a_time_lies_between_its_neighbours() -> None:
    segments = [Told("One missing, two.", 1.0, 9.0)]
    (own,) = timed_words(segments, [Told("One", 1.0, 2.0), Told("two", 6.0, 7.0)], spaced=True)
    assert [(word.start_s, word.end_s) for word in own] == [(1.0, 2.0), (2.0, 6.0), (6.0, 7.0)]
