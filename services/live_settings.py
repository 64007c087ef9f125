"""Settings that may be changed while the shop runs: kept in the database, in force at once.

The file's value counts until somebody changes it here, and again when they take that back. What is
allowed says `settings.py` alone: a changed value is read as if it had stood in the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from db.database import Database, Transaction, again_after_conflict
from services.acts import ActFault, ActRefused, Acts, Proposal
from services.staff import Actor
from services.trail import note
from settings import SettingsError, bounds_of, changed, value_of

if TYPE_CHECKING:
    from settings import Settings

SETTINGS_TOPIC = "settings"
_PREFIX = "setting "

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What a value is, and in which unit people write it."""

    MINUTES = "minutes"
    PERCENT = "percent"
    COUNT = "count"
    ENERGY = "energy"
    SUN = "sun"
    SWITCH = "switch"


ADJUSTABLE: Mapping[str, Kind] = {
    "payment.minutes": Kind.MINUTES,
    "payment.quote_minutes": Kind.MINUTES,
    "payment.grace_minutes": Kind.MINUTES,
    "payment.open_orders": Kind.COUNT,
    "payment.tolerance_percent": Kind.PERCENT,
    "payment.flash": Kind.SWITCH,
    "energy.margin_percent": Kind.PERCENT,
    "energy.early_end_percent": Kind.PERCENT,
    "energy.ending_notice_minutes": Kind.MINUTES,
    "limits.order_energy": Kind.ENERGY,
    "limits.receiver_hour": Kind.COUNT,
    "limits.user_day": Kind.COUNT,
    "refunds.per_refund_sun": Kind.SUN,
    "refunds.daily_sun": Kind.SUN,
}
"""What may be changed, in the order in which it is shown."""

# PostgreSQL's own bound for what is counted in sun, where settings.py has none.
_LARGEST = 2**63 - 1


class WrongValue(Exception):
    """A setting cannot have this value: it is a whole number from `least` to `most`."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(f"from {least} to {most}")
        self.least = least
        self.most = most


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it is now, and as the file has it; `by` and `at` say who changed it when."""

    key: str
    kind: Kind
    value: int | bool
    from_file: int | bool
    by: int | None
    at: datetime | None

    @property
    def changed(self) -> bool:
        """Whether it was changed here, be it to what the file says."""
        return self.by is not None


class LiveSettings:
    """Changes settings. `apply` puts what is in force to where it counts, in this process."""

    def __init__(
        self,
        database: Database,
        acts: Acts,
        settings: Settings,
        apply: Callable[[Settings], None],
    ) -> None:
        self._database = database
        self._acts = acts
        self._file = settings
        self._apply = apply
        self._now = settings

    @property
    def now(self) -> Settings:
        """What is in force in this process."""
        return self._now

    async def refresh(self) -> int:
        """Put in force what was changed here or in another process; 1 if anything was."""
        async with self._database.transaction() as tx:
            stored = await _stored(tx)
        now = self._with({key: each["value"] for key, each in stored.items()})
        if now == self._now:
            return 0
        self._now = now
        self._apply(now)
        log.info("settings changed here: %s", ", ".join(sorted(stored)) or "none any more")
        return 1

    async def look(self) -> tuple[Setting, ...]:
        """All of them, as they are in the database now."""
        async with self._database.transaction() as tx:
            return self._views(await _stored(tx))

    async def setting(self, key: str) -> Setting | None:
        """One of them; None if it is none that may be changed."""
        return next((each for each in await self.look() if each.key == key), None)

    def check(self, key: str, value: int | bool) -> None:
        """Raises WrongValue if the setting cannot have this value."""
        least, most = bounds_of(key)
        try:
            if abs(value) > _LARGEST:
                raise SettingsError([])
            changed(self._file, {key: value})
        except SettingsError:
            raise WrongValue(
                0 if least is None else least, _LARGEST if most is None else most
            ) from None

    @again_after_conflict
    async def change(self, actor: Actor, nonce: str) -> Setting:
        """Change one, if it still is what was said before. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            key, value = proposal.arguments["key"], proposal.arguments["value"]
            before = await self._unchanged(tx, proposal)
            try:
                self.check(key, value)
            except WrongValue:
                raise ActRefused(ActFault.GONE) from None
            stored = {"value": value, "by": actor.id, "at": datetime.now(UTC).isoformat()}
            await tx.values.put(_PREFIX + key, stored)
            await self._noted(tx, actor, proposal, before, value)
        return await self._in_force(key)

    @again_after_conflict
    async def reset(self, actor: Actor, nonce: str) -> Setting:
        """Let the file's value count again. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            before = await self._unchanged(tx, proposal)
            await tx.values.remove(_PREFIX + before.key)
            await self._noted(tx, actor, proposal, before, before.from_file)
        return await self._in_force(before.key)

    async def _unchanged(self, tx: Transaction, proposal: Proposal) -> Setting:
        """The setting, which nobody else changed since it was looked at."""
        key = proposal.arguments["key"]
        views = self._views(await _stored(tx))
        found = next((each for each in views if each.key == key), None)
        if found is None or found.value != proposal.arguments["before"]:
            raise ActRefused(ActFault.GONE)
        return found

    @staticmethod
    async def _noted(
        tx: Transaction, actor: Actor, proposal: Proposal, before: Setting, after: int | bool
    ) -> None:
        await note(
            tx,
            actor,
            proposal.act,
            subject=proposal.subject,
            reason=proposal.reason,
            before={before.key: before.value},
            after={before.key: after},
        )
        await tx.wake(SETTINGS_TOPIC)

    async def _in_force(self, key: str) -> Setting:
        await self.refresh()
        found = await self.setting(key)
        assert found is not None, "it was there a moment ago"
        return found

    def _views(self, stored: Mapping[str, Mapping[str, Any]]) -> tuple[Setting, ...]:
        now = self._with({key: each["value"] for key, each in stored.items()})
        return tuple(
            Setting(
                key=key,
                kind=kind,
                value=value_of(now, key),
                from_file=value_of(self._file, key),
                by=stored[key]["by"] if key in stored else None,
                at=datetime.fromisoformat(stored[key]["at"]) if key in stored else None,
            )
            for key, kind in ADJUSTABLE.items()
        )

    def _with(self, changes: Mapping[str, Any]) -> Settings:
        """The file's settings with these changes; one that is not allowed any more is left out."""
        now = self._file
        for key, value in changes.items():
            try:
                now = changed(now, {key: value})
            except SettingsError as error:
                log.warning("the changed setting %s does not count: %s", key, error)
        return now


async def _stored(tx: Transaction) -> dict[str, dict[str, Any]]:
    found = await tx.values.beginning(_PREFIX)
    named = {key.removeprefix(_PREFIX): value for key, value in found.items()}
    return {key: value for key, value in named.items() if key in ADJUSTABLE}
