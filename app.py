"""What the command line asks for: the shop itself, and commands beside it.

Each owns the life of every connection that it opens.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from chain.errors import ChainError
from composition import build_services, node_client, prepare
from configured_keys import open_keys
from connections import database_to_look_at, join_database, open_database, open_redis
from services.audit import Scope
from services.audit_report import unproved
from services.chain_time import ChainUnread
from services.fail_points import reach
from services.jobs import Job, Jobs
from services.metrics import Metrics
from services.notices import (
    BROADCAST_TOPIC,
    OUTBOX_TOPIC,
    WEBHOOK_TOPIC,
)
from services.orphans import Orphan
from services.readiness import Readiness
from services.watches import ServerWatch, TelegramWatch

if TYPE_CHECKING:
    from argparse import Namespace

    from redis.asyncio import Redis

    from api.application import ApiServices, ApiTerms
    from bot.office.office import OfficeServices
    from composition import Services
    from settings import Settings

NO_POOL = (
    "there is no pool to sell from: register an account with staked TRX (energy-flash pools add"
    " ADDRESS), or name it in the configuration under [[pools]]; see docs/pools.md"
)

# SIGTERM has to be answered within ten seconds: a share for each part that may be busy.
_DRAIN_SECONDS = 4.0
# What is cut off is sent again, with the same id.
_EVENTS_SECONDS = 1.0
# As long as what was signed may still enter a block.
_ARRIVAL_SECONDS = 75.0

log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Serve customers until SIGTERM or SIGINT; then finish what is under way and return.

    Raises:
        SettingsError: something without a default is not set, or a key cannot be used.
        WrongChain: the database belongs to another chain.
        EmbeddedError, DatabaseUnavailable: a server cannot be started or reached.
        PortTaken: the API cannot be served at its port.
    """
    from bot.broadcasting import BroadcastSender
    from bot.outbox import OutboxSender
    from bot.program import TelegramProgram, open_bot
    from bot.session import session_of
    from settings import SettingsError

    if missing := settings.missing():
        raise SettingsError(missing)
    token = settings.telegram.token
    assert token is not None, "settings.missing tells of a missing token"
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
        bot = await stack.enter_async_context(
            open_bot(token.get_secret_value(), settings.telegram.api_url, metrics.telegram_called)
        )
        program = TelegramProgram(
            bot,
            customers=services.customers,
            quotes=services.quotes,
            orders=services.orders,
            extensions=services.extensions,
            early_ends=services.early_ends,
            balances=services.balances,
            refunds=services.refunds,
            inventory=services.inventory,
            office=office_services(services),
            redis=redis,
            settings=settings,
        )
        sender = OutboxSender(
            bot,
            outbox=services.outbox,
            orders=services.orders,
            customers=services.customers,
            reports=services.reports,
            alerts=services.alerts,
            staff=services.staff,
            explorer_url=settings.tron.explorer_url,
            ends_early=lambda: services.early_ends.offered,
        )
        telegram_watch = TelegramWatch(database, session_of(bot).polling.conflict_age)
        broadcasting = BroadcastSender(
            bot, broadcasts=services.broadcasts, explorer_url=settings.tron.explorer_url
        )
        jobs = Jobs(
            (
                *services.jobs(settings.tron.poll_seconds),
                Job("watch the servers", ServerWatch(database, redis.ping).watch_due, 5),
                Job("watch Telegram", telegram_watch.watch_due, 15),
                Job(
                    "send notices",
                    sender.send_due,
                    1,
                    frozenset({OUTBOX_TOPIC}),
                    # News for everybody take their time at Telegram's pace.
                    deadline_seconds=3600,
                ),
                Job(
                    "send notices to groups",
                    sender.send_due_to_groups,
                    1,
                    frozenset({OUTBOX_TOPIC}),
                    deadline_seconds=3600,
                ),
                Job(
                    "send broadcasts",
                    broadcasting.send_due,
                    1,
                    frozenset({BROADCAST_TOPIC}),
                    deadline_seconds=3600,
                ),
                *(_event_jobs(stack, settings, services) if settings.api.enabled else ()),
            ),
            metrics.job_ran,
        )
        if settings.api.enabled:
            readiness = Readiness(database, node, redis.ping)
            await stack.enter_async_context(_serving_api(settings, services, redis, readiness))
        jobs.start()
        reach("jobs started")
        stack.callback(reach, "jobs stopped")
        stack.push_async_callback(jobs.stop, _DRAIN_SECONDS)
        stack.callback(broadcasting.stop)
        await _background(stack, database.listen(jobs.wake))
        await program.prepare()
        polling = asyncio.create_task(program.answer(), name="answering people")
        stack.push_async_callback(program.stop, _DRAIN_SECONDS)
        log.info("open for customers")
        reach("open")
        stopped = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait({polling, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        log.info("closing")
        reach("closing")
        if polling in done:
            await polling  # it only ends by itself when something is broken: say what
    log.info("closed")


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


async def _background(stack: AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    """Run `work` until the stack closes."""
    task = asyncio.create_task(work)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


def office_services(services: Services) -> OfficeServices:
    """What the people who run the shop work with."""
    from bot.office.office import OfficeServices

    return OfficeServices(
        staff=services.staff,
        acts=services.acts,
        trail=services.trail,
        held_payments=services.held_payments,
        refunds=services.refunds,
        outbox=services.outbox,
        order_acts=services.order_acts,
        order_search=services.order_search,
        held_acts=services.held_acts,
        pool_keeping=services.pool_keeping,
        pool_adding=services.pool_adding,
        price_keeping=services.price_keeping,
        people=services.people,
        broadcasts=services.broadcasts,
        maintenance=services.maintenance,
        risk=services.risk,
        live_settings=services.live_settings,
        alerts=services.alerts,
        figures=services.figures,
        reports=services.reports,
        exports=services.exports,
    )


def _event_jobs(stack: AsyncExitStack, settings: Settings, services: Services) -> tuple[Job, ...]:
    """What sends events of orders to customers' programs, until the stack closes."""
    from api.webhook_sender import WebhookSender

    sender = WebhookSender(services.webhooks, private=settings.api.webhook_private)
    stack.push_async_callback(sender.stop, _EVENTS_SECONDS)
    return (Job("send events", sender.send_due, 1, frozenset({WEBHOOK_TOPIC})),)


def _serving_api(
    settings: Settings, services: Services, redis: Redis, readiness: Readiness
) -> AbstractAsyncContextManager[int]:
    from api.application import application
    from api.server import serving

    return serving(
        application(api_services(services, readiness), api_terms(settings), redis),
        settings.api.host,
        settings.api.port,
        proxies=settings.api.proxies,
    )


def api_services(services: Services, readiness: Readiness) -> ApiServices:
    """What programs are served by."""
    from api.application import ApiServices

    return ApiServices(
        keys=services.api_keys,
        requests=services.api_requests,
        quotes=services.quotes,
        orders=services.orders,
        extensions=services.extensions,
        early_ends=services.early_ends,
        balances=services.balances,
        inventory=services.inventory,
        readiness=readiness,
        exposition=services.exposition,
        order_details=services.order_details,
        public_figures=services.public_figures,
        webhooks=services.webhooks,
    )


def api_terms(settings: Settings) -> ApiTerms:
    """The operator's bounds for requests."""
    from api.application import ApiTerms
    from api.limits import RateTerms

    return ApiTerms(
        body_bytes=settings.api.body_bytes,
        seconds=settings.api.seconds,
        rates=RateTerms(settings.api.key_minute, settings.api.address_minute),
        webhook_private=settings.api.webhook_private,
    )


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
