"""Jobs of kind `avatar`, stage by stage: an identity comes out that videos can be made from."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lipwright.contracts.avatar import (
    CLIP,
    MATTE,
    MESH,
    NEUTRAL,
    PHOTO,
    SHEET,
    AvatarAsset,
    AvatarIdentity,
    Consent,
    Use,
)
from lipwright.contracts.job import AvatarSpec
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.route import StageWork
from lipwright.errors import ConsentMissing, FaceNotFound, LanguageUnknown, UsageError
from lipwright.pipeline.avatar import bank, kept_scan
from lipwright.pipeline.avatar.picture import pose_files, read_picture
from lipwright.pipeline.service.avatar import AvatarRoute
from lipwright.pipeline.service.avatar_lent import LentLibrary, needed
from lipwright.pipeline.service.avatar_words import asset_named
from lipwright.speech.cloning.fake import FakeCloner
from lipwright.speech.tts.fake import FakeTts
from lipwright.store.digest import file_digest
from support.attempts import Attempts
from support.avatars import CONSENT, Studio
from support.dubbed import RATE_HZ, chatter
from support.wav import write_wav

PHOTO_DIGEST, SAMPLE_DIGEST = "a" * 64, "b" * 64
BOTH = CONSENT.model_copy(update={"uses": frozenset({Use.VIDEO, Use.CLONE_VOICE})})
STAGES = ["validate", "neutral", "matte", "sheet", "voice", "identity"]


def spec(**fields: Any) -> AvatarSpec:
    return AvatarSpec.model_validate({"name": "nobody", "photo": PHOTO_DIGEST, "consent": CONSENT, **fields})


@pytest.fixture(scope="module")
def cloner() -> FakeCloner:
    return FakeCloner()


@pytest.fixture(scope="module")
def route(cloner: FakeCloner) -> AvatarRoute:
    return AvatarRoute(lambda _voice: FakeTts(), lambda: cloner)


@pytest.fixture(scope="module")
def made(route: AvatarRoute, photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Attempts:
    """A finished job with a voice; tests read it."""
    asked = spec(voice="tone_en-us", poses={"sitting": PHOTO_DIGEST})
    attempts = Attempts(route, asked, tmp_path_factory.mktemp("avatar"), {PHOTO_DIGEST: photo})
    attempts.all()
    return attempts


def identity_in(attempts: Attempts) -> AvatarIdentity:
    return AvatarIdentity.model_validate_json(attempts.published["identity"]["identity.json"].read_bytes())


def test_a_person_can_be_asked_about_the_picture_and_the_sheet(route: AvatarRoute) -> None:
    plans = route.stages(spec())

    assert [plan.name for plan in plans] == STAGES
    assert {plan.name for plan in plans if plan.approvable} == {"neutral", "sheet"}
    assert [plan.name for plan in route.stages(spec(photo=None, clip=PHOTO_DIGEST))][4] == "learn"


def test_the_result_is_an_identity_and_every_file_of_its_graph(made: Attempts) -> None:
    identity, result = identity_in(made), made.result()

    assert {asset.name for asset in identity.assets} >= {PHOTO, NEUTRAL, MESH, MATTE, SHEET, "sheet/0-1.png"}
    assert {asset_named(name) for name in result} == {asset.name for asset in identity.assets} | {"identity.json"}
    assert all(
        file_digest(result[name]) == identity.digest(asset_named(name)) for name in set(result) - {"identity.json"}
    )
    assert identity.voice is not None
    assert (identity.voice.engine, identity.voice.voice) == ("fake", "tone_en-us")


def test_it_is_the_avatar_that_the_command_makes(made: Attempts, nobody: Studio) -> None:
    alone, ours = nobody.library.load("nobody"), identity_in(made)

    assert ours.model_copy(update={"created_at": alone.created_at}) == alone


def test_a_video_is_made_from_the_files_that_it_needs_and_no_others(made: Attempts) -> None:
    identity, result = identity_in(made), made.result()
    files = {file_digest(path): path for path in result.values()}
    wanted = needed(identity)
    library = LentLibrary(identity, {digest: files[digest] for digest in wanted})

    assert wanted == {identity.digest(name) for name in (*pose_files(""), *pose_files("sitting"))}
    assert read_picture(library, "nobody").image.ndim == 3


def test_of_a_clip_a_video_needs_the_clip_and_what_is_known_of_it(made: Attempts) -> None:
    names = [CLIP, f"{kept_scan.PREFIX}0/points.npy", f"{bank.PREFIX}0.npz", NEUTRAL]
    assets = tuple(
        AvatarAsset(
            name=name,
            digest=f"{number:064x}",
            media_type="video/mp4",
            made_by=bank.MADE_BY if name.startswith(bank.PREFIX) else "",
        )
        for number, name in enumerate(names)
    )
    of_clip = identity_in(made).model_copy(update={"kind": "clip", "assets": assets})

    assert needed(of_clip) == {of_clip.digest(name) for name in names[:3]}


def test_a_picture_that_a_person_put_in_its_place_is_what_follows_is_made_from(made: Attempts, tmp_path: Path) -> None:
    again = Attempts(made.route, made.spec, tmp_path, made.given, published=dict(made.published))
    again.edits[NEUTRAL] = made.published["validate"][PHOTO]
    before = file_digest(made.published["matte"][MATTE])

    assert file_digest(again("matte")[MATTE]) != before
    assert again.published["neutral"] == made.published["neutral"]


def test_a_voice_is_copied_where_the_person_agreed_and_of_the_language_that_is_named(
    made: Attempts, tmp_path: Path
) -> None:
    sample = tmp_path / "sample.wav"
    write_wav(sample, chatter()[: 4 * RATE_HZ], RATE_HZ)
    wanted = spec(voice_sample=SAMPLE_DIGEST, consent=BOTH, language="de")
    given = {**made.given, SAMPLE_DIGEST: sample}
    copied = Attempts(made.route, wanted, tmp_path, given, published=dict(made.published))
    copied("voice")
    copied("identity")

    voice = identity_in(copied).voice
    assert voice is not None
    assert voice.cloned_from == file_digest(copied.published["voice"]["voice.wav"])
    assert voice.language == "de"
    with pytest.raises(ConsentMissing, match=r"^`voice_sample`.*clone-voice"):
        made.route.stages(spec(voice_sample=SAMPLE_DIGEST))


def test_a_language_alone_means_its_default_voice(made: Attempts, tmp_path: Path) -> None:
    french = Attempts(made.route, spec(language="fr"), tmp_path, made.given, published=dict(made.published))
    french("voice")
    french("identity")

    voice = identity_in(french).voice
    assert voice is not None
    assert voice.voice == "tone_fr"
    french.spec = spec(language="xx")
    with pytest.raises(LanguageUnknown, match="xx"):
        french("voice")


def test_consent_is_asked_when_a_job_is_sent_and_at_every_stage(made: Attempts, tmp_path: Path) -> None:
    ended = Consent(person="Nobody", granted_on=date(2020, 1, 1), until=date(2020, 2, 1), uses=frozenset({Use.VIDEO}))

    with pytest.raises(ConsentMissing, match="ended on 2020-02-01"):
        made.route.stages(spec(consent=ended))
    for stage in ("validate", "identity"):
        work = StageWork(
            job="job", workspace="acme", spec=spec(consent=ended), stage=stage, attempt=1, take=0, line=None, lines={},
            folder=tmp_path, assets=made.given, earlier={}, progress=SilentProgress(),
        )  # fmt: skip
        with pytest.raises(ConsentMissing):
            made.route.run(work)


@pytest.mark.parametrize("pose", ["../up", "Sitting", ""])
def test_a_pose_is_never_a_path(route: AvatarRoute, pose: str) -> None:
    with pytest.raises(UsageError, match="`pose`"):
        route.stages(spec(poses={pose: PHOTO_DIGEST}))


def test_a_message_names_the_file_and_not_the_folders_of_the_machine(route: AvatarRoute, tmp_path: Path) -> None:
    Image.new("RGB", (400, 400), (90, 90, 90)).save(tmp_path / "grey.png")
    attempts = Attempts(route, spec(), tmp_path, {PHOTO_DIGEST: tmp_path / "grey.png"})

    with pytest.raises(FaceNotFound) as refused:
        attempts("validate")

    assert "photo" in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
