"""A subtitle file in another language: times stay, people stay apart, and what is wrong is told."""

from pathlib import Path

import pytest

from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.translation import TranslationReport, TranslationRequest
from lipwright.errors import (
    GlossaryInvalid,
    LanguageSame,
    LanguageUnknown,
    MediaNotFound,
    OutputNotWritable,
    ProviderUnavailable,
    TranslationFailed,
    UsageError,
)
from lipwright.media.read_subtitles import read_subtitles
from lipwright.pipeline.translate import default_output, translate_subtitles
from lipwright.speech.translate.base import Quality
from lipwright.speech.translate.bergamot import Bergamot
from lipwright.speech.translate.choose import best_translator
from lipwright.speech.translate.fake import FakeTranslator
from lipwright.store.stages import StageStore

TALK = """1
00:00:01,000 --> 00:00:03,000
- Where is <i>John</i>?
- He left at 5:30 p.m.

2
00:00:03,200 --> 00:00:05,000
The invoice of Acme Cloud came
to $1,250.50

3
00:00:05,100 --> 00:00:07,000
and we have not paid it yet.

4
00:00:07,100 --> 00:00:09,000
[Music]

5
00:00:09,100 --> 00:00:10,000
Thank you.
"""


def write(folder: Path, text: str = TALK, name: str = "talk.srt") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def run(
    source: Path,
    output: Path,
    *,
    engine: FakeTranslator | Bergamot | None = None,
    target: str = "pt-BR",
    **more: object,
) -> TranslationReport:
    request = TranslationRequest(source, output, target, **more)  # type: ignore[arg-type]
    with StageStore(source.parent / ".store") as store:
        return translate_subtitles(
            request, choose=lambda _source, _target: engine or Bergamot(), store=store, progress=SilentProgress()
        )


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_subtitles_come_out_in_portuguese_with_their_times(tmp_path: Path, suffix: str) -> None:
    source, output = write(tmp_path), tmp_path / f"out{suffix}"
    (tmp_path / "terms.csv").write_text("Acme Cloud\n", "utf-8")
    report = run(source, output, glossary=tmp_path / "terms.csv")
    before, after = read_subtitles(source).cues, read_subtitles(output).cues
    assert [(cue.start_s, cue.end_s) for cue in after] == [(cue.start_s, cue.end_s) for cue in before]
    assert [cue.text.replace("\n", " ") for cue in after] == [
        "- Onde está o John? - Ele saiu às 17:30.",
        "A fatura da Acme Cloud chegou a $1.250,50",
        "e ainda não a pagamos.",
        "[Música]",
        "Obrigado.",
    ]
    assert after[0].text.count("\n") == 1
    assert all(len(row) <= 42 for cue in after for row in cue.text.split("\n"))
    assert (report.source_language, report.target, report.engine, report.quality) == ("en", "pt-BR", "bergamot", "good")
    assert report.cues == 5


def test_second_run_asks_nothing(tmp_path: Path) -> None:
    source = write(tmp_path)
    run(source, tmp_path / "one.srt", engine=FakeTranslator())
    engine = FakeTranslator()
    run(source, tmp_path / "two.srt", engine=engine)
    assert engine.calls == []
    assert (tmp_path / "one.srt").read_bytes() == (tmp_path / "two.srt").read_bytes()


def test_name_of_the_file_tells_its_language_before_its_words(tmp_path: Path) -> None:
    source = write(tmp_path, name="talk.es.srt")
    assert run(source, tmp_path / "a.srt", engine=FakeTranslator()).source_language == "es"
    assert run(source, tmp_path / "b.srt", engine=FakeTranslator(), source_language="fr").source_language == "fr"
    assert run(write(tmp_path), tmp_path / "c.srt", engine=FakeTranslator()).source_language == "en"


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("talk.srt", "talk.pt-BR.srt"),
        ("talk.en.srt", "talk.pt-BR.srt"),
        ("talk.en-GB.vtt", "talk.pt-BR.vtt"),
        ("my.talk.ass", "my.talk.pt-BR.ass"),
        ("talk.txt", "talk.pt-BR.srt"),
    ],
)
def test_translation_is_named_after_its_source(source: str, output: str) -> None:
    assert default_output(Path("films") / source, "pt-BR") == Path("films") / output


def test_what_cannot_be_done_is_told_before_anything_is_translated(tmp_path: Path) -> None:
    source, output, engine = write(tmp_path), tmp_path / "out.srt", FakeTranslator(known={("en", "fr"): Quality.GIST})
    (tmp_path / "bad.csv").write_text("a,b\n,c\n", "utf-8")
    write(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\nZzz\n", "short.srt")
    for error, message, arguments in (
        (UsageError, r"out\.doc.*\.srt, \.vtt, \.ass", {"output": tmp_path / "out.doc"}),
        (UsageError, "`portuguese!`: not a language", {"target": "portuguese!"}),
        (UsageError, r"short\.srt.*--from en", {"source": tmp_path / "short.srt"}),
        (LanguageSame, "is in en already, and --to is en-GB", {"target": "en-GB"}),
        (LanguageUnknown, "en to tlh: the engine fake", {"target": "tlh"}),
        (GlossaryInvalid, r"bad\.csv`, line 2", {"glossary": tmp_path / "bad.csv"}),
        (MediaNotFound, "none", {"source": tmp_path / "none.srt"}),
        (OutputNotWritable, "there is no folder", {"output": tmp_path / "nowhere" / "out.srt"}),
    ):
        with pytest.raises(error, match=message):
            run(**{"source": source, "output": output, "engine": engine, **arguments})  # type: ignore[arg-type]
    assert engine.calls == []
    assert not output.exists()


def test_failure_leaves_no_file(tmp_path: Path) -> None:
    engine = FakeTranslator(failures=[ProviderUnavailable("gone")])
    with pytest.raises(TranslationFailed, match=r"line 1 .*gone"):
        run(write(tmp_path), tmp_path / "out.srt", engine=engine)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".store", "talk.srt"]


def test_quality_and_losses_are_noted(tmp_path: Path) -> None:
    engine = FakeTranslator(known={("en", "pt"): Quality.GIST}, say=lambda text: text.replace("$1,250.50", "much"))
    report = run(write(tmp_path), tmp_path / "out.srt", engine=engine)
    assert "the translation gives the gist only: a person should write it again" in report.notes
    assert "cue 2: the price `$1,250.50` is missing in the translation" in report.notes


def test_language_that_nothing_translates_says_what_is_possible() -> None:
    with pytest.raises(LanguageUnknown, match=r"en to ja: nothing that is installed.*en to pt-BR, pt-PT"):
        best_translator([Bergamot()], "en", "ja")
