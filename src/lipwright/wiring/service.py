"""The job service: its routes, its database, its files, its workers."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from pydantic import SecretStr

from lipwright.contracts.route import Route
from lipwright.settings import Settings
from lipwright.wiring.capabilities import CLONE, SCRIPT, STT
from lipwright.wiring.engines import (
    build_lipsyncer,
    build_listener,
    choose_translator,
    choose_tts,
    dub_engines,
    stage_store,
)
from lipwright.wiring.renderers import CHEAPEST, configured, offers, order_desk

if TYPE_CHECKING:
    from lipwright.jobs.worker import Worker
    from lipwright.store.assets import AssetStore
    from lipwright.store.batches import Wording
    from lipwright.store.database import Database

DELIVER_EVERY_S = 0.05
FILL_EVERY_S = 0.5
GARBAGE_EVERY_S = 3600.0
DAY_MS = 86_400_000


def build_routes(settings: Settings) -> dict[str, Route]:
    """The kinds of jobs by their names. What they hold can be sent to another process."""
    from lipwright.pipeline.service.avatar import AvatarRoute
    from lipwright.pipeline.service.dub import DubRoute
    from lipwright.pipeline.service.speak import SpeakRoute
    from lipwright.pipeline.service.speak_remote import RemoteSpeakRoute
    from lipwright.pipeline.service.sync import SyncRoute
    from lipwright.pipeline.service.video import VideoRoute
    from lipwright.wiring.film import build_cast, video_engines

    tts = partial(choose_tts, None, settings=settings)
    stt = partial(STT.build, settings.stt, settings)
    listener = partial(build_listener, settings)
    lipsync = partial(build_lipsyncer, settings)
    store = partial(stage_store, settings)
    engine = settings.lipsync or None
    renderers = tuple(configured(settings))
    return {
        "speak": RemoteSpeakRoute(
            here=SpeakRoute(tts, stt, listener, lipsync, store, engine),
            tts=tts,
            store=store,
            offers=partial(offers, settings=settings),
            desk=partial(order_desk, settings),
            renderers=(*renderers, CHEAPEST) if renderers else (),
        ),
        "sync": SyncRoute(tts, stt, listener, lipsync, store, engine),
        "dub": DubRoute(partial(dub_engines, settings=settings), store, engine),
        "avatar": AvatarRoute(tts, partial(CLONE.build, settings.clone, settings)),
        "video": VideoRoute(
            writer=partial(SCRIPT.build, settings.script, settings),
            engines=partial(video_engines, settings),
            cast=partial(build_cast, settings=settings),
            store=store,
        ),
    }


def build_database(settings: Settings) -> "Database":
    """The database of the job service: the one that is named, or a file in the data folder.

    Raises: UsageError: the name is none of a database.
    """
    from lipwright.store.database import Database

    return Database(settings.database or f"sqlite:///{settings.data_dir.absolute() / 'lipwright.db'}")


def build_assets(settings: Settings) -> "AssetStore":
    """The files of the job service: in the storage that is named, or in the data folder.

    Raises: UsageError: the name is none of a storage. StorageFailed.
    """
    from lipwright.store.assets import AssetStore

    root = settings.storage or (settings.data_dir.absolute() / "assets").as_uri()
    return AssetStore(root, settings.cache_dir / "assets")


def signing_key(settings: Settings) -> SecretStr:
    """What signs links to files: the key that is named, or one in the data folder that only its owner may read.

    Raises: StorageFailed: it cannot be kept there.
    """
    from lipwright.store.asset_links import kept_key

    return (
        settings.signing_key if settings.signing_key.get_secret_value() else kept_key(settings.data_dir / "signing.key")
    )


@contextmanager
def build_worker(settings: Settings, queues: Sequence[str]) -> Iterator["Worker"]:
    """A worker with its chores, for one block; the database is migrated, and closed behind it.

    Raises: UsageError: there is no such queue. DatabaseFailed, StorageFailed.
    """
    from lipwright.jobs.chores import Chore
    from lipwright.jobs.dispatcher import Dispatcher
    from lipwright.jobs.worker import Worker
    from lipwright.outbox.deliver import Outbox
    from lipwright.remote.addresses import Guard
    from lipwright.store.batch_making import fill_batches
    from lipwright.store.garbage import collect, retire

    assets, routes = build_assets(settings), build_routes(settings)
    with closing(build_database(settings)) as database, closing(Dispatcher(database)) as dispatcher:
        database.migrate()
        outbox = Outbox(database, Guard(allow_private=settings.allow_private_addresses))

        def remove_garbage() -> None:
            with database.read() as connection:
                now_ms = database.now_ms(connection)
            if settings.retention_days:
                retire(database, now_ms, round(settings.retention_days * DAY_MS))
            collect(database, assets, now_ms)

        def fill() -> bool:
            words = partial(_row_words, settings)
            return fill_batches(database, lambda spec: routes[spec.kind].stages(spec), dispatcher.enqueue, words)

        worker = Worker(
            database,
            routes,
            assets,
            queues,
            settings.data_dir.absolute() / "scratch",
            idle_stop_s=settings.idle_stop_s,
            chores=[
                Chore("deliver", "callbacks", DELIVER_EVERY_S, outbox.deliver_due),
                Chore("batches", "maintenance", FILL_EVERY_S, fill),
                Chore("garbage", "maintenance", GARBAGE_EVERY_S, remove_garbage),
            ],
        )
        try:
            yield worker
        finally:
            outbox.stop()


def _row_words(settings: Settings, text: str, wording: "Wording") -> str:
    """The text of a row of a batch in its language."""
    from lipwright.contracts.progress import SilentProgress
    from lipwright.pipeline.batch.say import say_in

    with stage_store(settings) as store:
        translator = choose_translator(None, wording.source, wording.target, settings)
        return say_in(text, wording.source, wording.target, wording.kept, translator, store, SilentProgress())[0]
