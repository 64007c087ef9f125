"""What the command line asks for: the shop itself, and commands beside it.

Each owns the life of every connection that it opens.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from chain.errors import ChainError
from composition import THIS_MACHINE, build_services, node_client, prepare
from configured_keys import open_keys
from connections import database_to_look_at, join_database, open_database, open_redis
from services.audit import Scope
from services.audit_report import unproved
from services.chain_time import ChainUnread
from services.fail_points import reach
from services.jobs import EVERY_ROLE, Job, Post, Posts, ProcessRole
from services.leadership import Leadership, Seat, Term, bot_seat, host_seat, scanner_seat
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
    from pathlib import Path

    from redis.asyncio import Redis

    from api.application import ApiServices, ApiTerms
    from bot.broadcasting import BroadcastSender
    from bot.office.office import OfficeServices
    from bot.program import Bot, TelegramProgram
    from composition import Services
    from db.database import Database
    from settings import Settings

NO_POOL = (
    "there is no pool to sell from: register an account with staked TRX (energy-flash pools add"
    " ADDRESS), or name it in the configuration under [[pools]]; see docs/pools.md"
)

NO_API = "--role api: api.enabled is false, so that there is nothing to serve"

# SIGTERM has to be answered within ten seconds: a share for each part that may be busy.
_DRAIN_SECONDS = 4.0
# Who must not fetch updates any more still answers those at hand.
_LAST_ANSWERS_SECONDS = 1.0
_CONFLICT_LATELY_SECONDS = 10.0
# Events that are cut off are sent again, with the same id.
_EVENTS_SECONDS = 1.0
_HOST_LOOK_SECONDS = 5.0
_LIFE_SECONDS = 5.0
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
        process = _Process(settings, database, redis, services, metrics)
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


class _Process:
    """One process of the shop at work: its jobs, and what it leads."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        redis: Redis,
        services: Services,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._database = database
        self._redis = redis
        self._services = services
        self._metrics = metrics
        self._bot: Bot | None = None
        self._broadcasting: BroadcastSender | None = None
        server_watch = ServerWatch(database, redis.ping, subject=THIS_MACHINE)
        self._table = [
            *services.jobs(settings.tron.poll_seconds),
            Job("watch the servers", server_watch.watch_due, 5, post=Post.HOST),
        ]
        self.posts = Posts(self._table, self._metrics.job_ran)
        self.closing = False

    def show_life(self, file: Path) -> None:
        """Touch `file` every few seconds: its age says whether the process does anything."""

        async def touch() -> int:
            file.touch()  # noqa: ASYNC240 - of a few bytes, and seldom
            return 1

        self._table.append(Job("show life", touch, _LIFE_SECONDS))
        self.posts = Posts(self._table, self._metrics.job_ran)

    async def serve_programs(self, stack: AsyncExitStack, readiness: Readiness) -> None:
        """Answer programs over HTTP, and send them events; any number of processes may."""
        settings, services = self._settings, self._services
        self._table.append(_event_job(stack, settings, services))
        self.posts = Posts(self._table, self._metrics.job_ran)
        served = _serving_api(settings, services, self._redis, readiness)
        await stack.enter_async_context(served)

    async def open_bot(self, stack: AsyncExitStack) -> None:
        """Open the connection to Telegram, for its jobs and for customers."""
        from bot.broadcasting import BroadcastSender
        from bot.outbox import OutboxSender
        from bot.program import open_bot
        from bot.session import session_of

        settings, services = self._settings, self._services
        token = settings.telegram.token
        assert token is not None, "settings.missing tells of a missing token"
        self._bot = bot = await stack.enter_async_context(
            open_bot(
                token.get_secret_value(),
                settings.telegram.api_url,
                self._metrics.telegram_called,
            )
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
        telegram_watch = TelegramWatch(self._database, session_of(bot).polling.conflict_age)
        self._broadcasting = BroadcastSender(
            bot, broadcasts=services.broadcasts, explorer_url=settings.tron.explorer_url
        )
        self._table += [
            Job("watch Telegram", telegram_watch.watch_due, 15, post=Post.BOT),
            Job(
                "send notices",
                sender.send_due,
                1,
                frozenset({OUTBOX_TOPIC}),
                # News for everybody take their time at Telegram's pace.
                deadline_seconds=3600,
                post=Post.BOT,
            ),
            Job(
                "send notices to groups",
                sender.send_due_to_groups,
                1,
                frozenset({OUTBOX_TOPIC}),
                deadline_seconds=3600,
                post=Post.BOT,
            ),
            Job(
                "send broadcasts",
                self._broadcasting.send_due,
                1,
                frozenset({BROADCAST_TOPIC}),
                deadline_seconds=3600,
                post=Post.BOT,
            ),
        ]
        self.posts = Posts(self._table, self._metrics.job_ran)

    async def begin(self, stack: AsyncExitStack, roles: frozenset[ProcessRole]) -> None:
        """Begin with what any number of processes do at once."""
        shared = {ProcessRole.WORKER: Post.WORKER, ProcessRole.API: Post.API}
        for post in (Post.PROCESS, *(post for role, post in shared.items() if role in roles)):
            jobs = self.posts.take(post)
            stack.push_async_callback(self.posts.leave, jobs, _DRAIN_SECONDS)

    async def stand(
        self, stack: AsyncExitStack, roles: frozenset[ProcessRole]
    ) -> list[asyncio.Task[None]]:
        """Stand for what only one process does at a time; the tasks end only if that fails."""
        standing = [
            Leadership(
                self._database,
                _always(host_seat(THIS_MACHINE)),
                partial(self._at, Post.HOST),
                what="this machine's watch",
                holds_on=lambda: True,
                look_seconds=_HOST_LOOK_SECONDS,
            )
        ]
        if ProcessRole.SCANNER in roles:
            standing.append(
                Leadership(
                    self._database,
                    self._scanner_seat,
                    partial(self._at, Post.SCANNER),
                    what="scanner",
                    counted=True,
                )
            )
        if self._bot is not None:
            standing.append(
                Leadership(
                    self._database,
                    _always(bot_seat(self._bot.id)),
                    self._serve,
                    what="bot",
                    holds_on=self._alone_with_telegram,
                )
            )
        tasks = [asyncio.create_task(each.stand()) for each in standing]

        async def end() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        stack.push_async_callback(end)
        return tasks

    async def _scanner_seat(self) -> Seat:
        return scanner_seat(await self._services.scanner.genesis())

    @property
    def _drain_seconds(self) -> float:
        """Who closes lets its work end; who has lost its seat must not."""
        return _DRAIN_SECONDS if self.closing else 0.0

    async def _at(self, post: Post, term: Term | None) -> None:
        """Do a post's jobs until cancelled."""
        jobs = self.posts.take(post, term)
        try:
            await asyncio.Event().wait()
        finally:
            await self.posts.leave(jobs, self._drain_seconds)

    async def _serve(self, _: Term | None) -> None:
        """Answer customers and send them news, until cancelled."""
        assert self._bot is not None
        assert self._broadcasting is not None
        program = self._telegram_program(self._bot)
        jobs = self.posts.take(Post.BOT)
        polling: asyncio.Task[None] | None = None
        try:
            await program.take_over()
            await program.prepare()
            polling = asyncio.create_task(program.answer(), name="answering people")
            log.info("open for customers")
            await asyncio.wait({polling})
            await polling
        finally:
            if self.closing:
                self._broadcasting.stop()
            await asyncio.gather(
                program.stop(max(self._drain_seconds, _LAST_ANSWERS_SECONDS)),
                self.posts.leave(jobs, self._drain_seconds),
            )
            # What was to be sent in this very moment is sent by the next, and not after its lease.
            self._database.leave_presence()
            if polling is not None:
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)

    def _telegram_program(self, bot: Bot) -> TelegramProgram:
        from bot.program import TelegramProgram

        services = self._services
        return TelegramProgram(
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
            redis=self._redis,
            settings=self._settings,
        )

    def _alone_with_telegram(self) -> bool:
        """Whether no other has asked for the bot's updates lately: who is cut off from the database
        cannot ask there, and customers are to hear at least that something is amiss."""
        from bot.session import session_of

        assert self._bot is not None
        age = session_of(self._bot).polling.conflict_age()
        return age is None or age > _CONFLICT_LATELY_SECONDS


def _always(seat: Seat) -> Callable[[], Awaitable[Seat]]:
    async def always() -> Seat:
        return seat

    return always


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
        api_keys=services.api_keys,
        key_acts=services.key_acts,
        broadcasts=services.broadcasts,
        maintenance=services.maintenance,
        risk=services.risk,
        live_settings=services.live_settings,
        alerts=services.alerts,
        figures=services.figures,
        reports=services.reports,
        exports=services.exports,
    )


def _event_job(stack: AsyncExitStack, settings: Settings, services: Services) -> Job:
    """What sends events of orders to customers' programs, until the stack closes."""
    from api.webhook_sender import WebhookSender

    sender = WebhookSender(services.webhooks, private=settings.api.webhook_private)
    stack.push_async_callback(sender.stop, _EVENTS_SECONDS)
    return Job("send events", sender.send_due, 1, frozenset({WEBHOOK_TOPIC}), post=Post.API)


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
        public_url=settings.api.public_url,
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
