"""Everything that the environment decides. Only entry points build it; nobody else reads the environment."""

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lipwright.errors import UsageError


class Settings(BaseSettings):
    """Read once at the start of a program; frozen from then on."""

    model_config = SettingsConfigDict(env_prefix="LIPWRIGHT_", frozen=True, extra="ignore")

    tts: str = Field(default="kokoro", description="The engine that speaks when none is named.")
    stt: str = Field(default="whisper", description="The engine that recognises words when none is named.")
    translate: str = Field(
        default="",
        description="The engine that translates when none is named; empty for the best one installed.",
    )
    separate: str = Field(
        default="deepfilter", description="The engine that takes voices out of their background when none is named."
    )
    clone: str = Field(default="elevenlabs", description="The engine that copies voices.")
    lipsync: str = Field(
        default="", description="The engine that re-animates a video when none is named; empty for the preset's own."
    )
    script: str = Field(default="rules", description="The engine that writes scripts when none is named.")
    storyboard: str = Field(default="rules", description="The engine that fills in storyboards when none is named.")
    image: str = Field(
        default="", description="The engine that paints backgrounds from words; empty for none, which refuses them."
    )
    enhance: str = Field(default="off", description="The engine that sharpens mouths when none is named.")
    matte: str = Field(default="selfie", description="The engine that cuts people out of clips.")
    rvm_model: Path | None = Field(
        default=None, description="RobustVideoMatting model of your own, ONNX: `rvm` cuts people out."
    )
    realesrgan_model: Path | None = Field(
        default=None, description="Real-ESRGAN model of your own, ONNX: `realesrgan` enhances."
    )
    avatars_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("lipwright") / "avatars",
        description="Folder of the avatars that the command line makes and uses.",
    )
    library_dir: Path | None = Field(
        default=None, description="Folder of pictures and clips that cut-aways are chosen from by their tags."
    )
    cache_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("lipwright"),
        description="Folder for what can be made again: finished stages, and models joined from their packaged parts.",
    )
    cache_limit_gb: float = Field(
        default=20.0,
        gt=0,
        allow_inf_nan=False,
        description="Room that finished stages may take in it, in 10^9 bytes; those used longest ago are removed.",
    )
    data_dir: Path = Field(default=Path("data"), description="Folder of the job service: its database and its files.")
    database: str = Field(
        default="", description="Database of the job service: postgresql://...; empty for SQLite in the data folder."
    )
    storage: str = Field(
        default="",
        description="Where its files are: s3://bucket, az://container, gs://bucket, file:///folder; empty for a folder"
        " in the data folder.",
    )
    signing_key: SecretStr = Field(
        default=SecretStr(""), description="Signs links to its files; empty for a key in the data folder."
    )
    allow_private_addresses: bool = Field(
        default=False, description="Whether callbacks may go to private addresses, such as a server beside this one."
    )
    max_upload_gb: float = Field(default=5.0, gt=0, description="Largest file that is uploaded to it, in 10^9 bytes.")
    rate_per_minute: int = Field(default=600, ge=0, description="Requests of one token in a minute; 0 sets no limit.")
    idle_stop_s: float = Field(
        default=0.0, ge=0, description="A worker stops after so long without work, for spot machines; 0 for never."
    )
    retention_days: float = Field(
        default=0.0,
        ge=0,
        description="Jobs that ended so long ago and files that none needs, are removed; 0 for never.",
    )
    log_format: Literal["console", "json"] = Field(default="console", description="How the service writes its log.")
    url: str = Field(default="http://127.0.0.1:8000", description="Where `lipwright jobs` finds the job service.")
    token: SecretStr = Field(default=SecretStr(""), description="The token that it shows there.")
    threads: int = Field(default=0, ge=0, le=256, description="Threads of each engine; 0 leaves the choice to it.")
    nllb_model: Path | None = Field(
        default=None, description="Folder with NLLB weights of your own, converted for CTranslate2: `nllb` translates."
    )
    demucs_model: Path | None = Field(
        default=None, description="File with Demucs weights of your own: `demucs` separates."
    )
    mdx_model: Path | None = Field(default=None, description="MDX-Net model of your own, ONNX: `mdx` separates.")
    mdx_fft_size: int = Field(default=6144, gt=0, description="Window that this model was trained with, in samples.")
    mdx_gives: Literal["vocals", "instrumental"] = Field(default="vocals", description="What this model gives.")
    openai_url: str = Field(
        default="https://api.openai.com/v1",
        description="Where the engines named `openai` find their server: OpenAI, or one that answers as it does.",
    )
    openai_key: SecretStr = Field(default=SecretStr(""), description="The key for it; empty for a server without keys.")
    openai_tts_model: str = Field(default="gpt-4o-mini-tts", description="Its model that speaks.")
    openai_tts_voices: str = Field(
        default="alloy,ash,ballad,coral,echo,fable,nova,onyx,sage,shimmer,verse,marin,cedar",
        description="The voices of that model, separated by commas; the first one speaks when none is named.",
    )
    openai_stt_model: str = Field(default="whisper-1", description="Its model that recognises words.")
    openai_translate_model: str = Field(default="gpt-4.1-mini", description="Its model that translates.")
    openai_script_model: str = Field(
        default="gpt-4.1-mini", description="Its model that writes scripts and storyboards."
    )
    openai_image_model: str = Field(default="gpt-image-1", description="Its model that paints backgrounds.")
    elevenlabs_url: str = Field(
        default="https://api.elevenlabs.io", description="Where the engines named `elevenlabs` find their server."
    )
    elevenlabs_key: SecretStr = Field(default=SecretStr(""), description="The key for it.")
    elevenlabs_model: str = Field(default="eleven_multilingual_v2", description="Its model that speaks.")
    renderer: str = Field(
        default="",
        description="The remote renderer that makes the videos of `lipwright speak` when none is named; empty: they are"
        " made here.",
    )
    renderers_dir: Path | None = Field(
        default=None, description="Folder with TOML files of remote renderers of your own."
    )
    renderers_in_flight: int = Field(
        default=5, ge=1, le=1000, description="Orders that are under way at one remote renderer at once."
    )
    renderer_callback_url: str = Field(
        default="",
        description="Where remote renderers call `lipwright serve`: https://your.service; empty: they are asked.",
    )
    renderer_keys: SecretStr = Field(
        default=SecretStr(""), description="Keys of remote renderers of your own: name=key, with blanks between them."
    )
    renderer_secrets: SecretStr = Field(
        default=SecretStr(""), description="Secrets of their callbacks: name=secret, with blanks between them."
    )
    heygen_url: str = Field(default="", description="A server that answers as HeyGen does; empty for HeyGen's own.")
    heygen_key: SecretStr = Field(default=SecretStr(""), description="The key for it.")
    heygen_secret: SecretStr = Field(
        default=SecretStr(""), description="The secret that HeyGen signs callbacks with; empty: they are refused."
    )
    d_id_url: str = Field(default="", description="A server that answers as D-ID does; empty for D-ID's own.")
    d_id_key: SecretStr = Field(default=SecretStr(""), description="The key for it.")
    d_id_secret: SecretStr = Field(
        default=SecretStr(""), description="Makes the address that D-ID calls back; empty: callbacks are refused."
    )
    remote_timeout_s: float = Field(
        default=120.0, gt=0, le=3600, description="How long a server may take for one answer, in seconds."
    )
    remote_requests_per_minute: int = Field(
        default=0, ge=0, description="How many requests each engine sends to its server in a minute; 0 sets no limit."
    )


def variable(field: str) -> str:
    """The environment variable that sets `field`."""
    return f"{Settings.model_config['env_prefix']}{field}".upper()


def load_settings() -> Settings:
    """Read the environment.

    Raises: UsageError: a variable holds what it cannot; the message names it.
    """
    try:
        return Settings()
    except ValidationError as exc:
        wrong = exc.errors()[0]
        name = variable(str(wrong["loc"][0]))
        raise UsageError(f"{name}={wrong['input']}: {wrong['msg']}. Set another value, or unset {name}.") from exc
