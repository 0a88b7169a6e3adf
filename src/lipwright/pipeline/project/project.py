"""One run in the folder of a dub: what it makes goes into files, and what a person made of them comes back."""

from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from lipwright.contracts.dub import DubReport, DubRequest, DubStage, Line, TargetLine
from lipwright.contracts.project import ProjectFile, SpeakerVoice, State, StateName
from lipwright.errors import InputError, LipwrightError
from lipwright.media.output import write_text
from lipwright.pipeline.dub_page.document import read_report, report_text
from lipwright.pipeline.dub_page.page import page
from lipwright.pipeline.dub_page.sounds import DubSounds
from lipwright.pipeline.project import paths
from lipwright.pipeline.project.memory import Memory
from lipwright.pipeline.project.seen import Finished, Seen, look, save_seen
from lipwright.pipeline.project.takes import lines_text, takes_of, write_sound
from lipwright.pipeline.project.transcript import merged_transcript
from lipwright.pipeline.project.translation import merged_translation
from lipwright.pipeline.project.voices import merge_voices, read_voices, voices_text

_KILLED = "the run before this one was killed; what it had finished is kept"


class Project:
    """A project that this run alone works in; `open_project` makes one."""

    def __init__(self, request: DubRequest, manner: str, file: ProjectFile, seen: Seen) -> None:
        """Take over what the folder holds."""
        self.folder = request.project
        self.notes: list[str] = []
        """What a person's edits did."""
        self.found = file.state
        """How the last run ended; `running` when it was killed."""
        self.state = file.state
        self._request = request
        self._manner = manner
        self._file = file
        self._seen = seen
        self._voices: tuple[SpeakerVoice, ...] = ()

    def begin(self, stage: DubStage) -> None:
        """Note which stage runs.

        Raises: OutputNotWritable, DiskFull.
        """
        if self.state.name is StateName.RUNNING and self.state == self.found and _KILLED not in self.notes:
            self.notes.append(_KILLED)
        self.set_state(State(name=StateName.RUNNING, stage=stage))

    def set_state(self, state: State) -> None:
        """Note how the work stands.

        Raises: OutputNotWritable, DiskFull.
        """
        self.state = state
        self._file = self._file.model_copy(update={"state": state})
        self._write(paths.PROJECT, self._file.to_json())

    def transcript(self, made: Sequence[Line], duration_s: float) -> tuple[Line, ...]:
        """The lines that count: those that were made, and a person's edits over them.

        Args:
            made: in order of time, not overlapping.
            duration_s: of the video.
        Raises: SubtitlesInvalid, MediaUnreadable, ProjectInvalid, PathEscapes: the edited file. OutputNotWritable,
            DiskFull.
        """
        lines, notes = merged_transcript(self.folder, made, duration_s, self._request.source_language)
        self.notes += notes
        return lines

    def translation(
        self,
        lines: Sequence[Line],
        translate: Callable[[tuple[Line, ...]], Sequence[TargetLine]],
        duration_s: float,
        manner: str = "",
    ) -> tuple[TargetLine, ...]:
        """The lines of the dub: a person's edits, what was translated earlier, and what is translated now.

        Args:
            translate: gets whole sentences with lines that need it, and gives one target line for each, with the same
                numbers; it is not called when no line needs it.
            manner: what translates; another one translates again all lines that no person edited.
        Raises: as `transcript`; what `translate` raises.
        """
        targets, notes = merged_translation(self.folder, lines, translate, duration_s, manner, self._request.target)
        self.notes += notes
        self._write(paths.LINES, lines_text(targets))
        takes = takes_of(self._file.takes, targets)
        if takes != self._file.takes:
            self._file = self._file.model_copy(update={"takes": takes})
            self._write(paths.PROJECT, self._file.to_json())
        return targets

    def voices(self, chosen: Sequence[SpeakerVoice]) -> tuple[SpeakerVoice, ...]:
        """The voice of each speaker that was chosen for: a person's choice, or else that one.

        Raises: ProjectInvalid, PathEscapes: the edited file. OutputNotWritable, DiskFull.
        """
        path = paths.inside(self.folder, paths.VOICES)
        found = read_voices(path) if path.exists() else None
        memory = Memory(paths.inside(self.folder, paths.CHOSEN), TypeAdapter(tuple[SpeakerVoice, ...]))
        written = memory.load(lambda row: row in (found or ()))
        merged = merge_voices(chosen, written, found)
        text = voices_text(merged)
        memory.replace(written, chosen, None if found == merged else lambda: write_text(path, text))
        speakers = {row.speaker for row in chosen}
        self._voices = tuple(row for row in merged if row.speaker in speakers)
        return self._voices

    def take(self, number: int) -> int:
        """Which take of a line is wanted; 0 is the first. Call it after `translation`."""
        return next((one.take for one in self._file.takes if one.line == number), 0)

    def keep_sound(self, number: int, samples: NDArray[np.float32], sample_rate_hz: int) -> None:
        """Put a spoken line into the folder for listening.

        Args:
            samples: mono, (n,).
        Raises: PathEscapes, OutputNotWritable, DiskFull.
        """
        path = paths.inside(self.folder, paths.sound_name(number))
        path.parent.mkdir(exist_ok=True)
        write_sound(path, samples, sample_rate_hz)

    def forget_sounds(self, kept: Container[int]) -> None:
        """Remove the sounds of lines that are not among those kept."""
        for path in (self.folder / paths.TAKES).glob("*.flac"):
            if path.stem.isdigit() and int(path.stem) not in kept:
                with suppress(OSError):
                    path.unlink()

    def wait_after(self, stage: DubStage) -> None:
        """Note that the work waits for a person.

        Raises: OutputNotWritable, DiskFull.
        """
        self.set_state(State(name=StateName.EDITING, stage=stage))

    def done(self, report: DubReport, sounds: DubSounds, outputs: Sequence[Path] = ()) -> None:
        """Write the report, and note that the work is finished, and of what.

        Args:
            outputs: files beside the report's output that belong to the result.
        Raises: OutputNotWritable, DiskFull.
        """
        self._write(paths.REPORT_PAGE, page(report, self._voices, sounds))
        self._write(paths.REPORT, report_text(report, self._voices, sounds))
        files = [self._request.video, self._request.output, *outputs]
        files += [path for path in (self._request.glossary, self._request.lexicon) if path is not None]
        files += [
            path
            for name in (paths.TRANSCRIPT, paths.TRANSLATION, paths.VOICES, paths.REPORT, paths.REPORT_PAGE)
            if (path := self.folder / name).exists()
        ]
        told = {paths.told_path(path, self.folder): path for path in files}
        looked = {name: look(path, self._seen.files.get(name)) for name, path in told.items()}
        finished = Finished(manner=self._manner, takes=self._file.takes, files=tuple(sorted(told)))
        self._seen = Seen(files=looked, finished=finished)
        save_seen(self.folder / paths.SEEN, self._seen)
        self.set_state(State(name=StateName.DONE))

    def unchanged(self) -> DubReport | None:
        """The report of the last run, when it was finished and nothing has changed since; else None."""
        finished = self._seen.finished
        if (
            self.found.name is not StateName.DONE
            or self._request.stop_after is not None
            or finished is None
            or (finished.manner, finished.takes) != (self._manner, self._file.takes)
            or self._file_before() != self._file
        ):
            return None
        looked = {}
        for name in finished.files:
            try:
                looked[name] = look(paths.found_path(name, self.folder), self._seen.files.get(name))
            except InputError:  # it is gone, or cannot be read: made again, or told by who needs it
                return None
            if looked[name].sha256 != self._seen.files[name].sha256:
                return None
        if looked != self._seen.files:
            save_seen(self.folder / paths.SEEN, Seen(files=looked, finished=finished))
        try:
            report = read_report((self.folder / paths.REPORT).read_text(encoding="utf-8"), self._request)
        except (OSError, LipwrightError):
            return None
        return replace(report, unchanged=True)

    def _file_before(self) -> ProjectFile | None:
        path = self.folder / paths.PROJECT
        return ProjectFile.from_json(path.read_text(encoding="utf-8-sig"), str(path)) if path.exists() else None

    def _write(self, name: str, text: str) -> None:
        path = paths.inside(self.folder, name)
        if not path.exists() or path.read_bytes() != text.encode("utf-8"):
            write_text(path, text)
