"""Orders found by what an operator has in the clipboard, or by what a payment is like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from chain.addresses import Address, InvalidAddress, find_address, parse_address
from db.database import Database, Transaction
from db.order_search import Hits, Place
from db.payments import PaymentRow
from services.chain_time import chain_now
from services.order_views import OrderView, order_views

PAGE_SIZE = 8
_MOST = 2**63 - 1
_TOLERANCE_PERCENT = 5
_MOST_FITTING = 5
# What was to be paid longer ago than this, hardly anybody pays now.
_LATELY = timedelta(days=7)
_TXID = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
_USERNAME = re.compile(r"@([A-Za-z0-9_]{3,32})")
_NUMBER = re.compile(r"([#№]?)\s*(\d{1,19})")
_LINK = re.compile(r"(?:https?://)?t\.me/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of an order, or the Telegram id of a customer; `marked` as that of an order."""

    value: int
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Txid:
    """A transaction that paid, delivered, took back or refunded."""

    value: str


@dataclass(frozen=True, slots=True)
class Username:
    """A customer's name in Telegram, without its sign."""

    value: str


Wanted: TypeAlias = Numbered | UUID | Txid | Address | Username


def read_wanted(text: str) -> Wanted | None:
    """What somebody looks for; a link of a block explorer or of Telegram is read, too."""
    text = text.strip()
    if found := _TXID.search(text.lower()):
        return Txid(found[0])
    if found := _UUID.fullmatch(text.lower()):
        return UUID(found[0])
    # Before addresses: a long name can look like one.
    name = _LINK.sub("@", text)
    if found := _USERNAME.fullmatch(name):
        return Username(found[1])
    word = find_address(text)
    if word is not None:
        try:
            return parse_address(word)
        except InvalidAddress:
            return None
    if (found := _NUMBER.fullmatch(text)) and 0 < int(found[2]) <= _MOST:
        return Numbered(int(found[2]), marked=bool(found[1]))
    return None


@dataclass(frozen=True, slots=True)
class OrderList:
    """Some orders, the newest first, on one of `pages`."""

    orders: tuple[OrderView, ...]
    page: int = 1
    pages: int = 1


class OrderSearch:
    """Looks orders up for the people who run the shop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, page: int) -> OrderList:
        """A page of all orders; a page beyond the ends is the nearest one."""
        async with self._database.transaction() as tx:
            pages = _pages(await tx.order_search.count())
            page = min(max(page, 1), pages)
            at = _place(page)
            ids = await tx.order_search.newest(offset=at.offset, limit=at.limit)
            return OrderList(await _views(tx, ids), page, pages)

    async def find(self, wanted: Wanted, page: int = 1) -> OrderList:
        """A page of the orders that `wanted` names; a page beyond the ends is the nearest one."""
        page = max(page, 1)
        async with self._database.transaction() as tx:
            hits = await _hits(tx, wanted, page)
            pages = _pages(hits.count)
            if page > pages:
                page, hits = pages, await _hits(tx, wanted, pages)
            return OrderList(await _views(tx, hits.ids), page, pages)


async def _hits(tx: Transaction, wanted: Wanted, page: int) -> Hits:
    search, at = tx.order_search, _place(page)
    match wanted:
        case Numbered(value):
            return await search.by_number_or_user(value, at)
        case UUID():
            return await search.by_id(wanted, at)
        case Txid(txid):
            return await search.by_txid(txid, at)
        case Username(name):
            return await search.by_username(name, at)
        case _:
            return await search.by_address(wanted, at)


def _place(page: int) -> Place:
    return Place((page - 1) * PAGE_SIZE, PAGE_SIZE)


def _pages(count: int) -> int:
    return max(1, -(-count // PAGE_SIZE))


async def fitting_orders(
    tx: Transaction, payment: PaymentRow, waits_sun: int
) -> tuple[OrderView, ...]:
    """Open or lately expired orders that a held payment could be meant for, the likeliest first."""
    ids = await tx.order_search.fitting(
        amount_sun=waits_sun,
        sender=payment.sender,
        user_id=payment.user_id,
        since=await chain_now(tx) - _LATELY,
        tolerance=_TOLERANCE_PERCENT,
        limit=_MOST_FITTING,
    )
    return await _views(tx, ids)


async def _views(tx: Transaction, ids: Sequence[UUID]) -> tuple[OrderView, ...]:
    rows = {row.id: row for row in await tx.orders.by_ids(list(ids))}
    return await order_views(tx, [rows[each] for each in ids])
