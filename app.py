"""What the command line asks for: the shop itself, and commands beside it.

Each owns the life of every connection that it opens.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from chain.errors import ChainError
from composition import build_services, node_client, prepare
from configured_keys import open_keys
from connections import database_to_look_at, join_database, open_database, open_redis
from process import ShopProcess
from services.audit import Scope
from services.audit_report import unproved
from services.chain_time import ChainUnread
from services.fail_points import reach
from services.jobs import EVERY_ROLE, ProcessRole
from services.metrics import Metrics
from services.orphans import Orphan
from services.readiness import Readiness

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from settings import Settings

NO_POOL = (
    "there is no pool to sell from: register an account with staked TRX (energy-flash pools add"
    " ADDRESS), or name it in the configuration under [[pools]]; see docs/pools.md"
)

NO_API = "--role api: api.enabled is false, so that there is nothing to serve"

# As long as what was signed may still enter a block.
_ARRIVAL_SECONDS = 75.0

log = logging.getLogger(__name__)


async def run(
    settings: Settings,
    roles: frozenset[ProcessRole] = EVERY_ROLE,
    *,
    alive_file: Path | None = None,
) -> None:
    """Serve customers until SIGTERM or SIGINT; then finish what is under way and return.

    With fewer `roles` than all it is one of several processes, which share their servers. Every
    few seconds `alive_file` is touched.

    Raises:
        SettingsError: something without a default is not set, or a key cannot be used.
        WrongChain: the database belongs to another chain.
        EmbeddedError, DatabaseUnavailable: a server cannot be started or reached.
        PortTaken: the API cannot be served at its port.
    """
    from settings import SettingsError

    if obstacles := [*settings.missing(), *_cannot_be_apart(settings, roles)]:
        raise SettingsError(obstacles)
    keys = open_keys(settings)

    async with AsyncExitStack() as stack:
        stopping = _stop_signal()
        database = await stack.enter_async_context(open_database(settings))
        reach("schema made")
        redis = await stack.enter_async_context(open_redis(settings))
        metrics = Metrics()
        node = await stack.enter_async_context(node_client(settings, metrics.node_called))
        services = build_services(settings, database, node, keys, metrics)
        await prepare(settings, database, services)
        if not services.pools.addresses:
            raise SettingsError([NO_POOL])
        reach("prepared")
        process = ShopProcess(settings, database, redis, services, metrics)
        if alive_file is not None:
            process.show_life(alive_file)
        if ProcessRole.API in roles and settings.api.enabled:
            await process.serve_programs(stack, Readiness(database, node, redis.ping))
        if ProcessRole.BOT in roles:
            await process.open_bot(stack)
        stack.callback(reach, "jobs stopped")
        await process.begin(stack, roles)
        reach("jobs started")
        await _background(stack, database.listen(process.posts.wake))
        leading = await process.stand(stack, roles)
        log.info("at work as %s", "all" if roles == EVERY_ROLE else ", ".join(sorted(roles)))
        reach("open")
        stopped = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait({stopped, *leading}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        log.info("closing")
        reach("closing")
        process.closing = True
        for ended in done - {stopped}:
            await ended  # it only ends by itself when something is broken: say what
    log.info("closed")


def _cannot_be_apart(settings: Settings, roles: frozenset[ProcessRole]) -> list[str]:
    """Why a process cannot have these roles and no others; nothing for all of them."""
    if roles == EVERY_ROLE:
        return []
    named = ",".join(sorted(roles))
    lines = [
        f"--role {named}: {setting} is not set. Several processes share one {server}; the one that"
        " comes with the program belongs to the process that started it, and ends with it"
        for setting, url, server in (
            ("database.url", settings.database.url, "PostgreSQL"),
            ("redis.url", settings.redis.url, "Redis"),
        )
        if url is None
    ]
    if ProcessRole.API in roles and not settings.api.enabled:
        lines.append(NO_API)
    return lines


async def check(settings: Settings, *, as_json: bool) -> int:
    """Say of each thing the shop needs whether it is well; 0 if all is, else 1.

    Changes nothing. Works while the shop runs, and while it does not.
    """
    import json

    from checkup import examine

    async with node_client(settings) as node:
        findings = await examine(settings, node, partial(database_to_look_at, settings))
    if as_json:
        told = [finding.as_json() for finding in findings]
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(finding)
    return 0 if all(finding.well for finding in findings) else 1


async def audit(settings: Settings, scope: Scope, *, as_json: bool) -> int:
    """Say whether the books are true, and what differs; 0 if all of them are, else 1.

    Works while the shop runs, and while it does not.

    Raises:
        SettingsError: something without a default is not set, or a key cannot be used.
        WrongChain: the database belongs to another chain.
        EmbeddedError, DatabaseUnavailable: a server cannot be started or reached.
    """
    import json

    from settings import SettingsError

    if missing := settings.missing():
        raise SettingsError(missing)
    keys = open_keys(settings)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(join_database(settings))
        node = await stack.enter_async_context(node_client(settings))
        services = build_services(settings, database, node, keys)
        try:
            async with database.transaction() as tx:
                await services.pools.reload(tx)
            await services.scanner.recognise_chain()
            report = await services.audit.run(scope)
        except ChainError as error:
            report = unproved(f"no TRON node could answer: {error}")
        except ChainUnread:
            report = unproved("the shop has not read a block yet")
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            print(line)
    return 0 if report.true else 1


async def orphans(
    settings: Settings, chosen: Callable[[Sequence[Orphan]], Sequence[Orphan]], *, as_json: bool
) -> int:
    """List stake that no rental accounts for, and take back what is `chosen` of it; 0 if all is.

    Works while the shop runs, and while it does not.

    Raises:
        SettingsError, WrongChain, EmbeddedError, DatabaseUnavailable: as for `audit`.
    """
    import json

    from services.orphans import listed, returned
    from settings import SettingsError

    if missing := settings.missing():
        raise SettingsError(missing)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(join_database(settings))
        node = await stack.enter_async_context(node_client(settings))
        services = build_services(settings, database, node)
        try:
            async with database.transaction() as tx:
                await services.pools.reload(tx)
            await services.scanner.recognise_chain()
            found = await services.orphans.find()
            if not as_json:
                print(*listed(found), sep="\n")
            wanted = chosen(found)
            signed = await services.orphans.take_back(wanted)
            returns = await services.orphans.arrive(signed, within_seconds=_ARRIVAL_SECONDS)
        except ChainError as error:
            print(f"no TRON node could answer: {error}; what was signed is sent by the shop")
            return 1
    if as_json:
        values = {
            "orphans": [orphan.as_json() for orphan in found],
            "returned": [each.as_json() for each in returns],
        }
        print(json.dumps(values, indent=2))
    else:
        print(*returned(returns), sep="\n", end="\n" if returns else "")
    stays = any(orphan.harmless_sun < orphan.stake_sun for orphan in wanted)
    return 1 if stays or any(each.state != "included" for each in returns) else 0


async def pools(settings: Settings, wanted: Namespace) -> int:
    """Do what `energy-flash pools …` says; the exit code.

    Works while the shop runs, and while it does not.

    Raises:
        PoolRefused: it was not done, and why.
        SettingsError, KeyStoreError: a key that it needs cannot be found.
        WrongChain: the database belongs to another chain.
        EmbeddedError, DatabaseUnavailable: a server cannot be started or reached.
    """
    import cli_pools

    async with AsyncExitStack() as stack:
        # The first pool of a new shop is registered before the shop ever ran.
        joined = join_database(settings, make=wanted.action == "add")
        database = await stack.enter_async_context(joined)
        node = await stack.enter_async_context(node_client(settings))
        return await cli_pools.run(wanted, settings, database, node)


async def api_keys(settings: Settings, wanted: Namespace) -> int:
    """Do what `energy-flash api-keys …` says; the exit code.

    Works while the shop runs, and while it does not.

    Raises:
        KeyNotDone: it was not done, and why.
        EmbeddedError, DatabaseUnavailable: a server cannot be started or reached.
    """
    import cli_api_keys

    async with join_database(settings) as database:
        return await cli_api_keys.run(wanted, database)


async def _background(stack: AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    """Run `work` until the stack closes."""
    task = asyncio.create_task(work)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


def _stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; a second SIGINT then acts as usual."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        log.info("%s: stopping", number.name)
        stopping.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return stopping
