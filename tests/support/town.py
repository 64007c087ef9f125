"""A town around a shop: a chain, a Telegram, and customers who do everything that they can do.

The shop's processes run outside (`tests.support.workers`); blocks come when the town makes them,
as fast as the processes read them.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter as Tally
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.callbacks import OrderTap
from bot.cards import STAGE_SIGNS
from chain.contracts import DelegateResource, Resource, Transfer
from chain.transactions import encode, encode_signed
from composition import Services, build_services, node_client, prepare
from db.database import Database, again_after_conflict
from sandbox.telegram import Bot, LocalTelegram, MessageChange, User, bot_api_app
from sandbox.tron.chain import LocalChain
from sandbox.tron.faults import NodeFault, NodeFaults
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.http_routes import node_app, solidity_app
from sandbox.tron.refusals import InvalidContract
from sandbox.tron.token import Token
from services.acts import Act
from services.held import Choice
from services.order_views import Stage
from services.staff import Actor, Role
from settings import load
from tests.support.deeds import do
from tests.support.invariants import (
    IN_MOTION,
    LAST_WORDS,
    NOT_OVER,
    Ground,
    Story,
    read_records,
    rows_of,
    wrong_at_rest,
    wrong_now,
    wrong_when_over,
)
from tests.support.shop import ADMIN, START, TRX, USDT, address, delegate_only, key, key_hex, serve

# So many that the news of all their orders can be told at Telegram's pace.
CUSTOMERS = dict(
    enumerate(("ann", "ben", "cid", "dan", "eva", "fay", "gus", "hal", "ida"), start=7_100_001)
)
POOLS = ("pool", "second")
TOKEN = "4242:local-secret"
_MINUTES_TO_PAY = 5
# A transfer of this much and more waits for a solid block.
_SOLID_FROM_SUN = 5 * TRX
# Transactions that began within this time of each other happened in no order.
_AT_THE_SAME_TIME = timedelta(seconds=2)
_PRICE_OF_ONE_SUN = 3 * TRX
_LOOK_SECONDS = 0.02
_MOST_BLOCKS_TO_REST = 400
_TURN_SECONDS = 3.0
_TELLING_SECONDS = 60.0
_NUDGE_SECONDS = 0.5
_ROUNDS_TO_REST = 40

Deed = dict[str, Any]
Doer = Callable[[Deed], Awaitable[dict[str, Any] | None]]


class Gone(Exception):
    """No process of the shop lives any more."""


def _new_chain() -> LocalChain:
    pools = tuple(
        GenesisAccount(
            address(name),
            balance=100_000 * TRX,
            energy_stake=3_000_000 * TRX,
            active_permissions=(delegate_only(address("hot")),),
        )
        for name in POOLS
    )
    people = tuple(
        GenesisAccount(
            address(name),
            balance=1_000_000 * TRX,
            bandwidth_stake=100_000 * TRX,
            tokens={USDT: 500 * TRX},
        )
        for name in (*CUSTOMERS.values(), "stranger", "payments", "wallet", "owner")
    )
    holder = GenesisAccount(address("holder"), balance=TRX, tokens={USDT: 5 * TRX})
    return LocalChain(
        Genesis(
            start_ms=int(START.timestamp() * 1000),
            accounts=(*pools, *people, holder),
            tokens=(Token(USDT, address("holder"), 10**15),),
        )
    )


@dataclass
class Town:
    """Everything around the shop's processes, and a hand of the shop that is never killed."""

    chain: LocalChain
    faults: NodeFaults
    telegram: LocalTelegram
    database: Database
    services: Services
    environment: dict[str, str]
    ground: Ground
    story: Story
    random: Random
    is_open: Callable[[], bool] = lambda: True
    figures: Tally[str] = field(default_factory=Tally)

    # ── time ─────────────────────────────────────────────────────────────────────────────────

    async def blocks(self, count: int = 1) -> None:
        """Make blocks, and wait a while for the shop to read them.

        Raises Gone if none of its processes lives any more.
        """
        self.chain.produce_blocks(count)
        deadline = asyncio.get_running_loop().time() + _TURN_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if not self.is_open():
                raise Gone
            if await self.read_up_to() >= self.chain.head.number:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def read_up_to(self) -> int:
        rows = await rows_of(self.database, "SELECT block_number FROM chain_cursor")
        return int(rows[0]["block_number"]) if rows else 0

    async def jump(self, seconds: float) -> None:
        self.chain.advance_time(seconds)
        await self.blocks()

    @again_after_conflict
    async def nudge(self) -> None:
        """The machine's clock passes: what waits for it is due, and every job looks."""
        async with self.database.transaction() as tx:
            await tx.connection.execute(
                "UPDATE chain_transactions SET next_attempt_at = now() "
                "WHERE state IN ('signed', 'sent')"
            )
            await tx.wake("")

    # ── what customers do ────────────────────────────────────────────────────────────────────

    async def hand(self, deed: Deed) -> dict[str, Any] | None:
        return await do(self.services, deed)

    def anybody(self) -> tuple[int, str]:
        return self.random.choice(list(CUSTOMERS.items()))

    async def richest(self) -> tuple[int, int]:
        """Who has the largest balance, and how much it is."""
        balances = {user: (await self.services.balances.look(user)).sun for user in CUSTOMERS}
        user = max(balances, key=balances.__getitem__)
        return user, balances[user]

    async def order(
        self, doer: Doer | None = None, transfers: int = 1, user: int | None = None
    ) -> dict[str, Any] | None:
        user = user or self.anybody()[0]
        wallet = CUSTOMERS[user]
        deed = {"do": "order", "user": user, "wallet": wallet, "transfers": transfers}
        answer = await (doer or self.hand)(deed)
        if answer is None or "refused" in answer:
            return None
        self.figures["orders"] += 1
        return {**answer, "user": user, "wallet": wallet}

    def send(self, sender: str, sun: int, receiver: str = "payments") -> str | None:
        """A transfer; None if its sender has no more."""
        contract = Transfer(address(sender), address(receiver), sun)
        try:
            raw = encode(self.chain.build(contract))
        except InvalidContract:
            return None
        answer = self.chain.broadcast(encode_signed(raw, [key(sender).sign(raw)]))
        assert answer.accepted, answer.message
        self.figures["transfers"] += 1
        return answer.txid

    async def rent(self) -> None:
        order = await self.order()
        if order is not None:
            self.send(order["wallet"], order["sun"])
            await self.blocks(3)

    async def rent_much(self) -> None:
        """So much that its payment has to be solid first."""
        order = await self.order(transfers=2)
        if order is not None:
            self.send(order["wallet"], order["sun"])
            await self.blocks(22)

    async def pay_in_parts(self) -> None:
        order = await self.order()
        if order is None:
            return
        part = order["sun"] // 3
        self.send(order["wallet"], part)
        await self.blocks(2)
        if self.random.random() < 0.5:
            self.send(order["wallet"], order["sun"] - part)
            await self.blocks(2)

    async def pay_too_much(self, user: int | None = None) -> None:
        order = await self.order(user=user)
        if order is not None:
            self.send(order["wallet"], order["sun"] + self.random.randrange(TRX, 6 * TRX))
            await self.blocks(3)

    async def pay_twice(self) -> None:
        order = await self.order()
        if order is not None:
            self.send(order["wallet"], order["sun"])
            await self.blocks()
            self.send(order["wallet"], order["sun"])
            await self.blocks(2)

    async def pay_late(self) -> None:
        order = await self.order()
        if order is not None:
            await self.jump(60 * _MINUTES_TO_PAY + 120)
            self.send(order["wallet"], order["sun"])
            await self.blocks(2)

    async def cancel(self, doer: Doer | None = None) -> None:
        order = await self.order()
        if order is not None:
            await (doer or self.hand)(
                {"do": "cancel", "user": order["user"], "order": order["order"]}
            )

    async def underpay_and_cancel(self) -> None:
        order = await self.order()
        if order is not None:
            self.send(order["wallet"], order["sun"] // 2)
            await self.blocks(3)
            await self.hand({"do": "cancel", "user": order["user"], "order": order["order"]})

    async def let_expire(self) -> None:
        if await self.order() is not None:
            await self.jump(60 * _MINUTES_TO_PAY + 30)
            await self.blocks()

    async def flash(self) -> None:
        self.send(self.random.choice(["stranger", "ann"]), self.random.randrange(TRX, 9 * TRX))
        await self.blocks(3)

    async def choose(self, doer: Doer | None = None, choice: Choice | None = None) -> None:
        """Somebody decides about money that waits for it."""
        rows = await rows_of(
            self.database, "SELECT id, user_id FROM payments WHERE choose_until IS NOT NULL"
        )
        if not rows:
            await self.underpay_and_cancel()
            return
        row = self.random.choice(rows)
        view = await self.services.held_payments.view(row["id"])
        assert view is not None
        possible = [each for each in view.possible if choice in (None, each)]
        if possible:
            deed = {"do": "choose", "user": row["user_id"], "payment": row["id"]}
            await (doer or self.hand)({**deed, "choice": self.random.choice(possible)})
            self.figures["choices"] += 1
        else:
            await self.underpay_and_cancel()

    async def nobody_chooses(self) -> None:
        await self.underpay_and_cancel()
        await self.jump(3_700)
        await self.nudge()
        await self.blocks()

    async def prepay(self, doer: Doer | None = None) -> None:
        user, sun = await self.richest()
        if sun < _PRICE_OF_ONE_SUN:
            # As long as other orders of theirs are open, too much money could be for any of them.
            await self.jump(60 * _MINUTES_TO_PAY + 120)
            await self.blocks()
            await self.pay_too_much(user)
            await self.blocks(22)
            return
        order = await self.order(user=user)
        if order is None:
            return
        answer = await (doer or self.hand)(
            {"do": "prepay", "user": order["user"], "order": order["order"]}
        )
        if answer is None or "refused" not in answer:
            self.figures["paid from balances"] += 1
        await self.blocks(2)

    async def pay_out(self, doer: Doer | None = None) -> None:
        user, sun = await self.richest()
        if sun < TRX:
            await self.pay_too_much(user)
            await self.blocks(22)
            return
        await (doer or self.hand)({"do": "pay out", "user": user, "sun": sun // 2})
        await self.blocks(2)

    async def make_up(self, doer: Doer | None = None) -> None:
        """The shop makes up to somebody for something."""
        user, _ = self.anybody()
        proposal = await self.services.acts.propose(
            Actor(ADMIN, Role.OWNER),
            Act.ADJUST,
            subject=f"user {user}",
            arguments={"user": user, "sun": self.random.randrange(1, TRX)},
            reason="for the trouble",
        )
        await (doer or self.hand)({"do": "act", "user": ADMIN, "nonce": proposal.nonce})

    async def prove(self, doer: Doer | None = None) -> None:
        user, wallet = self.anybody()
        await (doer or self.hand)({"do": "prove", "user": user, "wallet": wallet})

    async def orphan(self, doer: Doer | None = None) -> None:
        """The owner of a pool lends stake by hand, and it is taken back by the command."""
        lent = self.chain.view.delegation(address("pool"), address("holder"), locked=False)
        if lent is None:
            lending = DelegateResource(
                address("pool"), address("holder"), 50 * TRX, Resource.ENERGY
            )
            raw = encode(self.chain.build(lending))
            self.chain.broadcast(encode_signed(raw, [key("pool").sign(raw)]))
            await self.blocks(2)
        await (doer or self.hand)({"do": "take back orphans", "user": ADMIN})
        await self.blocks(2)

    async def owner_takes(self) -> None:
        self.send("payments", self.random.randrange(TRX, 5 * TRX), "owner")
        await self.blocks(22)

    async def rentals_end(self) -> None:
        await self.rent()
        await self.blocks(2)
        await self.jump(3_700)
        await self.blocks(3)

    async def refund_arrives(self) -> None:
        await self.pay_out()
        await self.blocks(22)

    async def running(self) -> tuple[int, str]:
        """Somebody whose rental runs, and its order."""
        while True:
            rows = await rows_of(
                self.database,
                "SELECT id, user_id FROM energy_flash_orders WHERE status = 'completed' "
                "AND ended_at IS NULL AND ended_early_at IS NULL AND extends_id IS NULL "
                "AND user_id IS NOT NULL "
                "AND expires_at > (SELECT block_time + interval '1 minute' FROM chain_cursor)",
            )
            if rows:
                row = self.random.choice(rows)
                return row["user_id"], str(row["id"])
            await self.rent()
            await self.nudge()
            await self.blocks()

    async def extend(self, doer: Doer | None = None) -> None:
        """A running rental is extended: paid in time, in parts, much too late, or not at all."""
        user, order = await self.running()
        answer = await (doer or self.hand)({"do": "extend", "user": user, "order": order})
        if answer is None or "refused" in answer:
            return
        self.figures["extensions"] += 1
        how = self.random.random()
        if how < 0.1:
            return
        if how < 0.2:
            await self.jump(3_700)
        if how < 0.3:
            self.send(CUSTOMERS[user], answer["sun"] // 2)
            await self.blocks(2)
            answer["sun"] -= answer["sun"] // 2
        self.send(CUSTOMERS[user], answer["sun"])
        await self.blocks(3)

    async def end_early(self, doer: Doer | None = None) -> None:
        user, order = await self.running()
        await (doer or self.hand)({"do": "end early", "user": user, "order": order})
        self.figures["ended early"] += 1
        await self.blocks(3)

    async def nears_its_end(self) -> None:
        """Rentals come to their last minutes, in which their customers hear of it."""
        await self.rent()
        await self.blocks(2)
        await self.jump(3_200)
        await self.blocks(2)

    async def shallow_fork(self) -> None:
        order = await self.order()
        if order is not None:
            self.send(order["wallet"], order["sun"])
        await self.blocks(2)
        self.chain.fork(self.random.randint(1, 2), self.random.choice(["wait", "vanish"]))
        await self.blocks(2)

    async def deep_fork(self) -> None:
        """Confirmed payments leave the chain, and some never come back."""
        order = await self.order()
        if order is not None:
            self.send(order["wallet"], order["sun"])
            await self.blocks(3)
            self.chain.fork(5, "vanish")
            await self.blocks(2)
            await self.jump(100)
            await self.blocks(22)

    async def lost_broadcasts(self) -> None:
        """Nodes take what they are sent, and lose it: it has to be replaced when it is dead."""
        order = await self.order()
        if order is None:
            return
        self.send(order["wallet"], order["sun"])
        self.faults.plan(NodeFault.LOSE_REQUEST, methods=["broadcasthex"], count=5)
        await self.blocks(3)
        await asyncio.sleep(0.2)
        await self.jump(100)
        self.faults.clear()
        await self.blocks(22)

    async def something(self) -> None:
        """Anything that happens in a town."""
        await self.random.choice(
            [
                *(self.rent, self.rent, self.rent_much, self.pay_in_parts, self.pay_too_much),
                *(self.pay_twice, self.pay_late, self.cancel, self.underpay_and_cancel),
                *(self.let_expire, self.flash, self.flash, self.choose, self.choose, self.prepay),
                *(self.pay_out, self.prove, self.owner_takes, self.rentals_end),
                *(self.shallow_fork, self.lost_broadcasts),
                *(self.extend, self.extend, self.end_early, self.nears_its_end),
            ]
        )()

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    async def wrong_now(self) -> list[str]:
        self.story.read()
        return wrong_now(await read_records(self.database), self.story, self.ground)

    async def count(self) -> None:
        """Add to the figures what the records hold."""
        records = await read_records(self.database)
        self.figures["payments"] = len(records.payments)
        self.figures["delegations"] = len(records.delegations)
        self.figures["refunds done"] = sum(row["status"] == "done" for row in records.refunds)
        self.figures["notices"] = len(records.notices)

    async def rest(self) -> list[str]:
        """Let blocks come until nothing is in motion; what is wrong then."""
        if moving := await self._come_to_rest():
            return moving
        self.story.read()
        records = await read_records(self.database)
        return [*wrong_at_rest(records, self.story, self.ground), *await self.untold()]

    async def over(self) -> list[str]:
        """Let every order and every rental come to its end; what is wrong then."""
        going_on: list[dict[str, Any]] = []
        for _ in range(_ROUNDS_TO_REST):
            if moving := await self._come_to_rest():
                return moving
            going_on = await rows_of(self.database, NOT_OVER)
            if not going_on:
                break
            await self.jump(4_000)
        else:
            return [f"is never over: {row}" for row in going_on]
        await self.hand({"do": "take back orphans", "user": ADMIN})
        if moving := await self._come_to_rest():
            return moving
        self.story.read()
        records = await read_records(self.database)
        return [*wrong_when_over(records, self.story, self.ground), *await self.untold()]

    async def _come_to_rest(self) -> list[str]:
        """What is still in motion after a long while."""
        self.faults.clear()
        moving: list[dict[str, Any]] = []
        for number in range(_MOST_BLOCKS_TO_REST):
            if number % 10 == 0:
                await self.nudge()
            # One after the other: what is signed lives for twenty blocks, and has to be sent.
            await self.blocks()
            moving = await rows_of(self.database, IN_MOTION)
            if not moving:
                return await self._all_said()
        return [f"never comes to rest: {row}" for row in moving]

    async def _all_said(self) -> list[str]:
        """What has not been told although there was time for it, at Telegram's pace."""
        unsaid = "SELECT id, chat_id, kind, last_error FROM outbox WHERE state = 'waiting'"
        deadline = asyncio.get_running_loop().time() + _TELLING_SECONDS
        while waiting := await rows_of(self.database, unsaid):
            if asyncio.get_running_loop().time() > deadline:
                return [f"is never told: {row}" for row in waiting]
            await self.nudge()
            await asyncio.sleep(_NUDGE_SECONDS)
        return []

    async def untold(self) -> list[str]:
        """Ends of orders that never reached their customers' chats, or in another order."""
        records = await read_records(self.database)
        orders = {order["id"]: order for order in records.orders}
        wrong = []
        for user in CUSTOMERS:
            shown = self._news(user)
            latest: tuple[int, Any, str] | None = None
            for notice in records.notices:
                order = orders.get(notice["order_id"])
                if notice["chat_id"] != user or order is None:
                    continue
                news = (order["id"], notice["kind"])
                what = f"{notice['kind']} of order {order['number']}"
                if news not in shown:
                    # An earlier stage may be passed over in silence once it is over.
                    if notice["kind"] == self._last_word(order):
                        wrong.append(f"{user} never saw {what}")
                    continue
                place = shown.index(news)
                if latest is not None and place < latest[0]:
                    apart = notice["created_at"] - latest[1]
                    if apart > _AT_THE_SAME_TIME:
                        wrong.append(f"{user} saw {what} before {latest[2]}, {apart} older")
                else:
                    latest = (place, notice["created_at"], what)
        return wrong

    def _last_word(self, order: dict[str, Any]) -> str | None:
        if order["status"] == "completed" and order["ended_at"] is None:
            return "order_delivered"
        return LAST_WORDS.get(order["status"])

    def _news(self, user: int) -> list[tuple[Any, str]]:
        """The orders' ends that stand in a chat, oldest first, as often as they were said."""
        kinds = {
            STAGE_SIGNS[Stage.DELIVERED]: "order_delivered",
            STAGE_SIGNS[Stage.ENDED]: "order_ended",
            STAGE_SIGNS[Stage.EXPIRED]: "order_expired",
            STAGE_SIGNS[Stage.FAILED]: "order_failed",
        }
        messages = {
            change.message_id: change
            for change in self.telegram.changes(user)
            if isinstance(change, MessageChange) and change.from_bot
        }
        news = []
        for _, message in sorted(messages.items()):
            data = [b.get("callback_data", "") for row in message.keyboard for b in row]
            text = message.text or " "
            kind = kinds.get(text[0])
            if "did not come in time" in text:
                kind = "order_expired"  # of which a part had been paid
            if kind is not None and len(data) == 1 and data[0].startswith("o:"):
                news.append((OrderTap.unpack(data[0]).order, kind))
        return news


@asynccontextmanager
async def open_town(
    folder: Path, dsn: str, redis_url: str, *, random: Random
) -> AsyncIterator[Town]:
    """A town whose shop has a database, and no process yet."""
    chain, faults = _new_chain(), NodeFaults()
    ground = Ground.under(
        chain,
        payment=address("payments"),
        wallet=address("wallet"),
        pools=[address(name) for name in POOLS],
    )
    people = [User(user, name.title(), language_code="en") for user, name in CUSTOMERS.items()]
    telegram = LocalTelegram(Bot(TOKEN), [*people, User(ADMIN, "Olga", language_code="en")])
    async with AsyncExitStack() as stack:
        stack.callback(chain.close)
        stack.callback(telegram.close)
        node_url = await stack.enter_async_context(serve(node_app(chain, faults)))
        solidity_url = await stack.enter_async_context(serve(solidity_app(chain, faults)))
        api_url = await stack.enter_async_context(serve(bot_api_app(telegram)))
        values: dict[str, dict[str, Any]] = {
            "telegram": {"token": TOKEN, "api_url": api_url, "admins": [ADMIN]},
            "tron": {
                "nodes": [{"url": node_url, "solidity_url": solidity_url}],
                "requests_per_second": 1000,
                "poll_seconds": 0.05,
                "usdt_contract": USDT,
            },
            "payment": {
                "address": address("payments"),
                "minutes": _MINUTES_TO_PAY,
                "grace_minutes": 1,
                "open_orders": 100,
                "choice_hours": 1,
                "solid_from_sun": _SOLID_FROM_SUN,
            },
            "refunds": {
                "key": key_hex("wallet"),
                "per_refund_sun": 10**12,
                "daily_sun": 10**12,
            },
            # Few people order very often here.
            "limits": {"receiver_hour": 100_000, "user_day": 100_000, "pool_hour": 100_000},
            "database": {"url": dsn},
            "redis": {"url": redis_url},
        }
        pools = [
            {"address": address(name), "permission_id": 2, "key": key_hex("hot")} for name in POOLS
        ]
        database = await stack.enter_async_context(Database(dsn, connections=4))
        settings = load(**values, pools=pools, data_dir=folder)
        node = await stack.enter_async_context(node_client(settings))
        services = build_services(settings, database, node)
        await prepare(settings, database, services)
        for user, name in (*CUSTOMERS.items(), (ADMIN, "olga")):
            telegram.send_text(user, "/start")
            await services.customers.greet(user, language_code="en", first_name=name, username=None)
        environment = {
            f"ENERGY_FLASH_{section.upper()}__{name.upper()}": value
            if isinstance(value, str)
            else json.dumps(value)
            for section, table in values.items()
            for name, value in table.items()
        }
        environment |= {
            "ENERGY_FLASH_POOLS": json.dumps(pools),
            "ENERGY_FLASH_DATA_DIR": str(folder),
            # Several processes live on one machine here.
            "ENERGY_FLASH_API__PORT": "0",
        }
        yield Town(
            chain, faults, telegram, database, services, environment, ground, Story(chain), random
        )
