"""How many people speak, and who says each word, on voices that are drawn."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.contracts.speech import Word
from lipwright.speech.speakers.cluster import MOST, labels_of, merges
from lipwright.speech.speakers.embed import unit
from lipwright.speech.speakers.follow import follow
from lipwright.speech.speakers.people import Voices, find_people
from lipwright.speech.speakers.pieces import pieces_of
from lipwright.speech.speakers.turns import turns_of


def drawn(people: int, pieces: int, spread: float = 0.04, seed: int = 1) -> tuple[Voices, NDArray[np.float32]]:
    """Pieces of as many people in turn, and their true voices."""
    rng = np.random.default_rng(seed)
    true = unit(rng.standard_normal((people, 256)))
    near = true[np.arange(pieces) % people] + spread * rng.standard_normal((pieces, 256))
    return Voices(unit(near), np.full(pieces, 2.0, np.float32)), true


@pytest.mark.parametrize("people", [1, 2, 3, 6])
def test_people_are_as_many_as_sound_different(people: int) -> None:
    voices, true = drawn(people, 60)
    found = find_people(voices)
    assert len(found) == people
    assert (true @ found.T).max(axis=1).min() > 0.95


def test_more_pieces_than_are_clustered_have_the_same_people() -> None:
    voices, true = drawn(3, MOST + 500)
    found = find_people(voices)
    assert len(found) == 3
    assert (true @ found.T).max(axis=1).min() > 0.98


def test_told_number_of_people_is_found() -> None:
    voices, _ = drawn(3, 30)
    assert [len(find_people(voices, count)) for count in (1, 2, 3)] == [1, 2, 3]


def test_one_short_piece_is_somebody() -> None:
    voices, true = drawn(1, 1)
    assert find_people(Voices(voices.embeddings, np.array([0.1], np.float32))) @ true.T == pytest.approx(1, abs=0.25)


def test_who_hardly_speaks_and_sounds_like_another_is_nobody() -> None:
    voices, true = drawn(2, 40)
    between = unit(true[0] * 0.8 + 0.6 * unit(np.random.default_rng(5).standard_normal(256)))
    lengths_s = np.append(voices.lengths_s, np.float32(1.2))
    assert len(find_people(Voices(np.vstack([voices.embeddings, between]), lengths_s))) == 2


def test_what_adds_up_in_an_hour_is_nobody() -> None:
    voices, true = drawn(2, 1000)
    between = unit(true[0] * 0.6 + 0.8 * unit(np.random.default_rng(5).standard_normal(256)))
    laughs = Voices(np.vstack([voices.embeddings, *[between] * 4]), np.append(voices.lengths_s, np.full(4, 1.5)))
    assert len(find_people(laughs)) == 2


@given(st.integers(2, 12), st.integers(0, 1000))
def test_tree_joins_the_groups_that_are_most_alike_on_average(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    voices = unit(rng.standard_normal((count, 4)))
    weights = rng.uniform(0.5, 3, count).astype(np.float32)
    alike = voices @ voices.T
    groups = [[at] for at in range(count)]

    def mean(pair: tuple[int, int]) -> float:
        one, other = (groups[at] for at in pair)
        share = np.outer(weights[one], weights[other])
        return float((alike[np.ix_(one, other)] * share).sum() / share.sum())

    slow = []
    while len(groups) > 1:
        pair = max(combinations(range(len(groups)), 2), key=mean)
        slow.append(mean(pair))
        groups[pair[0]] += groups.pop(pair[1])
    assert [cosine for *_, cosine in merges(voices, weights)] == pytest.approx(slow, abs=1e-4)


def test_tree_is_cut_by_likeness_or_by_number() -> None:
    tree = [(0, 1, 0.9), (2, 3, 0.8), (1, 2, 0.3)]
    assert labels_of(4, tree, 0.5) == [0, 0, 1, 1]
    assert labels_of(4, tree, 0.85) == [0, 0, 1, 2]
    assert labels_of(4, tree, 0.5, 1) == [0, 0, 0, 0]
    assert labels_of(4, tree, 0.0, 3) == [0, 0, 1, 2]


def test_speaker_changes_at_the_end_of_a_sentence_and_not_for_a_moment_inside_it() -> None:
    texts = "I do not know. Who told you?".split()
    words = [Word(text, at * 0.3, at * 0.3 + 0.3) for at, text in enumerate(texts)]
    alike = np.array([[0.8, 0.4]] * 4 + [[0.4, 0.8]] * 3)
    alike[1] = [0.5, 0.7]
    assert follow(words, alike) == [0, 0, 0, 0, 1, 1, 1]
    assert follow([], np.zeros((0, 2))) == []


def test_pieces_end_at_marks_and_pauses_and_are_never_long() -> None:
    texts = [*["word"] * 12, "clause,", "next", "sentence.", "Last"]
    words = [
        Word(text, at * 0.4 + (1 if at == 15 else 0), at * 0.4 + 0.4 + (at == 15)) for at, text in enumerate(texts)
    ]
    pieces = pieces_of(words)
    assert [(piece.first, piece.last) for piece in pieces] == [(0, 6), (7, 12), (13, 14), (15, 15)]
    assert max(piece.length_s for piece in pieces) <= 3


def test_turn_ends_with_its_speaker_or_a_long_silence() -> None:
    words = [Word("a", 0, 1), Word("b", 1.5, 2), Word("c", 2, 3), Word("d", 5, 6)]
    turns = turns_of(words, [1, 1, 2, 2])
    assert [(turn.speaker, turn.start_s, turn.end_s) for turn in turns] == [(1, 0, 2), (2, 2, 3), (2, 5, 6)]
