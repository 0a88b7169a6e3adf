"""One run of `lipwright dub`, stage by stage: a video becomes the same video in another language.

Every stage keeps what it made, and leaves files in the project folder that a person may correct before the next one.
"""

from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from lipwright.contracts.dub import DubReport, DubRequest, DubStage, Line, TargetLine
from lipwright.contracts.footage import Footage
from lipwright.contracts.progress import Progress
from lipwright.contracts.project import SpeakerVoice
from lipwright.contracts.speech import Transcript
from lipwright.errors import (
    FaceNotFound,
    LanguageSame,
    LanguageUnknown,
    ProviderError,
    ProviderUnknown,
    SpeechNotHeard,
    TranscriptionFailed,
    VoiceUnknown,
)
from lipwright.face.conversation import Turn
from lipwright.inference import return_memory
from lipwright.media.burn import SubtitlePlates
from lipwright.media.footage import index_footage
from lipwright.media.label import label_plate
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.clock import StageClock
from lipwright.pipeline.dub_page.sounds import DubSounds, peaks
from lipwright.pipeline.engines import DubEngines
from lipwright.pipeline.project.paths import VOICES
from lipwright.pipeline.project.project import Project
from lipwright.pipeline.share import Share
from lipwright.pipeline.stages.align_words import align_words
from lipwright.pipeline.stages.cast import check_audio_track
from lipwright.pipeline.stages.damage import damage_note
from lipwright.pipeline.stages.describe_sync import describe_sync, drawn_frames, untouched
from lipwright.pipeline.stages.diarise import diarise
from lipwright.pipeline.stages.dub_driver import dub_driver
from lipwright.pipeline.stages.fit import DubbedVoice, fit
from lipwright.pipeline.stages.mix import Mixed, mix, source_levels
from lipwright.pipeline.stages.mux import mux
from lipwright.pipeline.stages.overlay import Overlay
from lipwright.pipeline.stages.recognise import recognise
from lipwright.pipeline.stages.redraw import Artist, Redrawn, Source, copy_drawn, redraw
from lipwright.pipeline.stages.render_line import read_sound
from lipwright.pipeline.stages.separate import Separated, separate
from lipwright.pipeline.stages.source_sound import for_recognition, source_sound
from lipwright.pipeline.stages.speak_lines import SpeakingVoice
from lipwright.pipeline.stages.subtitle import DubSubtitles, check_subtitle_files, subtitle, write_files
from lipwright.pipeline.stages.translate import translate
from lipwright.pipeline.stages.voices import check_voice, paces_for, voices_for
from lipwright.remote.cost import cost_of
from lipwright.remote.waiting import cancellable
from lipwright.speech.lines import lines_from
from lipwright.speech.speakers.base import Diarisation
from lipwright.speech.translate.base import serves
from lipwright.speech.translate.glossary import Glossary, load_glossary
from lipwright.speech.tts.base import TextToSpeech
from lipwright.speech.unvoiced import Read, without_unvoiced
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore

MOST_PLACES = 3
"""That a note names."""


@dataclass
class Dubbing:
    """One run."""

    request: DubRequest
    engines: DubEngines
    store: StageStore
    progress: Progress
    project: Project
    share: Share | None = None
    """What this run does of the stage behind which it stops; None for all."""
    clock: StageClock = field(default_factory=StageClock)
    notes: list[str] = field(default_factory=list)
    costs: dict[tuple[str, str], float] = field(default_factory=dict)
    """By engine and unit."""
    speaking: dict[str | None, TextToSpeech] = field(default_factory=dict)
    """Speech engines by name; None for the one that the request or the settings name."""

    def run(self) -> DubReport:
        request, progress = self.request, self.progress
        progress.stage("prepare", None)
        check_voice(request, self._voice_engine(None))
        if request.source_language is not None:
            self._check_languages(self.engines.stt().find_language(request.source_language))
        artist = Artist(request, self.engines.lipsync)
        glossary = load_glossary(request.glossary) if request.glossary else Glossary()
        with cancellable(progress.check_cancelled), ExitStack() as stack:
            with self.clock.stage("prepare"):
                video_digest = file_digest(request.video)
                check_audio_track(request)
                footage = index_footage(request.video)
            duration_s = footage.frame_count / footage.fps
            sound = stack.enter_context(self._listen(duration_s))
            with self._stage(DubStage.SEPARATE):
                separated = stack.enter_context(separate(sound, self.engines.separator(), self.store, progress))
            self.notes += separated.notes
            if self._waits(DubStage.SEPARATE):
                return self._report(footage, "und", waits_after=DubStage.SEPARATE)
            with self._stage(DubStage.TRANSCRIBE):
                heard, who, lines = self._transcribe(sound, separated, float(duration_s))
            language = heard.language
            check_subtitle_files(request.output, request.target, language, request.subtitles)
            if self._waits(DubStage.TRANSCRIBE):
                return self._report(footage, language, waits_after=DubStage.TRANSCRIBE)
            with self._stage(DubStage.TRANSLATE):
                targets = self._translate(lines, language, who, glossary, float(duration_s))
            if self._waits(DubStage.TRANSLATE):
                return self._report(footage, language, waits_after=DubStage.TRANSLATE)
            with self._stage(DubStage.SPEAK):
                voice = stack.enter_context(self._speak(targets, who, separated, float(duration_s)))
                mixed = stack.enter_context(closing(self._mix(voice, sound, separated)))
            if self._waits(DubStage.SPEAK):
                return self._report(footage, language, voice, waits_after=DubStage.SPEAK)
            subtitles = subtitle(
                voice.lines,
                request.target,
                lines,
                language,
                forms=request.subtitles,
                output=request.output,
                duration_s=float(duration_s),
                fps=footage.fps,
                size_px=(footage.width_px, footage.height_px),
            )
            self.project.begin(DubStage.ANIMATE)
            redrawn = self._animate(artist, Source(footage, video_digest), voice, mixed, subtitles)
            if self._waits(DubStage.ANIMATE):
                return self._report(footage, language, voice, redrawn, waits_after=DubStage.ANIMATE)
            with self._stage(DubStage.FINISH):
                self._finish(footage, mixed, subtitles, redrawn, language)
            report = self._report(footage, language, voice, redrawn)
            sounds = DubSounds(
                voice=peaks(separated.voice),
                dub=peaks(voice.sound),
                leak_db=separated.leak_db,
                source_lufs=None,
                output_lufs=mixed.integrated_lufs,
                true_peak_dbtp=None,
            )
            self.project.done(report, sounds, subtitles.files)
            return report

    def _stage(self, stage: DubStage) -> AbstractContextManager[None]:
        """Note in the project what is being done, and how long it takes."""
        self.project.begin(stage)
        return self.clock.stage(stage.value)

    def _waits(self, stage: DubStage) -> bool:
        """Whether a person is to look at what was made so far."""
        if self.request.stop_after is not stage:
            return False
        self.project.wait_after(stage)
        return True

    def _share_of(self, stage: DubStage) -> Share | None:
        return self.share if self.request.stop_after is stage else None

    def _listen(self, duration_s: Fraction) -> AudioSpool:
        damaged: list[Fraction] = []
        sound = source_sound(self.request.video, self.request.audio_track, duration_s, damaged, self.progress)
        self.notes += damage_note(self.request.video, damaged)
        return sound

    def _transcribe(
        self, sound: AudioSpool, separated: Separated, duration_s: float
    ) -> tuple[Transcript, Diarisation, tuple[Line, ...]]:
        request = self.request
        with for_recognition(sound) as speech:
            heard = self._recognise(speech)
            return_memory()
            heard, made_up = without_unvoiced(heard, _reader(sound), _reader(separated.voice))
            if not heard.words:
                raise SpeechNotHeard(
                    f"`{request.video}`: no words are recognised in it. Use a video in which somebody speaks, or name"
                    " their language with --from."
                )
            if made_up:
                places = ", ".join(f"{said.start_s:.1f} s" for said in made_up[:MOST_PLACES])
                words = sum(len(said.words) for said in made_up)
                self.notes.append(
                    f"{words} words are left out where no voice is heard in the sound, such as at {places}"
                )
            self._check_languages(heard.language)
            heard = align_words(heard, speech, self.store, self.progress)
            return_memory()
            who = diarise(separated.voice, heard, self.store, self.progress, self.request.speakers)
        self.notes += who.notes
        return heard, who, self.project.transcript(lines_from(heard, who), duration_s)

    def _recognise(self, speech: AudioSpool) -> Transcript:
        stt = self.engines.stt()
        try:
            share = self._share_of(DubStage.TRANSCRIBE)
            heard = recognise(speech, stt, self.request.source_language, self.store, self.progress, share)
        except ProviderError as exc:
            raise TranscriptionFailed(f"`{self.request.video}`: its words are not recognised: {exc}", exc) from exc
        self._paid(stt.capability.name, stt)
        return heard

    def _check_languages(self, source: str) -> None:
        """Make sure that the language that is spoken can become the target.

        Raises: LanguageSame. LanguageUnknown: nothing translates it.
        """
        if serves(source, self.request.target):
            raise LanguageSame(
                f"`{self.request.video}`: it speaks {source} already. Name another language with --to, or tell with"
                " --from what is spoken if that is something else."
            )
        self.engines.translator(source, self.request.target)

    def _translate(
        self, lines: tuple[Line, ...], source: str, who: Diarisation, glossary: Glossary, duration_s: float
    ) -> tuple[TargetLine, ...]:
        target = self.request.target
        paces = paces_for(self.request, lines, who.speakers, self._voice_engine)
        translator = self.engines.translator(source, target)

        def translated(some: tuple[Line, ...]) -> tuple[TargetLine, ...]:
            return translate(
                some,
                target,
                translator,
                store=self.store,
                progress=self.progress,
                glossary=glossary,
                duration_s=duration_s,
                paces=paces,
            )

        terms = file_digest(self.request.glossary) if self.request.glossary else "none"
        manner = f"{translator.identity(source, target)}, glossary {terms}"
        targets = self.project.translation(lines, translated, duration_s, manner)
        self._paid(translator.capability.name, translator)
        return targets

    def _speak(
        self, targets: tuple[TargetLine, ...], who: Diarisation, separated: Separated, duration_s: float
    ) -> DubbedVoice:
        request = self.request
        chosen, notes = voices_for(
            request,
            targets,
            who.speakers,
            separated.voice,
            self._voice_engine,
            self.engines.cloner,
            self.store,
            self.progress,
        )
        self.notes += notes
        voices = self.project.voices(chosen)
        self._check_chosen(voices)
        speaking = {name: self._voice_engine(name) for name in dict.fromkeys(voice.engine for voice in voices)}
        try:
            return fit(
                targets,
                {one.speaker: SpeakingVoice(speaking[one.engine], one.voice) for one in voices},
                request.target,
                duration_s,
                self.store,
                self.progress,
                takes={line.number: self.project.take(line.number) for line in targets},
                lexicon=request.lexicon,
                allow_failed=request.allow_failed,
                share=self._share_of(DubStage.SPEAK),
            )
        finally:
            for name, tts in speaking.items():
                self._paid(name, tts)
            self.speaking.clear()

    def _check_chosen(self, voices: tuple[SpeakerVoice, ...]) -> None:
        """Make sure that the voices, which a person may have written, speak the language.

        Raises: VoiceUnknown, LanguageUnknown, ProviderUnknown.
        """
        for one in voices:
            try:
                self._voice_engine(one.engine).find_voice(one.voice, self.request.target)
            except (VoiceUnknown, LanguageUnknown, ProviderUnknown) as exc:
                raise type(exc)(f"`{self.request.project / VOICES}`, speaker {one.speaker}: {exc}") from exc

    def _mix(self, voice: DubbedVoice, sound: AudioSpool, separated: Separated) -> Mixed:
        for number, path in voice.sounds.items():
            self.project.keep_sound(number, read_sound(path), voice.sound.sample_rate_hz)
        self.project.forget_sounds(voice.sounds)
        levels = source_levels(sound, separated.voice, self.progress)
        mixed = mix(voice.sound, separated.bed, levels, bed_gain_db=self.request.bed_gain_db, progress=self.progress)
        self.notes += mixed.notes
        return mixed

    def _animate(
        self,
        artist: Artist,
        source: Source,
        voice: DubbedVoice,
        mixed: Mixed,
        subtitles: DubSubtitles,
    ) -> Redrawn | None:
        """Give the picture its mouth, or what lies over it; None where it stays as it is."""
        request, store, progress, clock = self.request, self.store, self.progress, self.clock
        footage, share = source.footage, self._share_of(DubStage.ANIMATE)
        overlay = Overlay(
            label_plate(footage.width_px, footage.height_px, request.label) if request.label else None,
            subtitles.burned,
            SubtitlePlates(subtitles.burned, footage.width_px, footage.height_px) if subtitles.burned else None,
        )
        plan = np.arange(footage.frame_count, dtype=np.int32)
        driver = dub_driver(
            voice,
            mixed.sound,
            footage.frame_count,
            footage.fps,
            request.target,
            listener=self.engines.listener,
        )
        with closing(driver.mono):
            if request.lip_sync:
                try:
                    return redraw(
                        request,
                        artist,
                        source,
                        driver,
                        plan,
                        overlay,
                        turns=_turns(voice),
                        store=store,
                        progress=progress,
                        clock=clock,
                        share=share,
                    )
                except FaceNotFound:
                    self.notes.append("no face is seen in the video: its picture stays as it is")
            if overlay.label is None and overlay.subtitles is None:
                return None
            return copy_drawn(
                artist,
                source,
                driver,
                plan,
                overlay,
                "no lip-sync",
                store=store,
                progress=progress,
                clock=clock,
                share=share,
            )

    def _finish(
        self, footage: Footage, mixed: Mixed, subtitles: DubSubtitles, redrawn: Redrawn | None, language: str
    ) -> None:
        request = self.request
        muxed = mux(
            request.output,
            request.video,
            mixed.sound,
            target=request.target,
            source_language=language,
            keep_original=request.keep_original,
            audio_track=request.audio_track,
            subtitles=subtitles.embedded,
            progress=self.progress,
            segments=[one.picture for one in redrawn.windows] if redrawn else (),
            fps=footage.fps if redrawn else None,
        )
        self.notes += muxed.notes
        write_files(subtitles, (footage.width_px, footage.height_px))
        if redrawn is not None:
            describe_sync(request.output, "", request.seed, redrawn)

    def _paid(self, name: str, engine: object) -> None:
        self.costs |= {(name, unit): amount for unit, amount in cost_of(engine).items()}

    def _voice_engine(self, name: str | None) -> TextToSpeech:
        """Built once: a model is large."""
        if name not in self.speaking:
            engine = self.engines.tts(name)
            self.speaking |= {name: engine, engine.capability.name: engine}
        return self.speaking[name]

    def _report(
        self,
        footage: Footage,
        language: str,
        voice: DubbedVoice | None = None,
        redrawn: Redrawn | None = None,
        *,
        waits_after: DubStage | None = None,
    ) -> DubReport:
        request = self.request
        drawn = int(drawn_frames(redrawn.windows).sum()) if redrawn else 0
        return DubReport(
            output=None if waits_after else request.output,
            project=request.project,
            waits_after=waits_after,
            unchanged=False,
            source_language=language,
            target=request.target,
            duration_s=float(footage.frame_count / footage.fps),
            lines=voice.lines if voice else (),
            rendered_s=float(drawn / footage.fps),
            kept_s=float((footage.frame_count - drawn) / footage.fps),
            untouched=untouched(redrawn.work.cast, redrawn.windows) if redrawn else (),
            cost=tuple((name, amount, unit) for (name, unit), amount in self.costs.items()),
            notes=(*footage.notes, *self.notes, *(redrawn.notes if redrawn else ()), *self.project.notes),
            stage_s=tuple(self.clock.seconds),
        )


def _turns(voice: DubbedVoice) -> tuple[Turn, ...]:
    """Who speaks when, in the source or in the dub."""
    return tuple(
        Turn(line.speaker, line.slot_start_s, max(line.slot_end_s, line.end_s))
        for line in sorted(voice.lines, key=lambda line: line.slot_start_s)
    )


def _reader(sound: AudioSpool) -> Read:
    """Reads a spool by times."""
    rate = sound.sample_rate_hz
    return lambda start_s, end_s: sound.read(round(start_s * rate), round((end_s - start_s) * rate))
