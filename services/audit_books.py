"""The ledger in itself: what must be booked for what is recorded. Pure comparisons.

What is booked follows from the state of a payment, an order or a refund, and from nothing else. The
rule is linear, so it holds for one payment as for the sums over all payments of a status.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from db.audit import (
    FeeRow,
    KeptBalanceRow,
    OrderBooksRow,
    PaymentBooksRow,
    RefundBooksRow,
    StrayRow,
    UnbalancedRow,
)
from services.audit_report import Check, Difference

_RESTORE = "Nothing in the program does this: restore the database, or look who else writes to it."
_UNBOOKED = frozenset({"seen", "orphaned", "lost"})
_OPEN_REFUNDS = frozenset({"waiting", "sending"})


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked of a payment, in sun. None: it depends on what was lost."""

    received: int = 0
    held: int = 0
    orders: int = 0
    revenue: int | None = 0
    customers: int | None = 0
    dust: int = 0
    own: int = 0


def expected_of(
    status: str, *, amount_sun: int, order_sun: int = 0, credited_sun: int = 0
) -> Booked:
    """What must be booked of a payment, or of all payments of a status together."""
    if status == "lost":
        # It was delivered or spent before it left the chain: revenue and balances keep it.
        return Booked(revenue=None, customers=None)
    if status in _UNBOOKED:
        return Booked()
    rest_sun = amount_sun - order_sun - credited_sun
    return Booked(
        received=amount_sun,
        held=rest_sun if status in ("held", "flash") else 0,
        orders=order_sun if status == "matched" else 0,
        revenue=order_sun if status == "delivered" else 0,
        customers=credited_sun,
        dust=amount_sun if status == "dust" else 0,
        own=amount_sun if status == "own" else 0,
    )


def payment_differences(rows: Iterable[PaymentBooksRow]) -> Iterator[Difference]:
    """What is booked otherwise than the payments say."""
    for row in rows:
        expected = expected_of(
            row.status,
            amount_sun=row.amount_sun,
            order_sun=row.order_sun,
            credited_sun=row.credited_sun,
        )
        for where, wanted, found in (
            ("received", expected.received, row.received_sun),
            ("held", expected.held, row.held_sun),
            ("waiting for delivery", expected.orders, row.orders_sun),
            ("earned", expected.revenue, row.revenue_sun),
            ("on a customer's balance", expected.customers, row.customers_sun),
            ("dust", expected.dust, row.dust_sun),
            ("moved between our own addresses", expected.own, row.own_sun),
        ):
            if wanted is not None and wanted != found:
                one = "a payment" if row.txid else "payments"
                yield Difference(
                    check=Check.LEDGER,
                    what=f"{one} with status {row.status}, booked as {where}",
                    txid=row.txid,
                    block=row.block_number,
                    expected=wanted,
                    found=found,
                    mend=_RESTORE,
                )


def order_differences(rows: Iterable[OrderBooksRow]) -> Iterator[Difference]:
    """What orders took from balances, or brought back to them, and is booked otherwise."""
    for row in rows:
        earned = row.status == "completed" or (row.status == "processing" and row.earned_before)
        waits = row.status in ("paid", "processing") and not earned
        for where, wanted, found in (
            ("waiting for delivery", row.balance_sun if waits else 0, row.orders_sun),
            (
                "earned",
                (row.balance_sun if earned else 0) - row.early_credit_sun,
                row.revenue_sun,
            ),
            ("come back for an early end", row.early_credit_sun, row.returned_sun),
        ):
            if wanted != found:
                yield Difference(
                    check=Check.LEDGER,
                    what=f"order {row.number}, besides its payments, booked as {where}",
                    expected=wanted,
                    found=found,
                    mend=_RESTORE,
                )


def refund_differences(rows: Iterable[RefundBooksRow]) -> Iterator[Difference]:
    """Refunds on their way that are booked otherwise."""
    for row in rows:
        wanted = row.amount_sun if row.status in _OPEN_REFUNDS else 0
        if wanted != row.booked_sun:
            yield Difference(
                check=Check.LEDGER,
                what=f"refund {row.id} with status {row.status}, booked as on its way",
                txid=row.txid,
                expected=wanted,
                found=row.booked_sun,
                mend=_RESTORE,
            )


def entry_differences(
    unbalanced: Iterable[UnbalancedRow],
    balances: Iterable[KeptBalanceRow],
    strays: Iterable[StrayRow],
    fees: Iterable[FeeRow],
) -> Iterator[Difference]:
    """What is wrong with the entries themselves."""
    for transfer in unbalanced:
        yield Difference(
            check=Check.LEDGER,
            what=f"transfer {transfer.transfer_id} ({transfer.event}) does not sum to zero",
            txid=transfer.payment_txid,
            expected=0,
            found=transfer.off_sun,
            mend=_RESTORE,
        )
    for balance in balances:
        below = balance.kept_sun == balance.booked_sun
        yield Difference(
            check=Check.LEDGER,
            what=f"the balance {balance.account} "
            + ("is below zero" if below else "is not what is booked"),
            expected=0 if below else balance.booked_sun,
            found=balance.kept_sun,
            mend=_RESTORE,
        )
    for stray in strays:
        yield Difference(
            check=Check.LEDGER,
            what=f"an entry of {stray.account} ({stray.event}) for nothing that is recorded",
            txid=stray.txid,
            expected=0,
            found=stray.amount_sun,
            mend=_RESTORE,
        )
    for fee in fees:
        yield Difference(
            check=Check.LEDGER,
            what="a fee is booked otherwise than the network took it",
            txid=fee.txid,
            expected=fee.fee_sun,
            found=fee.booked_sun,
            mend=_RESTORE,
        )
