"""People, as those who run the shop see them: found, looked at, limited, banned, made up to.

A ban ends what is new: whoever is banned reads so, whatever they say or tap; by whatever way they
come, no order and no extension is placed once it is committed; and what they send without an order
is held for a person. What they ordered or paid before goes on as for everybody: open orders can be
paid, what is paid is delivered, and their money stays theirs, also what an early end brings back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from db.database import Database, Transaction, again_after_conflict
from db.ledger import Overdrawn
from db.people import BriefRow, PersonRow
from services import ledger
from services.acts import ActFault, ActRefused, Acts
from services.customers import Language, SavedAddress
from services.notices import NoticeKind, tell_customer
from services.order_search import Numbered, Txid, Username, read_wanted
from services.order_views import OrderView, order_views
from services.orders import PAGE_SIZE, OrderPage
from services.staff import Actor, Staff
from services.trail import note

SHOWN_PEOPLE = 8
LONGEST_NOTE = 500
MOST_ORDERS = 1_000_000
"""The largest bound that means anything."""

_SHOWN_ADDRESSES = 6
_SHOWN_ORDERS = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody that a search found; `id` is Telegram's."""

    id: int
    first_name: str
    username: str | None


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Whom a search found, the likeliest first; `more`: there are others."""

    people: tuple[Found, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who talks to the bot, and what the shop knows about them.

    Money in sun: `spent_sun` is what delivered orders cost, less what came back for those that
    were ended early. `payers` are addresses they paid from that are not among `addresses`.
    `day_limit` and `open_limit` are None where everybody's bound holds.
    """

    id: int
    first_name: str
    username: str | None
    language: Language
    since: datetime
    seen_at: datetime
    blocked_at: datetime | None
    banned_at: datetime | None
    banned_by: int | None
    ban_reason: str
    note: str
    day_limit: int | None
    open_limit: int | None
    balance_sun: int
    spent_sun: int
    orders: int
    waiting: int
    under_way: int
    delivered: int
    newest: tuple[OrderView, ...]
    addresses: tuple[SavedAddress, ...]
    bound: frozenset[Address]
    payers: tuple[Address, ...]


class Bound(StrEnum):
    """A bound that somebody can have of their own."""

    DAY = "day"
    OPEN = "open"


class BalanceTooSmall(Exception):
    """The balance holds less than what was to be taken: `balance_sun`."""

    def __init__(self, balance_sun: int) -> None:
        super().__init__(balance_sun)
        self.balance_sun = balance_sun


def subject_of(user_id: int) -> str:
    """The person, as the log names them."""
    return f"user {user_id}"


class People:
    """Looks people up, and does what staff decide about them."""

    def __init__(self, database: Database, acts: Acts, staff: Staff) -> None:
        self._database = database
        self._acts = acts
        self._staff = staff

    async def find(self, words: str) -> FoundPeople:
        """By Telegram's id, the number of an order, a TRON address, a username or a first name."""
        words = words.strip()
        async with self._database.transaction() as tx:
            rows = await self._found(tx, words)
        people = tuple(Found(row.id, row.first_name, row.username) for row in rows)
        return FoundPeople(people[:SHOWN_PEOPLE], len(people) > SHOWN_PEOPLE)

    async def _found(self, tx: Transaction, words: str) -> list[BriefRow]:
        limit, people = SHOWN_PEOPLE + 1, tx.people
        match read_wanted(words):
            case Numbered(number, marked):
                by_id = () if marked else await people.with_id(number)
                return _each_once([*by_id, *await people.of_order(number)])
            case Username(name):
                return list(await people.called(name, limit))
            case None:
                name = words.removeprefix("@").strip()
                return list(await people.called(name, limit)) if name else []
            case Txid() | UUID():
                return []
            case address:
                return list(await people.of_address(address, limit))

    async def look(self, user_id: int) -> Person | None:
        """Everything about a person; None if the bot never met them."""
        async with self._database.transaction() as tx:
            row = await tx.people.person(user_id)
            return None if row is None else await self._person(tx, row)

    async def _person(self, tx: Transaction, row: PersonRow) -> Person:
        trade = await tx.people.trade(row.id)
        newest = await tx.orders.page(row.id, offset=0, limit=_SHOWN_ORDERS)
        saved = await tx.customers.addresses(row.id, _SHOWN_ADDRESSES)
        bound = frozenset(Address(each) for each in await tx.customers.bound_addresses(row.id))
        addresses = [SavedAddress(Address(each.address), each.label) for each in saved]
        known = {each.address for each in addresses}
        proved = [SavedAddress(each, "") for each in sorted(bound - known)]
        payers = await tx.payments.senders_of(row.id, _SHOWN_ADDRESSES)
        return Person(
            id=row.id,
            first_name=row.first_name,
            username=row.username,
            language=Language(row.language),
            since=row.created_at,
            seen_at=row.seen_at,
            blocked_at=row.blocked_at,
            banned_at=row.banned_at,
            banned_by=row.banned_by,
            ban_reason=row.ban_reason,
            note=row.note,
            day_limit=row.day_limit,
            open_limit=row.open_limit,
            balance_sun=await tx.ledger.owed_to(ledger.user_account(row.id)),
            spent_sun=trade.spent_sun,
            orders=trade.orders,
            waiting=trade.waiting,
            under_way=trade.under_way,
            delivered=trade.delivered,
            newest=await order_views(tx, newest),
            addresses=(*addresses, *proved[:_SHOWN_ADDRESSES]),
            bound=bound,
            payers=tuple(Address(each) for each in payers if each not in known | bound),
        )

    async def orders(self, user_id: int, page: int) -> OrderPage:
        """A page of their orders; a page beyond the ends is the nearest one."""
        async with self._database.transaction() as tx:
            pages = max(1, -(-await tx.orders.count(user_id) // PAGE_SIZE))
            page = min(max(page, 1), pages)
            rows = await tx.orders.page(user_id, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
            return OrderPage(await order_views(tx, rows), page, pages)

    def works_here(self, user_id: int) -> bool:
        """Whether they are of the staff, and so cannot be banned."""
        return self._staff.actor(user_id) is not None

    @again_after_conflict
    async def adjust(self, actor: Actor, nonce: str) -> int:
        """Change a balance at the owner's cost, by what was proposed; what it holds then, in sun.

        Raises:
            ActRefused: the proposal is gone, or not this person's.
            BalanceTooSmall: it would fall below zero; nothing was changed.
        """
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            user_id, sun = int(proposal.arguments["user"]), int(proposal.arguments["sun"])
            account = ledger.user_account(user_id)
            await _locked(tx, user_id)
            before_sun = await tx.ledger.lock_balance(account)
            try:
                await tx.ledger.book(ledger.adjusted(user_id, sun), event="adjusted")
            except Overdrawn as error:
                raise BalanceTooSmall(before_sun) from error
            after_sun = before_sun + sun
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"balance_sun": before_sun},
                after={"balance_sun": after_sun},
            )
            await tell_customer(
                tx,
                NoticeKind.BALANCE_ADJUSTED,
                user_id=user_id,
                occasion=nonce,
                payload={"sun": sun, "balance_sun": after_sun},
            )
        log.info("%s changed the balance of %s by %s sun", actor.id, user_id, sun)
        return after_sun

    @again_after_conflict
    async def ban(self, actor: Actor, nonce: str) -> None:
        """Raises ActRefused: also for one of the staff, and for somebody banned already."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            user_id = int(proposal.arguments["user"])
            if self.works_here(user_id):
                raise ActRefused(ActFault.NOT_ALLOWED)
            if not await tx.people.ban(user_id, by=actor.id, reason=proposal.reason):
                raise ActRefused(ActFault.GONE)
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"banned": False},
                after={"banned": True},
            )
        log.info("%s banned %s", actor.id, user_id)

    @again_after_conflict
    async def unban(self, actor: Actor, nonce: str) -> None:
        """Raises ActRefused: also for somebody who is not banned."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            user_id = int(proposal.arguments["user"])
            if not await tx.people.unban(user_id):
                raise ActRefused(ActFault.GONE)
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"banned": True},
                after={"banned": False},
            )
        log.info("%s unbanned %s", actor.id, user_id)

    @again_after_conflict
    async def write_note(self, actor: Actor, nonce: str) -> None:
        """What staff know about somebody; an empty note takes it away. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            user_id, words = int(proposal.arguments["user"]), str(proposal.arguments["note"])
            row = await _locked(tx, user_id)
            await tx.people.write_note(user_id, words[:LONGEST_NOTE])
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"note": row.note},
                after={"note": words[:LONGEST_NOTE]},
            )

    @again_after_conflict
    async def limit(self, actor: Actor, nonce: str) -> None:
        """Give somebody a bound of their own, or everybody's again. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            user_id, most = int(proposal.arguments["user"]), proposal.arguments["most"]
            bound = Bound(proposal.arguments["bound"])
            row = await _locked(tx, user_id)
            await tx.people.limit(
                user_id,
                day=most if bound is Bound.DAY else row.day_limit,
                most_open=most if bound is Bound.OPEN else row.open_limit,
            )
            was = row.day_limit if bound is Bound.DAY else row.open_limit
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={bound: was},
                after={bound: most},
            )


async def find_user(tx: Transaction, words: str) -> int | None:
    """The one customer whom an id or a @username names; None if the shop has never met them."""
    match read_wanted(words):
        case Numbered(value, marked=False) if await tx.customers.exists(value):
            return value
        case Username(name):
            return await tx.customers.named(name)
    return None


async def _locked(tx: Transaction, user_id: int) -> PersonRow:
    row = await tx.people.person(user_id, lock=True)
    if row is None:
        raise ActRefused(ActFault.GONE)
    return row


def _each_once(rows: Iterable[BriefRow]) -> list[BriefRow]:
    return list({row.id: row for row in rows}.values())
