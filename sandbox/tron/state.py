"""The ledger's state: what is true after a block, and layers of changes on top of it.

A layer sees through to what lies under it, so that a transaction can be tried, kept or thrown
away. The lowest layer is the state after the head block. Values are immutable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chain.addresses import Address
from sandbox.tron.accounts import Account

Dated: TypeAlias = tuple[tuple[Address, int], ...]
"""Addresses, each with the chain time in ms of what it stands for, oldest first."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """What one account has lent to another, unlocked or locked; sun, and ms for the expiry."""

    bandwidth: int = 0
    energy: int = 0
    bandwidth_expire_ms: int = 0
    energy_expire_ms: int = 0


Value: TypeAlias = Account | Delegation | Dated | int
Changes: TypeAlias = dict[str, Value | None]
"""Key to new value; None for what is deleted."""

BURNT = "property/burnt"
ENERGY_WEIGHT = "property/energy weight"
BANDWIDTH_WEIGHT = "property/bandwidth weight"


class Readable(Protocol):
    """Anything that a value can be looked up in."""

    def get(self, key: str, /) -> Value | None:
        """The value, or None."""


class View:
    """The values of a state by what they are about."""

    def __init__(self, under: Readable) -> None:
        self._under = under

    def get(self, key: str, /) -> Value | None:
        """The value under a key, or None."""
        return self._under.get(key)

    def account(self, address: Address) -> Account | None:
        """An account, None if it is not activated."""
        value = self.get(account_key(address))
        return value if isinstance(value, Account) else None

    def delegation(self, owner: Address, receiver: Address, *, locked: bool) -> Delegation | None:
        """One of the two records of a pair of accounts."""
        value = self.get(delegation_key(owner, receiver, locked=locked))
        return value if isinstance(value, Delegation) else None

    def receivers(self, owner: Address) -> Dated:
        """To whom an account has delegated, by the time of the last delegation."""
        return self._dated(f"receivers/{owner}")

    def owners(self, receiver: Address) -> Dated:
        """Who has delegated to an account, by the time of the last delegation."""
        return self._dated(f"owners/{receiver}")

    def token_balance(self, contract: Address, holder: Address) -> int:
        """A holder's tokens in the token's smallest unit."""
        return self.number(f"token/{contract}/{holder}")

    def blacklist(self, contract: Address) -> Dated:
        """Whom a token's owner lets send nothing, in the order they were listed; without times."""
        return self._dated(blacklist_key(contract))

    def is_blacklisted(self, contract: Address, holder: Address) -> bool:
        """Whether a holder is on a token's blacklist."""
        return any(address == holder for address, _ in self.blacklist(contract))

    def energy_factor(self, contract: Address) -> int:
        """By how much calls of a contract are dearer than its code, in ten-thousandths."""
        return self.number(energy_factor_key(contract))

    def number(self, key: str) -> int:
        """A plain number, zero if it was never set."""
        value = self.get(key)
        return value if isinstance(value, int) else 0

    def _dated(self, key: str) -> Dated:
        value = self.get(key)
        return value if isinstance(value, tuple) else ()


class State(View):
    """A layer of changes over a state."""

    def __init__(self, under: Readable) -> None:
        super().__init__(under)
        self.changes: Changes = {}

    def get(self, key: str, /) -> Value | None:
        """The value as this layer has it, else as the layers under it have it."""
        if key in self.changes:
            return self.changes[key]
        return self._under.get(key)

    def put(self, key: str, value: Value | None) -> None:
        """Sets a value in this layer; None deletes it."""
        self.changes[key] = value

    def put_account(self, account: Account) -> None:
        """Sets an account."""
        self.put(account_key(account.address), account)

    def put_delegation(
        self, owner: Address, receiver: Address, value: Delegation | None, *, locked: bool
    ) -> None:
        """Sets or deletes one of the two records of a pair."""
        self.put(delegation_key(owner, receiver, locked=locked), value)

    def put_pair(self, owner: Address, receiver: Address, time_ms: int | None) -> None:
        """Notes that a pair has a delegation of this time, or (None) has none any more."""
        for key, other in ((f"receivers/{owner}", receiver), (f"owners/{receiver}", owner)):
            rest = tuple(entry for entry in self._dated(key) if entry[0] != other)
            self.put(key, rest if time_ms is None else (*rest, (other, time_ms)))

    def put_token_balance(self, contract: Address, holder: Address, amount: int) -> None:
        """Sets a holder's tokens."""
        self.put(f"token/{contract}/{holder}", amount)

    def add(self, key: str, amount: int) -> None:
        """Adds to a plain number."""
        self.put(key, self.number(key) + amount)

    def burn(self, sun: int) -> None:
        """Counts TRX that left circulation; the caller takes it from an account."""
        if sun:
            self.add(BURNT, sun)

    def keep(self, layer: State) -> None:
        """Takes over the changes of a layer that lies on this one."""
        self.changes.update(layer.changes)


class Past(View):
    """The state as it was some blocks ago, read through what each block since then overwrote."""

    def __init__(self, head: Readable, overwritten: tuple[Mapping[str, Value | None], ...]) -> None:
        super().__init__(head)
        self._overwritten = overwritten

    def get(self, key: str, /) -> Value | None:
        """The value at that time: what the first block that changed it found."""
        for found in self._overwritten:
            if key in found:
                return found[key]
        return self._under.get(key)


def account_key(address: Address) -> str:
    """Where an account is kept."""
    return f"account/{address}"


def blacklist_key(contract: Address) -> str:
    """Where a token's blacklist is kept."""
    return f"blacklist/{contract}"


def paused_key(contract: Address) -> str:
    """Where it is kept whether a token is paused: 1 or 0."""
    return f"paused/{contract}"


def energy_factor_key(contract: Address) -> str:
    """Where the factor of a busy contract is kept."""
    return f"energy factor/{contract}"


def delegation_key(owner: Address, receiver: Address, *, locked: bool) -> str:
    """Where a delegation record is kept."""
    return f"delegation/{owner}/{receiver}/{'locked' if locked else 'unlocked'}"
