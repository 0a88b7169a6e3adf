"""Orders against a server that loses, forgets, doubles and damages."""

import random
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from lipwright.errors import (
    Cancelled,
    LipwrightError,
    ProviderAnswerInvalid,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    ServiceError,
    UsageError,
)
from lipwright.media.output import temporary_name
from lipwright.media.probe import probe
from lipwright.remote.addresses import Guard
from lipwright.remote.cost import cost_of
from lipwright.remote.waiting import cancellable
from lipwright.render.remote.base import RenderOrder, file_digest
from lipwright.render.remote.ledger import Ledger
from lipwright.render.remote.orders import OrderDesk, Terms
from lipwright.render.remote.served import ServedRenderer
from lipwright.render.remote.shape import packaged_shape, packaged_shapes
from support.attempts import Told
from support.vendor import never
from support.vendor_renderers import KEY, LOST, NOT_TAKEN, Fate, RendererServer

Serve = Callable[[Iterable[Fate]], RendererServer]
Said = Callable[[str], RenderOrder]


def renderer_of(server: RendererServer, name: str = "heygen", key: str = KEY) -> ServedRenderer:
    return ServedRenderer(
        packaged_shape(name), SecretStr(key), url=server.url, guard=Guard(allow_private=True), timeout_s=5.0
    )


@pytest.mark.parametrize("name", packaged_shapes())
def test_a_text_becomes_a_video_at_every_vendor(
    name: str, serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    renderer = renderer_of(server, name)
    video = OrderDesk(tmp_path, quick).render(renderer, said("Good morning."))
    assert cost_of(renderer) == {"seconds": {"heygen": 30, "heygen-v3": 2, "d-id": 15}[name]}
    clip = probe(video.path)
    assert clip.video is not None
    assert clip.audio
    assert video.path.read_bytes() == server.clip
    assert (video.renderer, video.submissions, video.told) == (name, 1, ())
    assert file_digest(video.path) == video.sha256
    assert server.kept() == {"Good morning.": 1}


@pytest.mark.parametrize("name", packaged_shapes())
def test_a_recording_becomes_a_video_at_every_vendor(
    name: str, serve: Serve, face: Path, speech: Path, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    order = RenderOrder(1280, 720, face=face, audio=speech)
    video = OrderDesk(tmp_path, quick).render(renderer_of(server, name), order)
    assert video.duration_s == pytest.approx(2.0, abs=0.1)
    sent = [upload.body for upload in server.uploads]
    assert any(face.read_bytes() in body for body in sent)
    assert any(speech.read_bytes() in body for body in sent)


def test_fifty_orders_at_a_vendor_that_drops_half_end_as_fifty_videos_paid_for_once(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    fates = [Fate.DROPPED] * 22 + [fate for fate in Fate if fate not in {Fate.REFUSED, Fate.STUCK}]
    random.Random(6).shuffle(fates)  # noqa: S311 the same order each time
    server = serve(fates)
    renderer, desk = renderer_of(server), OrderDesk(tmp_path, replace(quick, losses=20, stuck_s=60.0))
    texts = [f"This is clip number {number}." for number in range(50)]
    with ThreadPoolExecutor(50) as pool:
        videos = list(pool.map(lambda text: desk.render(renderer, said(text)), texts))
    assert len({video.path for video in videos}) == 50
    assert all(video.path.read_bytes() == server.clip for video in videos)
    assert server.fates == []
    assert server.kept() == dict.fromkeys(texts, 1)
    assert server.most_open <= quick.in_flight
    submitted = sum(video.submissions for video in videos)
    unsure = sum(fate in {Fate.HANGS_UP, Fate.FAILS, Fate.PAGE} for fate in fates)
    assert submitted == 50 + sum(fate in LOST for fate in fates) + unsure
    lost = [video for video in videos if video.submissions > 1]
    assert all(video.told for video in lost)
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        *(("heygen", fate) for fate in Fate if fate is not Fate.REFUSED),
        *(("d-id", fate) for fate in (Fate.TAKEN_HANGS_UP, Fate.FORGOTTEN, Fate.CUT_AT_FIRST)),
    ],
)
def test_no_lie_costs_a_video_or_pays_for_one_that_was_kept_twice(
    name: str, fate: Fate, serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve([fate])
    video = OrderDesk(tmp_path, quick).render(renderer_of(server, name), said("Hello."))
    assert video.path.read_bytes() == server.clip
    assert server.kept() == {"Hello.": 1}
    assert len(server.jobs) == (2 if fate in LOST else 1)
    assert bool(video.told) == (fate in LOST | NOT_TAKEN)


def test_the_same_order_again_gives_the_same_video_and_asks_for_nothing(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    first = OrderDesk(tmp_path, quick).render(renderer_of(server), said("Once."))
    asked = len(server.received)
    again = OrderDesk(tmp_path, quick).render(renderer_of(server), said("Once."))
    assert again == replace(first, is_new=False)
    assert len(server.received) == asked


def test_what_is_made_again_from_the_same_is_the_same_order(face: Path, speech: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp3"
    other.write_bytes(b"spoken again")
    first = RenderOrder(1280, 720, face=face, audio=speech, audio_from="a text")
    assert replace(first, audio=other).key("heygen") == first.key("heygen")
    assert replace(first, audio_from="another text").key("heygen") != first.key("heygen")
    assert replace(first, audio_from="").key("heygen") != replace(first, audio=other, audio_from="").key("heygen")


def test_whoever_waits_is_told_what_is_waited_for(serve: Serve, said: Said, quick: Terms, tmp_path: Path) -> None:
    told = Told()
    OrderDesk(tmp_path, quick).render(renderer_of(serve(())), said("Hello."), told)
    assert [name for name, _ in told.parts] == ["send", "render", "fetch"]


def test_the_same_order_by_many_at_once_is_sent_once(serve: Serve, said: Said, quick: Terms, tmp_path: Path) -> None:
    server = serve(())
    with ThreadPoolExecutor(8) as pool:
        videos = list(
            pool.map(lambda _: OrderDesk(tmp_path, quick).render(renderer_of(server), said("Once.")), range(8))
        )
    assert len({video.path for video in videos}) == 1
    assert len(server.jobs) == 1


def test_a_video_that_was_removed_here_is_fetched_again_and_not_ordered(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    desk = OrderDesk(tmp_path, quick)
    path = desk.render(renderer_of(server), said("Once.")).path
    path.write_bytes(b"damaged")
    temporary_name(path).write_bytes(b"of a download that was killed")
    assert desk.render(renderer_of(server), said("Once.")).path.read_bytes() == server.clip
    assert len(server.jobs) == 1
    assert list(tmp_path.glob("*.part")) == []


def test_an_order_whose_process_was_killed_after_it_was_sent_is_found_again(
    serve: Serve, said: Said, face: Path, quick: Terms, tmp_path: Path
) -> None:
    server = serve([Fate.TAKEN_HANGS_UP])
    script = f"""
        import os
        from pathlib import Path
        from pydantic import SecretStr
        from lipwright.errors import ProviderError
        from lipwright.remote.addresses import Guard
        from lipwright.render.remote.base import RenderOrder
        from lipwright.render.remote.orders import OrderDesk, Terms
        from lipwright.render.remote.served import ServedRenderer
        from lipwright.render.remote.shape import packaged_shape

        class Dying(ServedRenderer):
            def submit(self, *arguments):
                try:
                    return super().submit(*arguments)
                except ProviderError:
                    os._exit(9)

        renderer = Dying(packaged_shape("heygen"), SecretStr({KEY!r}), url={server.url!r},
                         guard=Guard(allow_private=True))
        order = RenderOrder(1280, 720, face=Path({str(face)!r}), text="Once.", voice="sara")
        OrderDesk(Path({str(tmp_path)!r}), Terms()).render(renderer, order)
    """
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, timeout=60)
    assert died.returncode == 9
    video = OrderDesk(tmp_path, quick).render(renderer_of(server), said("Once."))
    assert video.path.read_bytes() == server.clip
    assert len(server.jobs) == 1


def test_what_a_dead_process_looked_at_is_looked_at_again_at_once(tmp_path: Path) -> None:
    living, dying = Ledger(tmp_path), Ledger(tmp_path)
    living.open_order("k", "heygen", None, 0)
    taken = dying.begin_submission("k", 1, 10**6, 0)
    assert taken
    assert dying.note_sending(taken.reference, 0, 0)
    dying.note_sent(taken.reference, "v1", 0, 0)
    assert dying.take_due("heygen", 10**6, 1)
    living.release_dead(2)
    assert living.take_due("heygen", 10, 2) is None
    dying.close()
    living.release_dead(2)
    assert living.take_due("heygen", 10, 2)
    assert len(list(tmp_path.glob("*.lock"))) == 1


def test_an_order_that_was_never_sent_frees_its_place(serve: Serve, said: Said, quick: Terms, tmp_path: Path) -> None:
    server = serve(())
    desk = OrderDesk(tmp_path, replace(quick, in_flight=1))
    dead = said("Of a process that died.")
    desk.ledger.open_order(dead.key("heygen"), "heygen", None, 0)
    assert desk.ledger.begin_submission(dead.key("heygen"), 1, 1000, 0)
    assert desk.render(renderer_of(server), said("Of one that lives.")).submissions == 1


def test_whoever_waits_also_looks_after_the_orders_of_the_dead(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    desk, renderer, left = OrderDesk(tmp_path, replace(quick, in_flight=1)), renderer_of(server), said("Left behind.")
    key = left.key("heygen")
    now_ms = round(time.time() * 1000)
    desk.ledger.open_order(key, "heygen", None, now_ms)
    taken = desk.ledger.begin_submission(key, 1, 1000, now_ms)
    assert taken
    assert desk.ledger.note_sending(taken.reference, now_ms, now_ms)
    vendor_id = renderer.submit(left, {"face": "face-1"}, taken.reference)
    desk.ledger.note_sent(taken.reference, vendor_id, now_ms, now_ms)
    desk.render(renderer, said("Another."))
    assert (tmp_path / f"{key}.mp4").read_bytes() == server.clip


def test_a_vendor_that_loses_everything_is_given_up(serve: Serve, said: Said, quick: Terms, tmp_path: Path) -> None:
    server = serve([Fate.DROPPED] * 4)
    with pytest.raises(ProviderAnswerInvalid, match="has lost the order 4 times"):
        OrderDesk(tmp_path, quick).render(renderer_of(server), said("Lost."))
    assert len(server.jobs) == 4
    assert OrderDesk(tmp_path, quick).render(renderer_of(server), said("Lost.")).path.read_bytes() == server.clip


def test_what_the_vendor_cannot_make_is_told_in_its_words_and_not_sent_again(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve([Fate.REFUSED])
    with pytest.raises(ProviderUnavailable, match="no face"):
        OrderDesk(tmp_path, quick).render(renderer_of(server), said("Hello."))
    assert len(server.jobs) == 1


def test_a_wrong_key_is_told_at_once_and_the_order_can_be_sent_with_the_right_one(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    with pytest.raises(ProviderRefused, match="LIPWRIGHT_HEYGEN_KEY"):
        OrderDesk(tmp_path, quick).render(renderer_of(server, key="wrong"), said("Hello."))
    assert OrderDesk(tmp_path, quick).render(renderer_of(server), said("Hello.")).submissions == 1


def test_a_video_that_is_never_finished_keeps_nobody_for_ever(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve([Fate.STUCK])
    terms = replace(quick, stuck_s=3600.0, patience_s=0.3)
    with pytest.raises(ProviderTimeout, match="not paid for twice"):
        OrderDesk(tmp_path, terms).render(renderer_of(server), said("Hello."))
    assert len(server.jobs) == 1


def test_a_file_that_always_lies_in_a_private_network_is_refused(
    said: Said, quick: Terms, tmp_path: Path, serve: Serve
) -> None:
    server = serve(())
    renderer = ServedRenderer(packaged_shape("heygen"), SecretStr(KEY), url=server.url, guard=Guard())
    with pytest.raises(LipwrightError, match="begins with `http:`"):
        OrderDesk(tmp_path, quick).render(renderer, said("Hello."))
    assert len(server.jobs) == 1
    assert not any(request.path.startswith("/files/") for request in server.received)


def test_a_cancelled_wait_leaves_the_video_for_the_next_who_orders_it(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve([Fate.STUCK])
    begun = threading.Event()

    def stop() -> None:
        if server.jobs:
            begun.set()
            raise Cancelled("stopped")

    with cancellable(stop), pytest.raises(Cancelled):
        OrderDesk(tmp_path, quick).render(renderer_of(server), said("Hello."))
    for job in server.jobs.values():
        job.fate, job.looks = Fate.GOOD, 0
    terms = replace(quick, stuck_s=60.0)
    assert OrderDesk(tmp_path, terms).render(renderer_of(server), said("Hello.")).path.read_bytes() == server.clip
    assert len(server.jobs) == 1


def test_a_wait_that_is_cancelled_while_files_are_sent_gives_its_place_free(
    serve: Serve, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    server.script = [never]
    desk = OrderDesk(tmp_path, replace(quick, in_flight=1))

    def stop() -> None:
        if server.received:
            raise Cancelled("stopped")

    with cancellable(stop), pytest.raises(Cancelled):
        desk.render(renderer_of(server), said("Hello."))
    assert server.jobs == {}
    assert desk.render(renderer_of(server), said("Another.")).told == ()


def test_a_folder_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "orders.db")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ServiceError, match="later version"):
        OrderDesk(tmp_path)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({}, "face or an avatar"),
        ({"face": Path("a.png"), "avatar": "a"}, "not both"),
        ({"face": Path("a.png")}, "text or a recording"),
        ({"face": Path("a.png"), "text": " ", "voice": "v"}, "empty"),
        ({"face": Path("a.png"), "text": "Hi."}, "voice"),
        ({"face": Path("a.png"), "text": "Hi.", "voice": "v", "width_px": 10}, "no size"),
    ],
)
def test_an_order_that_says_too_little_or_too_much_is_refused(order: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        RenderOrder(**{"width_px": 1280, "height_px": 720, **order})  # type: ignore[arg-type]


def test_what_a_vendor_cannot_do_is_refused_before_anything_is_sent(
    serve: Serve, face: Path, said: Said, quick: Terms, tmp_path: Path
) -> None:
    server = serve(())
    desk = OrderDesk(tmp_path, quick)
    with pytest.raises(UsageError, match="does not take avatars"):
        desk.render(renderer_of(server, "d-id"), RenderOrder(512, 512, avatar="anna", text="Hi.", voice="sara"))
    with pytest.raises(UsageError, match="up to 1920x1080, not 1920x1200"):
        desk.render(renderer_of(server), RenderOrder(1920, 1200, face=face, text="Hi.", voice="sara"))
    assert server.received == []


def test_orders_are_the_same_by_what_is_in_them_not_by_their_names(face: Path, tmp_path: Path) -> None:
    copy = tmp_path / "another.png"
    copy.write_bytes(face.read_bytes())
    order = RenderOrder(1280, 720, face=face, text="Hi.", voice="sara")
    assert replace(order, face=copy, callback_url="https://a.example").key("heygen") == order.key("heygen")
    others = [
        replace(order, text="Ho."),
        replace(order, voice="tom"),
        replace(order, width_px=1920),
        replace(order, face=None, avatar="sara"),
    ]
    assert len({other.key("heygen") for other in others} | {order.key("heygen"), order.key("d-id")}) == 6
