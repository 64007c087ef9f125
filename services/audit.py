"""Whether the books are true: proved from the chain and the database, with every difference named.

It reads, and writes only what an audit has to remember: up to where all was right, with which funds
the books of an address began, and a payment by a contract that nobody could see in a block.

What cannot be compared now (a node is away or behind, a fork is being read) is no difference; it is
said to be unproved, and nobody is alarmed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from chain.addresses import Address
from chain.node import NodeClient
from db.audit import PaymentBooksRow
from db.database import Database
from services.alerts import AlertKind, close_other_alerts, raise_alert
from services.audit_balances import Balances, Moment, SearchBounds, read_moment
from services.audit_blocks import BlockReading, signed_by_another
from services.audit_books import (
    entry_differences,
    order_differences,
    payment_differences,
    refund_differences,
)
from services.audit_report import Check, Difference, Report, fingerprint, unique
from services.audit_stakes import Stakes
from services.chain_time import FIRST_BLOCK_KEY, SCANNER, last_handled
from services.owner import OwnerTransactions
from services.payments import OurAddresses, Payments

_AUDITED_KEY = "audit.block"
# Of differences of one kind so many are named; the next audit names the rest.
_MOST_NAMED = 100
_BLOCKS_AT_ONCE = 1_000
_TOLD = 10
_LATER_SECONDS = 600.0
_SOON_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is looked at, and whether anything may be written.

    `since` is the first block to read again, `full` means from the first one that the scanner
    handled, neither: after the last one that was found right. Without `blocks` none are read
    again but in search of a cause, and sums are compared before single things.
    """

    since: int | None = None
    full: bool = False
    blocks: bool = True
    read_only: bool = False
    bounds: SearchBounds = field(default_factory=SearchBounds)


WHOLE = Scope(bounds=SearchBounds(blocks=None, contract_blocks=None))
CHEAP = Scope(blocks=False)


@dataclass(slots=True)
class _Findings:
    """A report as it is being made."""

    checked: dict[Check, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unproved: dict[Check, str] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def report(self) -> Report:
        return Report(
            checked=self.checked,
            differences=unique(self.differences),
            unproved=self.unproved,
            mended=tuple(self.mended),
            warnings=tuple(self.warnings),
        )


class Audit:
    """Audits the shop."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        *,
        payments: Payments,
        owner: OwnerTransactions,
        ours: OurAddresses,
    ) -> None:
        self._node = node
        self._database = database
        self._owner = owner
        self._ours = ours
        # Pacing only: the machine's clock.
        self._due_at = 0.0
        self._blocks = BlockReading(node, database, ours=ours)
        self._balances = Balances(node, database, payments=payments, blocks=self._blocks, ours=ours)
        self._stakes = Stakes(node, database, ours=ours)

    @property
    def _pools(self) -> tuple[Address, ...]:
        return tuple(sorted(self._ours.pools))

    async def watch_due(self) -> int:
        """The job: `watch`, every ten minutes; a minute later where something was not compared.

        So the books are opened soon after the start, before money that nothing tells of could be
        taken for the operator's.
        """
        if monotonic() < self._due_at:
            return 0
        report = await self.watch()
        self._due_at = monotonic() + (_SOON_SECONDS if report.unproved else _LATER_SECONDS)
        return len(report.differences)

    async def watch(self) -> Report:
        """Look at the sums, and raise an alert about what differs, until an audit is true.

        Raises:
            ChainError: no node could answer; nothing was decided.
            ChainUnread: no block was handled yet.
        """
        report = await self.run(CHEAP)
        if report.true:
            async with self._database.transaction() as tx:
                await close_other_alerts(tx, AlertKind.BOOKS_DIFFER)
        if not report.differences:
            return report
        for difference in report.differences:
            log.error("the books differ: %s", difference)
        async with self._database.transaction() as tx:
            subject = f"differences {fingerprint(report.differences)}"
            await raise_alert(
                tx,
                AlertKind.BOOKS_DIFFER,
                subject=subject,
                details={
                    "differences": [str(each) for each in report.differences[:_TOLD]],
                    "count": len(report.differences),
                },
            )
            await close_other_alerts(tx, AlertKind.BOOKS_DIFFER, keep=subject)
        return report

    async def run(self, scope: Scope = WHOLE) -> Report:
        """Compare the books with the chain.

        Raises:
            ChainError: no node could answer; nothing can be said.
            ChainUnread: no block was handled yet.
        """
        findings = _Findings()
        async with self._database.transaction() as tx:
            await last_handled(tx)
        if not scope.read_only:
            await self._owner.book_due()
        moment = await read_moment(self._node, (*self._balances.addresses, *self._pools))
        await self._ledger(findings, each=scope.blocks)
        obstacle = await self._obstacle(moment)
        if moment is None or obstacle is not None:
            for check in (Check.BALANCES, Check.DELEGATIONS, Check.BLOCKS, Check.SIGNATURES):
                findings.unproved[check] = obstacle or "the chain did not stand still"
            return findings.report()
        first = await self._first_block(write=not scope.read_only)
        await self._compare_balances(findings, moment, first, scope)
        stakes = await self._stakes.check(
            moment, self._pools, thorough=scope.blocks, read_only=scope.read_only
        )
        findings.differences += stakes.differences
        findings.checked[Check.DELEGATIONS] = (
            f"{len(self._pools)} pools, {stakes.pairs} receivers with rentals"
        )
        if stakes.unproved:
            findings.unproved[Check.DELEGATIONS] = "; ".join(stakes.unproved)
        await self._compare_blocks(findings, moment, first, scope)
        return findings.report()

    async def _obstacle(self, moment: Moment | None) -> str | None:
        """Why nothing on chain can be compared with the books now."""
        if moment is None:
            return "the solid block changed with every question; try again"
        solid = moment.solid
        async with self._database.transaction() as tx:
            if await tx.scanning.remembers(SCANNER, solid.number, solid.id):
                return None
            handled = await last_handled(tx)
        if handled.number < solid.number:
            return f"blocks are read up to {handled.number}, and {solid.number} is solid"
        return f"the solid block {solid.number} is not among the last that were read"

    async def _first_block(self, *, write: bool) -> int:
        async with self._database.transaction() as tx:
            first: int | None = await tx.values.get(FIRST_BLOCK_KEY)
            if first is None:
                # The scanner began before it noted where: from here on it is certain.
                first = (await last_handled(tx)).number + 1
                if write:
                    await tx.values.put(FIRST_BLOCK_KEY, first)
        return first

    # ── the checks ───────────────────────────────────────────────────────────────────────────

    async def _ledger(self, findings: _Findings, *, each: bool) -> None:
        async with self._database.transaction(frozen=True) as tx:
            by_status = await tx.audit.payments_by_status()
            wrong = {row.status for row in by_status if each or any(payment_differences([row]))}
            single = await tx.audit.payments_of(sorted(wrong)) if wrong else ()
            found = [
                *entry_differences(
                    await tx.audit.unbalanced(_MOST_NAMED),
                    await tx.audit.unlike_balances(_MOST_NAMED),
                    await tx.audit.strays(_MOST_NAMED),
                    await tx.audit.unlike_fees(_MOST_NAMED),
                ),
                *_payments(by_status, single),
                *order_differences(await tx.audit.orders_with_balance()),
                *refund_differences(await tx.audit.refunds()),
            ]
            if stuck := await tx.audit.outbox_stuck():
                findings.warnings.append(
                    f"{stuck} messages have been tried in vain for more than an hour"
                )
        findings.differences += found
        looked = f"{len(single)} payments" if each else f"{len(by_status)} kinds of payments"
        findings.checked[Check.LEDGER] = f"all transfers, {looked}, balances, orders, refunds, fees"

    async def _compare_balances(
        self, findings: _Findings, moment: Moment, first: int, scope: Scope
    ) -> None:
        balances = await self._balances.check(
            moment,
            first,
            read_only=scope.read_only,
            bounds=scope.bounds,
            ledger_is_true=not findings.differences,
        )
        findings.differences += balances.differences
        findings.mended += balances.mended
        findings.checked[Check.BALANCES] = (
            f"{len(self._balances.addresses)} addresses as of solid block {moment.solid.number}"
        )
        if balances.unproved:
            findings.unproved[Check.BALANCES] = "; ".join(balances.unproved)

    async def _compare_blocks(
        self, findings: _Findings, moment: Moment, first: int, scope: Scope
    ) -> None:
        async with self._database.transaction() as tx:
            audited: int = await tx.values.get(_AUDITED_KEY) or 0
        last = moment.solid.number
        if scope.full:
            begin = first
        else:
            begin = max(first, audited + 1 if scope.since is None else scope.since)
        async with self._database.transaction() as tx:
            ours = {str(address): number for address, number in self._ours.permissions.items()}
            acts = await tx.audit.by_our_permission(ours, begin)
        strange = [
            signed_by_another(act.txid, act.owner, act.kind, act.block_number) for act in acts
        ]
        findings.differences += strange
        findings.checked[Check.SIGNATURES] = f"everything from block {begin} on"
        if not scope.blocks:
            return
        if begin > last:
            findings.checked[Check.BLOCKS] = f"none is new since block {begin - 1}"
            return
        done, right = begin - 1, not strange
        while done < last:
            read = await self._blocks.read(done + 1, min(done + _BLOCKS_AT_ONCE, last))
            if read.last == done:
                break
            done = read.last
            findings.differences += read.differences
            right = right and not read.differences
            if right and not scope.read_only:
                await self._audited(done)
            log.info("blocks %s to %s are compared", begin, done)
        findings.checked[Check.BLOCKS] = f"{begin} to {done}"
        if done < last:
            findings.unproved[Check.BLOCKS] = f"the nodes gave no blocks after {done}"

    async def _audited(self, block_number: int) -> None:
        """Up to here everything was right; the next audit goes on from here."""
        async with self._database.transaction() as tx:
            await tx.audit.lock()
            before: int = await tx.values.get(_AUDITED_KEY) or 0
            await tx.values.put(_AUDITED_KEY, max(before, block_number))


def _payments(
    by_status: Sequence[PaymentBooksRow], single: Sequence[PaymentBooksRow]
) -> list[Difference]:
    """Named payments; of a sum that differs although each of its payments is right, the sum."""
    named = list(payment_differences(single))
    seen = {row.status for row in single}
    return named + list(payment_differences(row for row in by_status if row.status not in seen))


def scope_of(*, since: int | None = None, full: bool = False, read_only: bool = False) -> Scope:
    """What the command line asks for: everything, from a block on."""
    return replace(WHOLE, since=since, full=full, read_only=read_only)
