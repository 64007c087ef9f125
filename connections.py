"""The database and the Redis of a shop: servers of its own, embedded, or running already."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from db.database import Database, DatabaseUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from redis.asyncio import Redis

    from settings import Settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def join_database(settings: Settings, *, make: bool = False) -> AsyncIterator[Database]:
    """The shop's database, also while the shop runs; where there was none, only if told to."""
    if settings.database.url is not None:
        async with open_database(settings) as database:
            yield database
        return
    from embedded import FolderUnusable

    folder = settings.data_dir / "postgres"
    if not make and not (folder / "data").exists():
        raise FolderUnusable(
            f"There is no database in {folder}: the shop has not run with this --data-dir."
        )
    async with _join_embedded(folder) as dsn, Database(dsn, connections=2) as database:
        yield database


@asynccontextmanager
async def database_to_look_at(settings: Settings) -> AsyncIterator[str | None]:
    """The DSN of the shop's database; None if it would be made at the start."""
    from embedded import EmbeddedError

    folder = settings.data_dir / "postgres"
    if settings.database.url is not None:
        yield settings.database.url.get_secret_value()
    elif not (folder / "data").exists():
        yield None
    else:
        try:
            async with _join_embedded(folder) as dsn:
                yield dsn
        except EmbeddedError as error:
            raise DatabaseUnavailable(str(error)) from error


@asynccontextmanager
async def _join_embedded(folder: Path) -> AsyncIterator[str]:
    """The DSN of the embedded database: of the one that runs, or of one that is started."""
    from embedded import EmbeddedPostgres, FolderInUse, dsn_of_running

    async with AsyncExitStack() as stack:
        try:
            postgres = await stack.enter_async_context(EmbeddedPostgres(folder))
        except FolderInUse:
            dsn = dsn_of_running(folder)
            if dsn is None:
                raise
        else:
            dsn = postgres.dsn
        yield dsn


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    async with AsyncExitStack() as stack:
        if settings.database.url is not None:
            dsn = settings.database.url.get_secret_value()
        else:
            from embedded import EmbeddedPostgres

            dsn = (
                await stack.enter_async_context(EmbeddedPostgres(settings.data_dir / "postgres"))
            ).dsn
        yield await stack.enter_async_context(
            Database(dsn, connections=settings.database.connections)
        )


@asynccontextmanager
async def open_redis(settings: Settings) -> AsyncIterator[Redis]:
    from redis.asyncio import Redis

    async with AsyncExitStack() as stack:
        if settings.redis.url is not None:
            url = settings.redis.url.get_secret_value()
        else:
            from embedded import EmbeddedValkey

            url = (
                await stack.enter_async_context(EmbeddedValkey(settings.data_dir / "valkey"))
            ).url
        redis = Redis.from_url(url)
        stack.push_async_callback(redis.aclose)
        yield redis
