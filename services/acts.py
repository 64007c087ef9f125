"""What staff do that is asked about twice: proposed with a reason, then done once.

The first tap proposes, and says what the second one does. The second carries a nonce that works
once, for the same person, for some minutes; it is taken in the very transaction that does the
thing (`Acts.taking`), so that neither two taps nor a crash can do it twice or half.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from db.acts import ProposalRow
from db.database import Database, Transaction, again_after_conflict
from services.fail_points import reach
from services.staff import Actor, Right

_LASTS = timedelta(minutes=10)
LONGEST_REASON = 300


class Act(StrEnum):
    """What can be done; the value is what the log says."""

    # Orders
    RETRY_ORDER = "retry order"
    DELIVER_BY_POOL = "deliver by another pool"
    REFUND_ORDER = "refund order"
    CREDIT_ORDER = "credit order"
    EXTEND_ORDER = "extend order"
    END_ORDER = "end order"
    # Held payments and refunds
    ASSIGN_PAYMENT = "assign payment"
    DELIVER_PAYMENT = "deliver for payment"
    FLASH_PAYMENT = "flash payment"
    CREDIT_PAYMENT = "credit payment"
    CREDIT_PAYMENT_TO = "credit payment to another"
    REFUND_PAYMENT = "refund payment"
    KEEP_PAYMENT = "keep payment"
    APPROVE_REFUND = "approve refund"
    # Pools
    POOL_ENABLE = "pool_enable"
    POOL_DRAIN = "pool_drain"
    POOL_DISABLE = "pool_disable"
    POOL_TERMS = "pool_terms"
    POOL_ADD = "pool_add"
    # Prices
    PRICE_CHANGE = "price_change"
    PRICE_REMOVE = "price_remove"
    # People
    ADJUST = "adjust"
    BAN = "ban"
    UNBAN = "unban"
    NOTE = "note"
    LIMIT = "limit"
    MAKE_KEY = "make_key"
    REVOKE_KEY = "revoke_key"
    # Broadcasts
    BROADCAST = "broadcast"
    CANCEL_BROADCAST = "cancel_broadcast"
    # Maintenance, settings, risk
    BEGIN_MAINTENANCE = "begin_maintenance"
    END_MAINTENANCE = "end_maintenance"
    WORD_MAINTENANCE = "word_maintenance"
    BLACKLIST = "blacklist"
    UNLIST = "unlist"
    ALLOW_ORDER = "allow_order"
    REFUSE_ORDER = "refuse_order"
    CHANGE_SETTING = "change_setting"
    RESET_SETTING = "reset_setting"
    # Alerts
    # Reports


RIGHT_FOR: Mapping[Act, Right] = {
    # Orders
    Act.RETRY_ORDER: Right.SERVE,
    Act.DELIVER_BY_POOL: Right.SERVE,
    Act.REFUND_ORDER: Right.PAY,
    Act.CREDIT_ORDER: Right.PAY,
    Act.EXTEND_ORDER: Right.PAY,
    Act.END_ORDER: Right.PAY,
    # Held payments and refunds
    Act.ASSIGN_PAYMENT: Right.SERVE,
    Act.DELIVER_PAYMENT: Right.SERVE,
    Act.FLASH_PAYMENT: Right.SERVE,
    Act.CREDIT_PAYMENT: Right.PAY,
    Act.CREDIT_PAYMENT_TO: Right.PAY,
    Act.REFUND_PAYMENT: Right.PAY,
    Act.KEEP_PAYMENT: Right.PAY,
    Act.APPROVE_REFUND: Right.PAY,
    # Pools
    Act.POOL_ENABLE: Right.POOLS,
    Act.POOL_DRAIN: Right.POOLS,
    Act.POOL_DISABLE: Right.POOLS,
    Act.POOL_TERMS: Right.POOLS,
    Act.POOL_ADD: Right.POOLS,
    # Prices
    Act.PRICE_CHANGE: Right.PRICES,
    Act.PRICE_REMOVE: Right.PRICES,
    # People
    Act.ADJUST: Right.PAY,
    Act.BAN: Right.PEOPLE,
    Act.UNBAN: Right.PEOPLE,
    Act.NOTE: Right.PEOPLE,
    Act.LIMIT: Right.PEOPLE,
    Act.MAKE_KEY: Right.KEYS,
    Act.REVOKE_KEY: Right.KEYS,
    # Broadcasts
    Act.BROADCAST: Right.BROADCAST,
    Act.CANCEL_BROADCAST: Right.BROADCAST,
    # Maintenance, settings, risk
    Act.BEGIN_MAINTENANCE: Right.MAINTENANCE,
    Act.END_MAINTENANCE: Right.MAINTENANCE,
    Act.WORD_MAINTENANCE: Right.MAINTENANCE,
    Act.BLACKLIST: Right.PEOPLE,
    Act.UNLIST: Right.PEOPLE,
    Act.ALLOW_ORDER: Right.PAY,
    Act.REFUSE_ORDER: Right.PAY,
    Act.CHANGE_SETTING: Right.SETTINGS,
    Act.RESET_SETTING: Right.SETTINGS,
    # Alerts
    # Reports
}
"""What one has to be allowed, to do it."""

WITHOUT_REASON: frozenset[Act] = frozenset(
    {
        # Orders
        # Held payments and refunds
        # These give money that is here to whom it came from, or energy for it.
        Act.ASSIGN_PAYMENT,
        Act.DELIVER_PAYMENT,
        Act.FLASH_PAYMENT,
        Act.CREDIT_PAYMENT,
        # Pools
        Act.POOL_ENABLE,
        Act.POOL_DRAIN,
        # It sells more, and is drained as easily.
        Act.POOL_ADD,
        # Prices
        # People
        Act.UNBAN,
        Act.NOTE,
        Act.LIMIT,
        # Broadcasts
        Act.BROADCAST,
        Act.CANCEL_BROADCAST,
        # Maintenance, settings, risk
        Act.END_MAINTENANCE,
        Act.WORD_MAINTENANCE,
        # Alerts
        # Reports
    }
)
"""What may be done without saying why: it can be undone as easily."""


class ActFault(StrEnum):
    """Why something was not done."""

    NOT_ALLOWED = "not_allowed"
    GONE = "gone"
    """The nonce was used, has lapsed, or is not this person's."""
    NO_REASON = "no_reason"


class ActRefused(Exception):
    """Nothing was done, because of `fault`."""

    def __init__(self, fault: ActFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that one of the staff is about to do.

    `subject` says to what, as the log names it (``order 1001``, ``pool T…``); `arguments` are
    plain JSON.
    """

    nonce: str
    act: Act
    subject: str
    arguments: Mapping[str, Any]
    reason: str


class Acts:
    """Proposals, from the first tap to the second."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @again_after_conflict
    async def propose(
        self,
        actor: Actor,
        act: Act,
        *,
        subject: str,
        arguments: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> Proposal:
        """Write down what is about to be done.

        Raises:
            ActRefused: NOT_ALLOWED, or NO_REASON where one has to be given.
        """
        self._check(actor, act)
        reason = reason.strip()[:LONGEST_REASON]
        if not reason and act not in WITHOUT_REASON:
            raise ActRefused(ActFault.NO_REASON)
        row = ProposalRow(
            nonce=secrets.token_urlsafe(12),
            actor_id=actor.id,
            act=act,
            subject=subject,
            arguments=dict(arguments or {}),
            reason=reason,
        )
        async with self._database.transaction() as tx:
            await tx.acts.forget_lapsed()
            await tx.acts.propose(row, _LASTS)
        return _proposal(row)

    async def look(self, actor: Actor, nonce: str) -> Proposal:
        """What a nonce stands for. Raises ActRefused."""
        async with self._database.transaction() as tx:
            row = await tx.acts.find(nonce, actor.id)
        if row is None:
            raise ActRefused(ActFault.GONE)
        self._check(actor, Act(row.act))
        return _proposal(row)

    @asynccontextmanager
    async def taking(self, actor: Actor, nonce: str) -> AsyncIterator[tuple[Transaction, Proposal]]:
        """The transaction that does what the nonce stands for, and uses it up.

        Whatever is raised in it leaves the nonce as it was. Raises ActRefused.
        """
        async with self._database.transaction() as tx:
            proposal = await self._take(tx, actor, nonce)
            reach("act taken")
            yield tx, proposal
            reach("act done, not committed")
        reach("act done")

    async def _take(self, tx: Transaction, actor: Actor, nonce: str) -> Proposal:
        row = await tx.acts.take(nonce, actor.id)
        if row is None:
            raise ActRefused(ActFault.GONE)
        self._check(actor, Act(row.act))
        return _proposal(row)

    @staticmethod
    def _check(actor: Actor, act: Act) -> None:
        if not actor.may(RIGHT_FOR[act]):
            raise ActRefused(ActFault.NOT_ALLOWED)


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(row.nonce, Act(row.act), row.subject, row.arguments, row.reason)
