"""Engines that run the user's models, with tiny ones of the same shape."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.errors import ProviderUnavailable
from lipwright.speech.separate.base import SAMPLE_RATE_HZ, Separator, Stems
from lipwright.speech.separate.demucs import Demucs
from lipwright.speech.separate.mdx import Mdx
from support.onnx_mdx import write_mdx

FFT_SIZE, PITCHES, COLUMNS = 2048, 900, 16
Sound = NDArray[np.float32]


@pytest.fixture(scope="module")
def mdx_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its voice is three quarters of the sound, at all pitches that it is shown."""
    return write_mdx(tmp_path_factory.mktemp("mdx") / "tiny.onnx", 0.75, PITCHES, COLUMNS)


@pytest.fixture
def mdx(mdx_file: Path) -> Mdx:
    return Mdx(mdx_model=mdx_file, mdx_fft_size=FFT_SIZE, threads=1)


def demucs(folder: Path) -> Demucs:
    if importlib.util.find_spec("demucs") is None:
        pytest.skip("demucs is not installed: pip install demucs")
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(1)
    settings: dict[str, Any] = {"sources": ["drums", "vocals"], "channels": 8, "growth": 1, "segment": 2}
    settings |= {"t_layers": 1, "t_heads": 2, "dconv_depth": 1}
    path = folder / "tiny.th"
    state = HTDemucs(**settings).state_dict()
    torch.save({"klass": HTDemucs, "args": (), "kwargs": settings, "state": state}, path)
    return Demucs(demucs_model=path, threads=1)


@pytest.fixture(params=["mdx", "demucs"])
def engine(request: pytest.FixtureRequest, mdx_file: Path, tmp_path: Path) -> Separator:
    if request.param == "demucs":
        return demucs(tmp_path)
    return Mdx(mdx_model=mdx_file, mdx_fft_size=FFT_SIZE, threads=1)


def tones(seconds: float, channels: int) -> Sound:
    """Sound that has nothing above 10 kHz."""
    time_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    chirp = 0.3 * np.sin(2 * np.pi * (300 + 800 * time_s) * time_s)
    return np.stack([chirp, 0.5 * chirp[::-1]], axis=1)[:, :channels].astype(np.float32)


def taken_apart(engine: Separator, sound: Sound, chunk_samples: int = 16_384) -> Stems:
    def pieces() -> Iterator[Sound]:
        for at in range(0, len(sound), chunk_samples):
            yield sound[at : at + chunk_samples]

    stems = list(engine.separate(pieces(), sound.shape[1]))
    empty = [np.zeros((0, sound.shape[1]), np.float32)]
    return Stems(
        np.concatenate(empty + [part.voice for part in stems]), np.concatenate(empty + [part.bed for part in stems])
    )


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.7])
def test_stems_are_as_long_as_the_sound_and_add_up_to_it(engine: Separator, channels: int, seconds: float) -> None:
    sound = tones(seconds, channels)
    stems = taken_apart(engine, sound)
    assert stems.voice.shape == stems.bed.shape == sound.shape
    np.testing.assert_allclose(stems.voice + stems.bed, sound, atol=1e-6)


def test_chunks_change_nothing(engine: Separator) -> None:
    sound = tones(1.5, 2)
    np.testing.assert_array_equal(taken_apart(engine, sound).voice, taken_apart(engine, sound, 999).voice)


@pytest.mark.parametrize("channels", [1, 2])
def test_mdx_model_s_answer_comes_out_in_step(mdx: Mdx, channels: int) -> None:
    sound = tones(1.7, channels)
    wrong = taken_apart(mdx, sound).voice - 0.75 * sound
    inside = slice(SAMPLE_RATE_HZ // 10, -SAMPLE_RATE_HZ // 10)
    assert float(wrong[inside].std()) < 0.01 * float(sound.std())


def test_mdx_model_may_give_the_bed(mdx_file: Path) -> None:
    sound = tones(1.7, 1)
    stems = taken_apart(Mdx(mdx_model=mdx_file, mdx_fft_size=FFT_SIZE, mdx_gives="instrumental"), sound)
    inside = slice(SAMPLE_RATE_HZ // 10, -SAMPLE_RATE_HZ // 10)
    assert float((stems.bed - 0.75 * sound)[inside].std()) < 0.01 * float(sound.std())


@pytest.mark.parametrize("engine", [Mdx(), Demucs(), Mdx(mdx_model=Path("none")), Demucs(demucs_model=Path("none"))])
def test_model_that_is_not_there_is_named_with_what_to_set(engine: Separator) -> None:
    with pytest.raises(ProviderUnavailable, match=r"Set LIPWRIGHT_(MDX|DEMUCS)_MODEL"):
        list(engine.separate([tones(0.1, 1)], 1))
    with pytest.raises(ProviderUnavailable, match=r"Set LIPWRIGHT_(MDX|DEMUCS)_MODEL"):
        _ = engine.version


def test_other_model_is_another_version(mdx: Mdx, mdx_file: Path, tmp_path: Path) -> None:
    other = Mdx(mdx_model=write_mdx(tmp_path / "other.onnx", 0.5, PITCHES, COLUMNS), mdx_fft_size=FFT_SIZE)
    copied = tmp_path / "copied.onnx"
    copied.write_bytes(mdx_file.read_bytes())
    assert other.version != mdx.version == Mdx(mdx_model=copied, mdx_fft_size=FFT_SIZE).version
    assert mdx.version != Mdx(mdx_model=mdx_file, mdx_fft_size=4096).version


def test_file_that_is_no_model_is_refused(tmp_path: Path, mdx_file: Path) -> None:
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(b"no model")
    with pytest.raises(ProviderUnavailable, match="does not load"):
        taken_apart(Mdx(mdx_model=wrong), tones(0.1, 1))
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_MDX_FFT_SIZE"):
        taken_apart(Mdx(mdx_model=mdx_file, mdx_fft_size=1024), tones(0.1, 1))
    with pytest.raises(ProviderUnavailable, match="LIPWRIGHT_MDX_GIVES"):
        taken_apart(Mdx(mdx_model=mdx_file, mdx_gives="drums"), tones(0.1, 1))


def test_demucs_that_is_not_installed_is_named(tmp_path: Path) -> None:
    if importlib.util.find_spec("demucs") is not None:
        pytest.skip("demucs is installed")
    path = tmp_path / "any.th"
    path.write_bytes(b"any")
    with pytest.raises(ProviderUnavailable, match="pip install demucs"):
        taken_apart(Demucs(demucs_model=path), tones(0.1, 1))
