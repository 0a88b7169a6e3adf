"""The program as a whole: help, suggestions, and what goes where when its output is piped."""

import json

import pytest

from lipwright import __version__
from lipwright.cli.main import CLOSED_PIPE_EXIT_CODE
from support.program import Program


def test_help_names_every_command(lipwright: Program) -> None:
    done = lipwright("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    for command in ("speak", "voices", "check", "demo", "doctor"):
        assert f"\n  {command} " in done.stdout


def test_no_arguments_show_the_help(lipwright: Program) -> None:
    assert lipwright().stdout == lipwright("--help").stdout


def test_version_is_the_package_s(lipwright: Program) -> None:
    assert lipwright("--version").stdout == f"lipwright {__version__}\n"


def test_completion_of_commands_is_offered(lipwright: Program) -> None:
    environment = {"_LIPWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": "lipwright sp", "COMP_CWORD": "1"}
    assert lipwright(environment=environment).stdout.split() == ["speak"]


def test_completion_script_is_shown(lipwright: Program) -> None:
    done = lipwright("--show-completion", "bash", environment={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert done.returncode == 0, done.stderr
    assert "complete -" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["speek"], "speak"),
        (["doctr"], "doctor"),
        (["speak", "--fcae", "x.png"], "--face"),
        (["voices", "--langage", "en"], "--language"),
        (["voices", "--tts", "kokroo"], "kokoro"),
        (["voices", "--language", "en-GX"], "en-GB"),
    ],
)
def test_misspelt_word_gets_a_suggestion(lipwright: Program, arguments: list[str], suggestion: str) -> None:
    done = lipwright(*arguments)
    assert done.returncode in {2, 3}
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Did you mean" in done.stderr
    assert suggestion in done.stderr


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ([], "--output"),
        (["--output", "a.mp4", "--text", "Hi."], "--face"),
        (["--output", "a.mp4", "--text", "Hi.", "--face", "a.png", "--avatar", "maya"], "--avatar"),
        (["--output", "a.mp4", "--text", "Hi.", "--face", "a.png", "--purpose", "fun"], "--purpose"),
        (["--face", "a.png", "--output", "a.mp4"], "--text"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--script", "b.txt"], "--script"),
        (["--face", "a.png", "--output", "a.avi", "--text", "Hi."], "a.mp4"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--size", "641x480"], "640x480"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--fps", "fast"], "--fps"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--speed", "9"], "--speed"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--speed", "nan"], "--speed"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--seed", "-1"], "--seed"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--subtitles", "burned"], "--subtitles"),
        (["--face", "a.png", "--output", "a.mp4", "--text", "Hi.", "--background", "#12"], "--background"),
        (["--face", "a.png", "--output", "a.mp4", "--script", "missing.txt"], "missing.txt"),
    ],
)
def test_bad_wish_is_one_message_and_no_traceback(lipwright: Program, arguments: list[str], wrong: str) -> None:
    done = lipwright("speak", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert wrong in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr


def test_error_is_also_a_document_when_json_is_wanted(lipwright: Program) -> None:
    done = lipwright("voices", "--language", "xx", "--json")
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "language_unknown"
    assert error["retryable"] is False
    assert done.stderr == f"error: {error['message']}\n"


def test_wrong_setting_is_named(lipwright: Program) -> None:
    done = lipwright("voices", environment={"LIPWRIGHT_THREADS": "many"})
    assert done.returncode == 2
    assert done.stderr.startswith("error: LIPWRIGHT_THREADS=many: ")


def test_unknown_engine_in_the_settings_is_named(lipwright: Program) -> None:
    arguments = ("speak", "--face", "a.png", "--output", "a.mp4", "--text", "Hi.")
    done = lipwright(*arguments, environment={"LIPWRIGHT_TTS": "kokoroo"})
    assert done.returncode == 3
    assert "Did you mean `kokoro`" in done.stderr


def test_voices_are_listed_for_people_and_for_programs(lipwright: Program) -> None:
    table = lipwright("voices")
    listed = json.loads(lipwright("voices", "--json").stdout)["voices"]
    assert table.returncode == 0
    assert table.stderr == ""
    assert len(listed) >= 10
    assert {"en-US", "en-GB", "es", "fr", "it", "pt-BR"} <= {voice["language"] for voice in listed}
    assert [line.split()[0] for line in table.stdout.splitlines()[1:]] == [voice["id"] for voice in listed]
    assert "fake" not in {voice["engine"] for voice in listed}


def test_voices_of_one_language_are_chosen(lipwright: Program) -> None:
    listed = json.loads(lipwright("voices", "--language", "en", "--json").stdout)["voices"]
    assert {voice["language"] for voice in listed} == {"en-US", "en-GB"}


def test_reader_that_goes_away_is_no_failure_to_speak_of(lipwright: Program) -> None:
    process = lipwright.start("voices", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == CLOSED_PIPE_EXIT_CODE
