"""Putting the bot together: what sees an update, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import DefaultKeyBuilder
from aiogram.fsm.storage.redis import RedisStorage

from bot.admitting import Admitting
from bot.banking import Banking
from bot.choosing import Choosing
from bot.drafts import Drafts
from bot.key_drafts import KeyDrafts
from bot.lasting import Lasting
from bot.middlewares import InFlight, Once, Throttle, Visit
from bot.office.office import Office, OfficeServices
from bot.order_cards import OrderCards
from bot.ordering import Ordering
from bot.renting import Renting
from bot.routers import (
    api_keys,
    available,
    balance,
    caution,
    elsewhere,
    errors,
    explanation,
    fallback,
    language,
    rent,
    start,
)
from bot.routers import office as office_routes
from bot.routers import orders as order_routes
from bot.screen import Screen
from bot.texts import Texts
from bot.texts.key_lines import ApiPlace
from bot.turn import Turn
from chain.addresses import Address
from services.balances import Balances
from services.customers import Customers, Language
from services.early_ends import EarlyEnds
from services.extensions import Extensions
from services.inventory import Inventory
from services.orders import Orders
from services.quotes import Quotes
from services.refunds import Refunds
from services.staff import Actor

if TYPE_CHECKING:
    from aiogram.fsm.context import FSMContext
    from redis.asyncio import Redis

STATE_PREFIX = "energy-flash:state"
"""Before every key of a conversation's state, and of the lock on it."""

_STATE_KEPT = timedelta(hours=6)
# Longer than a handler takes; and as long as a customer waits if one is killed at work.
_LOCK_SECONDS = 30


class SharedRedisStorage(RedisStorage):
    """State in a Redis that belongs to somebody else, who also closes it."""

    async def close(self) -> None:
        """Leave the connection open."""


def build_dispatcher(
    bot: Bot,
    *,
    in_flight: InFlight,
    redis: Redis,
    texts: Mapping[Language, Texts],
    customers: Customers,
    quotes: Quotes,
    orders: Orders,
    extensions: Extensions,
    early_ends: EarlyEnds,
    balances: Balances,
    refunds: Refunds,
    inventory: Inventory,
    office: OfficeServices,
    flash_address: Callable[[], Address | None],
    api_place: ApiPlace,
) -> Dispatcher:
    """A dispatcher that answers every update of the bot.

    `flash_address` is where TRX becomes energy without an order, if it does at the moment;
    `api_place` is where programs are served.
    """
    storage = SharedRedisStorage(
        redis,
        key_builder=DefaultKeyBuilder(prefix=STATE_PREFIX, with_bot_id=True),
        state_ttl=_STATE_KEPT,
        data_ttl=_STATE_KEPT,
    )
    dispatcher = Dispatcher(
        storage=storage,
        events_isolation=storage.create_isolation(lock_kwargs={"timeout": _LOCK_SECONDS}),
        # aiogram would lock a customer's updates before anything of ours; it is added below.
        disable_fsm=True,
        all_texts=texts,
        customers=customers,
        quotes=quotes,
        inventory=inventory,
        flash_address=flash_address,
        trail=office.trail,
        staff=office.staff,
        alerts=office.alerts,
    )
    held_payments = office.held_payments
    screen = Screen(bot)
    order_cards = OrderCards(screen, orders, ends_early=lambda: early_ends.offered)
    drafts = Drafts(redis)
    key_drafts = KeyDrafts(redis)

    def desk(turn: Turn, state: FSMContext, actor: Actor | None) -> Mapping[str, Any]:
        renting = Renting(turn, state, customers=customers, quotes=quotes, drafts=drafts)
        return {
            "renting": renting,
            "ordering": Ordering(
                turn,
                state,
                orders=orders,
                balances=balances,
                order_cards=order_cards,
                renting=renting,
            ),
            "lasting": Lasting(
                turn,
                orders=orders,
                extensions=extensions,
                early_ends=early_ends,
                order_cards=order_cards,
            ),
            "choosing": Choosing(turn, held_payments=held_payments),
            "banking": Banking(
                turn,
                state,
                balances=balances,
                refunds=refunds,
                customers=customers,
                username=username,
            ),
            "admitting": Admitting(
                turn, state, keys=office.api_keys, drafts=key_drafts, place=api_place
            ),
            **(at_the_office(turn, state, actor) if actor else {}),
        }

    def at_the_office(turn: Turn, state: FSMContext, actor: Actor) -> Mapping[str, Any]:
        return {
            "office": Office(turn, actor, state, office),
        }

    async def username() -> str:
        return (await bot.me()).username or ""

    visit = Visit(texts, screen, customers, staff=office.staff, desk=desk)
    throttle = Throttle(texts, burst=40, per_second=2)
    for middleware in (in_flight, throttle, dispatcher.fsm, Once(redis), visit):
        dispatcher.update.outer_middleware(middleware)
    dispatcher.include_routers(
        elsewhere.router(),
        start.router(),
        explanation.router(),
        available.router(),
        language.router(),
        order_routes.router(),
        # Before the office: a key that somebody types is no answer to anything.
        api_keys.router(),
        office_routes.router(),
        caution.router(),
        balance.router(),
        rent.router(),
        fallback.router(),
        errors.router(),
    )
    return dispatcher
