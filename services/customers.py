"""Who talks to the bot, in which language, and for which addresses they rent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chain.addresses import Address
from db.customers import CustomerRow
from db.database import Database, again_after_conflict

_SHOWN_ADDRESSES = 6


class Language(StrEnum):
    """A language the bot speaks."""

    ZH = "zh"
    EN = "en"
    RU = "ru"


@dataclass(frozen=True, slots=True)
class Customer:
    """A person who talks to the bot; `id` is Telegram's."""

    id: int
    language: Language
    first_name: str
    banned: bool


@dataclass(frozen=True, slots=True)
class SavedAddress:
    """An address that a customer rented for before."""

    address: Address
    label: str


def language_for(code: str | None) -> Language:
    """The language for a client's IETF code: its base language if we speak it, else English."""
    base = (code or "").lower().replace("_", "-").split("-")[0]
    try:
        return Language(base)
    except ValueError:
        return Language.EN


class Customers:
    """Customers and their addresses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @again_after_conflict
    async def greet(
        self, user_id: int, *, language_code: str | None, first_name: str, username: str | None
    ) -> Customer:
        """The customer; at the first contact the client's language becomes theirs."""
        async with self._database.transaction() as tx:
            row = await tx.customers.greet(
                user_id,
                language=language_for(language_code),
                first_name=first_name,
                username=username,
            )
        return _customer(row)

    @again_after_conflict
    async def choose_language(self, user_id: int, language: Language) -> Customer:
        """Remember the language. Raises LookupError for somebody who was never greeted."""
        async with self._database.transaction() as tx:
            row = await tx.customers.choose_language(user_id, language)
        if row is None:
            raise LookupError(user_id)
        return _customer(row)

    async def addresses(self, user_id: int) -> tuple[SavedAddress, ...]:
        """Addresses the customer rented for, most recent first."""
        async with self._database.transaction() as tx:
            rows = await tx.customers.addresses(user_id, _SHOWN_ADDRESSES)
        return tuple(SavedAddress(Address(row.address), row.label) for row in rows)

    async def bot_blocked(self, user_id: int, blocked: bool) -> None:
        """Note whether the customer has blocked the bot."""
        async with self._database.transaction() as tx:
            await tx.customers.set_blocked(user_id, blocked)


def _customer(row: CustomerRow) -> Customer:
    return Customer(
        id=row.id,
        language=Language(row.language),
        first_name=row.first_name,
        banned=row.banned_at is not None,
    )
