"""One process of the shop at work: its jobs, what it serves, and what it leads.

Which of these it does is its roles' affair; whoever starts it owns its connections.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from composition import THIS_MACHINE
from services.jobs import Job, Post, Posts, ProcessRole
from services.leadership import Leadership, Seat, Term, bot_seat, host_seat, scanner_seat
from services.notices import BROADCAST_TOPIC, OUTBOX_TOPIC, WEBHOOK_TOPIC
from services.watches import ServerWatch, TelegramWatch

if TYPE_CHECKING:
    from pathlib import Path

    from redis.asyncio import Redis

    from api.application import ApiServices, ApiTerms
    from bot.broadcasting import BroadcastSender
    from bot.office.office import OfficeServices
    from bot.program import Bot, TelegramProgram
    from composition import Services
    from db.database import Database
    from services.metrics import Metrics
    from services.readiness import Readiness
    from settings import Settings

# SIGTERM has to be answered within ten seconds: a share for each part that may be busy.
_DRAIN_SECONDS = 4.0
# Who must not fetch updates any more still answers those at hand.
_LAST_ANSWERS_SECONDS = 1.0
_CONFLICT_LATELY_SECONDS = 10.0
# Events that are cut off are sent again, with the same id.
_EVENTS_SECONDS = 1.0
_HOST_LOOK_SECONDS = 5.0
_LIFE_SECONDS = 5.0

log = logging.getLogger(__name__)


class ShopProcess:
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
        self._table.append(event_job(stack, settings, services))
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


def event_job(stack: AsyncExitStack, settings: Settings, services: Services) -> Job:
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
