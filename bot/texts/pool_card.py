"""What the operator reads about pools: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.notation import Notation, lines


class PoolWords(Protocol):
    """What a language says about pools."""

    _pool: str
    _pool_is_out: str
    _the_others_go_on: str

    def _key_is_missing(self, key: Text) -> Text: ...

    _no_such_account: str

    def _may_not_delegate(self, permission: str, key: Text) -> Text: ...

    _delegations_refused: str
    _no_bandwidth_to_delegate: str
    _stake_does_not_come_back: str

    def _rentals_wait(self, rentals: int) -> str: ...

    _no_bandwidth_to_reclaim: str
    _key_not_accepted: str
    """A command to find out more stands on the next line."""
    _reclaimed_by_itself: str


class PoolCard(Notation, PoolWords):
    """Pools that went out, and whose stake does not come back."""

    def pool_out(self, details: Mapping[str, Any]) -> Text:
        """A pool sells nothing any more; `details` are those of the message in the outbox."""
        return lines(
            Bold(self._pool_is_out),
            self._named_pool(str(details.get("pool", "?"))),
            self._trouble(details),
            self._the_others_go_on,
        )

    def reclaims_refused(self, pool: str, rentals: int, *, no_bandwidth: bool) -> Text:
        """The network takes no undelegation of `pool`; `rentals` that are over wait for it."""
        return lines(
            Bold(self._stake_does_not_come_back),
            self._named_pool(pool),
            self._rentals_wait(rentals),
            self._no_bandwidth_to_reclaim if no_bandwidth else self._key_not_accepted,
            None if no_bandwidth else self.copied("energy-flash check"),
            self._reclaimed_by_itself,
        )

    def _named_pool(self, address: str) -> Text:
        return Text(self._pool, self.address(address))

    def _trouble(self, details: Mapping[str, Any]) -> Text | str:
        key = self.address(str(details.get("key_address", "?")))
        match details.get("trouble"):
            case "no_key":
                return self._key_is_missing(key)
            case "not_activated":
                return self._no_such_account
            case "no_permission":
                return self._may_not_delegate(str(details.get("permission_id", "?")), key)
            case "failing":
                return self._delegations_refused
            case "no_bandwidth":
                return self._no_bandwidth_to_delegate
            case other:
                return str(other)
