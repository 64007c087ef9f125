"""Who lives in the sandbox: the people who chat, their groups, the accounts, and their keys.

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
VERSION = 3
"""Of what is in the data folder; 1 had one pool and no version, 2 no groups."""

BOT_NAME = "Energy Flash"
BOT_USERNAME = "energy_flash_sandbox_bot"
_BOT_ID = 7_000_000_001


class PersonRole(StrEnum):
    CUSTOMER = "customer"
    OPERATOR = "operator"
    VIEWER = "viewer"
    """May look at the shop, and has no account on the chain."""


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


class PoolName(StrEnum):
    """The pools whose stake the shop sells."""

    NORTH = "north"
    SOUTH = "south"
    EAST = "east"


ANNA = Person(1001, "Anna", PersonRole.CUSTOMER, "en", "A")
BO = Person(1002, "小波", PersonRole.CUSTOMER, "zh", "B")
OLGA = Person(1003, "Olga", PersonRole.OPERATOR, "en")
VERA = Person(1004, "Vera", PersonRole.VIEWER, "en")
PEOPLE = (ANNA, BO, OLGA, VERA)


class GroupPurpose(StrEnum):
    """What the shop tells a group."""

    ORDERS = "orders"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Circle:
    """People who share a group; `id` is the group's at first."""

    id: int
    title: str
    purpose: GroupPurpose
    members: tuple[Person, ...]


ORDERS = Circle(-1_002_000_000_001, "Orders", GroupPurpose.ORDERS, PEOPLE)
STAFF = Circle(-4_000_000_002, "Staff", GroupPurpose.STAFF, (OLGA, VERA))
"""A plain group, as people make them: it can be upgraded, and then has another id."""
CIRCLES = (ORDERS, STAFF)


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


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool, and the key with which the application lends its stake.

    `permission_id` is the pool's permission that is the hot key's. It is found by its place: the
    first active one is 2, the next 3.
    """

    name: PoolName
    account: Resident
    hot_key: Resident
    permission_id: int


# North and East keep their own active permission; South has given it up for the hot key's.
_PERMISSION_IDS = {PoolName.NORTH: 3, PoolName.SOUTH: 2, PoolName.EAST: 3}

# The name under which each key is kept, and whose it is.
_ACCOUNTS: Mapping[str, tuple[str, AccountRole, Person | None]] = {
    "customer_a": (ANNA.first_name, AccountRole.CUSTOMER, ANNA),
    "customer_b": (BO.first_name, AccountRole.CUSTOMER, BO),
    "pool_north": ("North pool", AccountRole.POOL, OLGA),
    "pool_south": ("South pool", AccountRole.POOL, OLGA),
    "pool_east": ("East pool", AccountRole.POOL, OLGA),
    "payment": ("Payment address", AccountRole.PAYMENT, OLGA),
    "refund": ("Refund wallet", AccountRole.REFUND, OLGA),
    "bob": ("Bob", AccountRole.HOLDER, None),
    "carol": ("Carol", AccountRole.NON_HOLDER, None),
    "exchange": ("Exchange", AccountRole.EXCHANGE, None),
    "hot_key_north": ("Hot key of North", AccountRole.HOT_KEY, None),
    "hot_key_south": ("Hot key of South", AccountRole.HOT_KEY, None),
    "hot_key_east": ("Hot key of East", AccountRole.HOT_KEY, None),
}


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """Everybody. `world_id` tells one sandbox from another, for a page that is still open."""

    world_id: str
    bot_token: str
    residents: tuple[Resident, ...]
    pools: tuple[Pool, ...]

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


class OtherWorld(OSError):
    """A data folder that this sandbox cannot go on with; the message says what to do."""


def load(data_dir: Path) -> Inhabitants | None:
    """Those of the data folder; None before the first start.

    Raises `OtherWorld` when they are those of another version, or cannot be read.
    """
    path = data_dir / FILE_NAME
    begin_anew = "remove that folder to begin anew, or choose another one with --data-dir"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept.get("version") != VERSION:
            raise OtherWorld(
                f"{data_dir} holds the world of another version of the sandbox, with other "
                f"accounts or chats: {begin_anew}"
            )
        return _read(kept)
    except FileNotFoundError:
        return None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OtherWorld(f"{path} cannot be read ({error!r}): {begin_anew}") from error


def load_or_create(data_dir: Path) -> Inhabitants:
    """The same, made at the first start."""
    found = load(data_dir)
    if found is not None:
        return found
    path = data_dir / FILE_NAME
    kept = {
        "version": VERSION,
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
    residents = {
        kept_as: Resident(name, role, person, keys[kept_as], SigningKey.from_hex(keys[kept_as]))
        for kept_as, (name, role, person) in _ACCOUNTS.items()
    }
    return Inhabitants(
        world_id=kept["world_id"],
        bot_token=kept["bot_token"],
        residents=tuple(residents.values()),
        pools=tuple(
            Pool(name, residents[f"pool_{name}"], residents[f"hot_key_{name}"], permission_id)
            for name, permission_id in _PERMISSION_IDS.items()
        ),
    )
