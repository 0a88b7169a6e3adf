"""A table becomes jobs: everything is looked up once, and all that is wrong is told at once."""

from fractions import Fraction
from pathlib import Path

import pytest

from lipwright.contracts.avatar import VoiceProfile
from lipwright.contracts.batch import BatchRow, RowJob
from lipwright.contracts.portrait import SubtitleKind
from lipwright.errors import AvatarNotFound, BatchInvalid, ConsentMissing, FaceNotFound, InputError
from lipwright.pipeline.batch.key import KeyMaker, Manner
from lipwright.pipeline.batch.plan import House, Presenter, jobs_of, plan_batch
from lipwright.pipeline.batch.rows import Readers, ReadRows, read_rows
from lipwright.pipeline.batch.table import read_table
from lipwright.speech.translate.base import Quality
from lipwright.speech.translate.fake import FakeTranslator
from lipwright.speech.tts.fake import FakeTts

PAIRS = {("en", "es"): Quality.GOOD, ("en", "pt-BR"): Quality.GOOD}
DEFAULTS = BatchRow(0, "", "", face=Path("all.png"))


class Looks:
    """A house of fakes that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tts = FakeTts()

    def look(self, path: Path) -> bool:
        self.asked.append(path.name)
        if path.name == "wall.png":
            raise FaceNotFound("wall.png: no face found. Use a photo.")
        return path.suffix == ".mp4"

    def avatar(self, name: str) -> Presenter:
        if name != "maya":
            raise AvatarNotFound(f"`{name}`: no such avatar.")
        return Presenter(Path("maya.png"), False, VoiceProfile(engine="fake", voice="tone_fr"))

    def consent(self, name: str, language: str, purpose: str | None) -> None:
        if language.startswith("es"):
            raise ConsentMissing(f"{name}: the consent does not cover {language}.")

    def house(self) -> House:
        translator = FakeTranslator(known=PAIRS)

        def translate(source: str, target: str) -> FakeTranslator:
            translator.check_pair(source, target)
            return translator

        return House(lambda name, voice: self.tts, translate, self.avatar, self.consent, self.look)


def size(given: str) -> tuple[int, int]:
    if "x" not in given:
        raise InputError(f"--size {given}: not a size.")
    width, height = given.split("x")
    return int(width), int(height)


READERS = Readers(
    size, Fraction, lambda given: given, lambda given: frozenset(SubtitleKind(k) for k in given[0].split(","))
)


def read(text: str, defaults: BatchRow = DEFAULTS) -> ReadRows:
    return read_rows(read_table(text.encode(), "s.csv"), defaults, READERS, Path("tables"))


def planned(text: str, *targets: str, looks: Looks | None = None, defaults: BatchRow = DEFAULTS) -> tuple[RowJob, ...]:
    rows = read(text, defaults)
    return jobs_of(plan_batch(rows.rows, (looks or Looks()).house(), targets, Path("out")), rows.problems, "s.csv")


def refused(text: str, *targets: str) -> str:
    with pytest.raises(BatchInvalid) as error:
        planned(text, *targets)
    return str(error.value)


def test_cells_win_over_what_holds_for_all() -> None:
    defaults = BatchRow(0, "", "", face=Path("all.png"), size=(64, 64), speed=1.5)
    first, second = planned(
        "name,text,face,size,speed,subtitles\na,Hi,,,,\nb,Hi,own.png,32x32,0.9,srt vtt\n", defaults=defaults
    )
    assert (first.face, first.row.size, first.row.speed, first.row.subtitles) == (Path("all.png"), (64, 64), 1.5, set())
    assert (second.face, second.row.size, second.row.speed) == (Path("tables/own.png"), (32, 32), 0.9)
    assert second.row.subtitles == {SubtitleKind.SRT, SubtitleKind.VTT}


def test_everything_that_is_wrong_is_told_at_once_with_its_line() -> None:
    told = refused(
        "name,text,voice,language,face,avatar,size,seed\n"
        "a/b,Hi,,,,,,\nc,,,,,,,\nd,Hi {x},,,,,,\ne,Hi,tone_e,,,,,\nf,Hi,,ja,,,,\ng,Hi,,,wall.png,,,\nh,Hi,,,,mayo,,\n"
        "i,Hi,,,x.png,maya,,\nj,Hi,,,,,9,\nk,Hi,,,,,,-1\nl,Hi [pause 3 weeks],,,,,,\nm,Hi\nn,Hi,,,,,,\nN,Hi,,,,,,\n"
    )
    said = told.splitlines()
    assert said[0] == "`s.csv`: 13 rows cannot be made, and nothing was begun."
    expected = (
        "`/`,is empty,`{x}`,no such voice,does not speak,no face,no such avatar,a face and an avatar,size 9,seed `-1`,"
    )
    expected += "[pause 3 weeks],2 cells of 8,line 14 has the same name"
    lines = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15]
    for line, part, number in zip(said[1:], expected.split(","), lines, strict=True):
        assert part in line
        assert line.startswith(f"  line {number} ")


def test_a_face_is_looked_at_once_and_what_many_rows_have_is_told_once() -> None:
    looks = Looks()
    planned("name,text\n" + "".join(f"n{i},Hi\n" for i in range(50)), looks=looks)
    assert looks.asked == ["all.png"]
    told = refused("name,text,face\n" + "".join(f"n{i},Hi,wall.png\n" for i in range(50)))
    assert len(told.splitlines()) == 2
    assert "11 (n9) and 40 more: wall.png" in told


def test_rows_are_added_for_languages_with_the_nearest_voice_and_their_variables_kept() -> None:
    jobs = planned("name,text,voice,who\na,Hi {who},tone_en-gb,Ada\nb,Olá,tone_pt-br,\n", "pt-BR")
    assert [(job.row.name, job.language, job.voice) for job in jobs] == [
        ("a", "en-GB", "tone_en-gb"),
        ("a-pt-BR", "pt-BR", "tone_pt-br"),
        ("b", "pt-BR", "tone_pt-br"),
    ]
    assert jobs[1].row.text_language == "en-GB"
    assert jobs[1].row.kept == ("Ada",)
    assert jobs[1].output == Path("out/a-pt-BR.mp4")


def test_languages_that_nothing_translates_or_no_name_is_free_for_are_told_before_anything_runs() -> None:
    assert "does not translate this" in refused("name,text\na,Hi\n", "fr")
    assert "has the same name" in refused("name,text\na,Hi\nA-ES,Hi\n", "es")


def test_an_avatar_brings_its_voice_and_its_consent_is_asked_for_each_language() -> None:
    (job,) = planned("name,text,avatar\na,Salut,maya\n")
    assert (job.face, job.voice, job.language) == (Path("maya.png"), "tone_fr", "fr")
    told = refused("name,text,avatar,language\na,Hi,maya,es\n")
    assert "does not cover es" in told


def test_what_works_with_photos_only_is_refused_for_clips() -> None:
    assert "size: works with a photo only" in refused("name,text,face,size\na,Hi,me.mp4,32x32\n")


def test_a_video_never_takes_the_place_of_what_it_is_made_from() -> None:
    assert "stays as it is" in refused("name,text,face\na,Hi,../out/a.mp4\n")


def test_a_column_that_is_nearly_one_with_a_meaning_is_told() -> None:
    assert read("name,text,langauge,city\na,Hi,,\n").notes == (
        "the column `langauge` is used by no text. Did you mean `language`?",
    )


def test_a_key_changes_with_whatever_the_video_is_made_from(tmp_path: Path) -> None:
    face, other = tmp_path / "a.png", tmp_path / "b.png"
    face.write_bytes(b"one")
    other.write_bytes(b"two")

    def key(
        text: str, manner: Manner | None = None, speech: str = "1", translation: str = "1", targets: str = ""
    ) -> str:
        made = KeyMaker(manner or Manner(), lambda name: name + speech, lambda source, target: translation)
        return made.keyed(planned(text, *targets.split())[-1]).key

    own = f"name,text,face\na,Hi,{face}\n"
    keys = [
        key(own),
        key(f"name,text,face\na,Hi!,{face}\n"),
        key(f"name,text,face\nb,Hi,{face}\n"),
        key(f"name,text,face\na,Hi,{other}\n"),
        key(f"name,text,face,background\na,Hi,{face},blur\n"),
        key(f"name,text,face,background\na,Hi,{face},{other}\n"),
        key(f"name,text,face,seed\na,Hi,{face},1\n"),
        key(own, Manner(label="Synthetic")),
        key(own, Manner(lexicon=other)),
        key(own, speech="2"),
        key(own, targets="es"),
        key(own, targets="es", translation="2"),
    ]
    assert len(set(keys)) == len(keys)
    assert key(own, translation="2") == key(own)
    assert key(f"name,who,text,face\na,Hi,{{who}},{face}\n") == key(own), "only what is said counts"
    moved = tmp_path / "c.png"
    moved.write_bytes(b"one")
    assert key(f"name,text,face\na,Hi,{moved}\n") == key(own), "a file counts by its content"
