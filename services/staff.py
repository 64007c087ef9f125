"""Who works in the shop, and what each of them may do: the one table of rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody of the staff is, the most trusted first."""

    OWNER = "owner"
    OPERATOR = "operator"
    SUPPORT = "support"
    VIEWER = "viewer"


class Right(StrEnum):
    """Something that not everybody of the staff may do."""

    LOOK = "look"
    """See orders, payments, pools, prices, figures and alerts."""
    SERVE = "serve"
    """Help a customer without moving money out: retry, assign a payment, acknowledge an alert."""
    PAY = "pay"
    """Move money: refund, credit, adjust a balance, give time for nothing."""
    PEOPLE = "people"
    """Look people up, ban them, write notes about them, limit them."""
    KEYS = "keys"
    """Let programs in for a customer, and shut them out."""
    POOLS = "pools"
    PRICES = "prices"
    BROADCAST = "broadcast"
    MAINTENANCE = "maintenance"
    SETTINGS = "settings"
    LOG = "log"
    """Read who did what."""
    EXPORT = "export"
    """Take the books away as files."""


_OPERATOR = frozenset(Right) - {Right.SETTINGS}

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.OPERATOR: _OPERATOR,
    Role.SUPPORT: frozenset({Right.LOOK, Right.SERVE, Right.PEOPLE}),
    Role.VIEWER: frozenset({Right.LOOK}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the staff at work; `id` is Telegram's."""

    id: int
    role: Role

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]


class Staff:
    """Everybody who works in the shop, by Telegram's id."""

    def __init__(self, roles: Mapping[int, Role]) -> None:
        self._roles = dict(roles)

    def actor(self, user_id: int) -> Actor | None:
        """The person at work; None for a stranger."""
        role = self._roles.get(user_id)
        return None if role is None else Actor(user_id, role)

    def everybody(self) -> tuple[Actor, ...]:
        return tuple(Actor(user_id, role) for user_id, role in self._roles.items())

    def with_right(self, right: Right) -> tuple[int, ...]:
        """The ids of those who may do something."""
        return tuple(actor.id for actor in self.everybody() if actor.may(right))
