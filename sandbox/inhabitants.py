"""Who lives in the sandbox: the people who chat, the accounts on the chain, and their keys.

The keys are made at the first start and kept in the data folder. They are worth nothing anywhere
else, which is why the control API may show them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from chain.addresses import Address, parse_address
from chain.keys import SigningKey

FILE_NAME = "inhabitants.json"

BOT_NAME = "Energy Flash"
BOT_USERNAME = "energy_flash_sandbox_bot"
_BOT_ID = 7_000_000_001


class PersonRole(StrEnum):
    CUSTOMER = "customer"
    OPERATOR = "operator"


class AccountRole(StrEnum):
    """What an account is there for."""

    CUSTOMER = "customer"
    POOL = "pool"
    PAYMENT = "payment"
    REFUND = "refund"
    HOLDER = "holder"
    NON_HOLDER = "non_holder"
    EXCHANGE = "exchange"
    HOT_KEY = "hot_key"


CONTACT_ROLES = (AccountRole.HOLDER, AccountRole.NON_HOLDER, AccountRole.EXCHANGE)
"""Those that a wallet offers to send to."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Telegram account; `letter` tells the customers apart."""

    id: int
    first_name: str
    role: PersonRole
    language_code: str
    letter: str | None = None


ANNA = Person(1001, "Anna", PersonRole.CUSTOMER, "en", "A")
BO = Person(1002, "小波", PersonRole.CUSTOMER, "zh", "B")
OLGA = Person(1003, "Olga", PersonRole.OPERATOR, "en")
PEOPLE = (ANNA, BO, OLGA)


@dataclass(frozen=True, slots=True)
class Resident:
    """An account of the local chain. `person` is whose wallet shows it; None for the others.

    `private_key` is 64 hex digits, and `key` signs with it.
    """

    name: str
    role: AccountRole
    person: Person | None
    private_key: str
    key: SigningKey

    @property
    def address(self) -> Address:
        return self.key.address


# The name under which each key is kept, and whose it is.
_ACCOUNTS: Mapping[str, tuple[str, AccountRole, Person | None]] = {
    "customer_a": (ANNA.first_name, AccountRole.CUSTOMER, ANNA),
    "customer_b": (BO.first_name, AccountRole.CUSTOMER, BO),
    "pool": ("Energy pool", AccountRole.POOL, OLGA),
    "payment": ("Payment address", AccountRole.PAYMENT, OLGA),
    "refund": ("Refund wallet", AccountRole.REFUND, OLGA),
    "bob": ("Bob", AccountRole.HOLDER, None),
    "carol": ("Carol", AccountRole.NON_HOLDER, None),
    "exchange": ("Exchange", AccountRole.EXCHANGE, None),
    "hot_key": ("Hot key of the pool", AccountRole.HOT_KEY, None),
}


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """Everybody. `world_id` tells one sandbox from another, for a page that is still open."""

    world_id: str
    bot_token: str
    residents: tuple[Resident, ...]

    def the(self, role: AccountRole) -> Resident:
        """The account with a role that only one has."""
        return next(resident for resident in self.residents if resident.role is role)

    def named(self, wanted: str) -> Resident | None:
        """The account with a name or an address, None if nobody here has it."""
        for resident in self.residents:
            if wanted in (resident.address, resident.name):
                return resident
        return None

    def address(self, wanted: str) -> Address:
        """The address of somebody here by name, or any address. Raises `InvalidAddress`."""
        resident = self.named(wanted)
        return parse_address(wanted) if resident is None else resident.address

    @property
    def by_address(self) -> dict[Address, Resident]:
        return {resident.address: resident for resident in self.residents}


def load_or_create(data_dir: Path) -> Inhabitants:
    """Those of the data folder, made at the first start.

    Raises ValueError when the file is not one of ours.
    """
    path = data_dir / FILE_NAME
    try:
        return _read(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        pass
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    kept = {
        "world_id": secrets.token_hex(8),
        "bot_token": f"{_BOT_ID}:{secrets.token_urlsafe(26)}",
        "keys": {name: secrets.token_hex(32) for name in _ACCOUNTS},
    }
    # Written whole or not at all: a chain whose keys are lost would be of no use.
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(kept, indent=2), encoding="utf-8")
    unfinished.rename(path)
    return _read(kept)


def _read(kept: Mapping[str, Any]) -> Inhabitants:
    keys = kept["keys"]
    return Inhabitants(
        world_id=kept["world_id"],
        bot_token=kept["bot_token"],
        residents=tuple(
            Resident(name, role, person, keys[kept_as], SigningKey.from_hex(keys[kept_as]))
            for kept_as, (name, role, person) in _ACCOUNTS.items()
        ),
    )
