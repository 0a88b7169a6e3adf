"""A dub that is killed amid its lines goes on behind the last one, and ends with the same bytes."""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

WORK = """
import hashlib, os, signal, sys
from pathlib import Path
from lipwright.contracts.dub import TargetLine
from lipwright.contracts.progress import SilentProgress
from lipwright.pipeline.stages.fit import fit
from lipwright.pipeline.stages.speak_lines import SpeakingVoice
from lipwright.speech.tts.fake import FakeTts
from lipwright.store.stages import StageStore

class Killed(FakeTts):
    def speak(self, *args, **more):
        spoken = super().speak(*args, **more)
        if len(self.spoken) == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return spoken

tts = Killed()
lines = [TargetLine(i, i * 1.0, i + 0.5, 1, "", "a quite long one " + "abcdef"[i]) for i in range(6)]
with StageStore(Path(sys.argv[1])) as store:
    with fit(lines, {1: SpeakingVoice(tts, "tone_en-us")}, "en-US", 7.0, store, SilentProgress()) as voice:
        sound = hashlib.sha256(voice.sound.read(0, len(voice.sound)).tobytes()).hexdigest()
print(len(tts.spoken), sound, hashlib.sha256(repr(voice.lines).encode()).hexdigest())
"""


def run(store: Path, kill_at: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(store), str(kill_at)], check=False, capture_output=True, text=True
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode, done.stdout


def test_killed_dub_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    _, unbroken = run(tmp_path / "unbroken", -1)
    calls, *made = unbroken.split()
    for kill_at in (4, 3):
        assert run(tmp_path / "broken", kill_at) == (-signal.SIGKILL, "")
    _, ended = run(tmp_path / "broken", -1)
    last, *same = ended.split()
    assert same == made
    assert int(last) == int(calls) - 3 - 2, "what was spoken before a kill is not spoken again"
    assert contents(tmp_path / "broken") == contents(tmp_path / "unbroken")
    assert list((tmp_path / "broken" / "making").iterdir()) == []


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "results").rglob("*")
        if path.is_file()
    }
