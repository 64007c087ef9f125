"""What must be true of every shop, whatever happened: its records, its books and the chain agree.

Each check returns what is wrong, in words, and nothing when all is well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from chain.addresses import Address
from chain.contracts import Contract, DelegateResource, Transfer, UnDelegateResource
from chain.transactions import Raw, decode
from db.database import Database
from sandbox.tron.chain import LocalChain

Row: TypeAlias = dict[str, Any]

# Payments that are money of ours, and those of them that have come to an end.
NOT_OURS = frozenset({"seen", "orphaned", "lost"})
ENDED = frozenset({"delivered", "credited", "held", "refunded", "dust", "own", "orphaned", "lost"})

IN_MOTION = """
    SELECT 'payment' AS what, txid AS id, status FROM payments
    WHERE status IN ('seen', 'flash', 'refunding') OR (status = 'matched' AND NOT EXISTS (
        SELECT 1 FROM energy_flash_orders o WHERE o.id = order_id AND o.status = 'pending'))
    UNION ALL
    SELECT 'payment adrift', txid, status FROM payments WHERE adrift
    UNION ALL
    SELECT 'transaction', txid, state FROM chain_transactions
    WHERE state IN ('signed', 'sent') OR (state = 'included' AND fee_sun IS NULL)
    UNION ALL
    SELECT 'delegation', tx_id, status FROM energy_delegations
    WHERE status IN ('pending', 'reclaiming') OR (status = 'expired' AND coalesce(
        reclaim_after <= (SELECT max(block_time) FROM chain_cursor), true))
    UNION ALL
    SELECT 'order', id::text, status FROM energy_flash_orders
    WHERE status IN ('paid', 'processing')
    UNION ALL
    SELECT 'refund', id::text, status FROM refunds WHERE status IN ('waiting', 'sending')
    UNION ALL
    SELECT 'transaction of the owner', txid, state FROM owner_transactions WHERE state = 'seen'
"""
NOT_OVER = f"""
    {IN_MOTION}
    UNION ALL
    SELECT 'delegation', tx_id, status FROM energy_delegations
    WHERE status IN ('active', 'expired')
    UNION ALL
    SELECT 'order', id::text, status FROM energy_flash_orders
    WHERE status = 'pending' OR (status = 'completed' AND ended_at IS NULL)
    UNION ALL
    SELECT 'choice', txid, status FROM payments WHERE choose_until IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """The chain under a shop, and which of its addresses are the shop's.

    `opening` is what was there, in sun, before the first block.
    """

    chain: LocalChain
    payment: Address
    wallet: Address
    pools: tuple[Address, ...]
    opening: Mapping[Address, int]

    @classmethod
    def under(
        cls, chain: LocalChain, *, payment: Address, wallet: Address, pools: Iterable[Address]
    ) -> Ground:
        """Of a new chain, which has no block yet."""
        pools = tuple(pools)
        begun = {each: chain.view_at(0).account(each) for each in (payment, wallet, *pools)}
        opening = {each: account.balance if account else 0 for each, account in begun.items()}
        return cls(chain, payment, wallet, pools, opening)


@dataclass(slots=True)
class Story:
    """Everything that stands in the chain, kept up with it block by block."""

    chain: LocalChain
    _blocks: list[tuple[str, list[tuple[str, Raw]]]] = field(default_factory=list)

    def read(self) -> None:
        """Catch up with the chain, and forget what left it."""
        while self._blocks:
            block = self.chain.block(len(self._blocks))
            if block is not None and block.id == self._blocks[-1][0]:
                break
            self._blocks.pop()
        for number in range(len(self._blocks) + 1, self.chain.head.number + 1):
            block = self.chain.block(number)
            assert block is not None
            raws = [(entry.txid, decode(entry.raw_bytes)) for entry in block.entries]
            self._blocks.append((block.id, raws))

    def raws(self) -> Iterator[tuple[str, Raw]]:
        """Each transaction with its id, oldest first."""
        for _, transactions in self._blocks:
            yield from transactions

    def __iter__(self) -> Iterator[tuple[str, Contract]]:
        """What each transaction does, with its id, oldest first."""
        for txid, raw in self.raws():
            yield txid, raw.contract

    def moved_before(self, block_number: int, address: Address) -> int:
        """What transfers brought to an address before a block, less what they took, in sun."""
        return sum(
            raw.contract.amount * ((raw.contract.to == address) - (raw.contract.owner == address))
            for _, transactions in self._blocks[: block_number - 1]
            for _, raw in transactions
            if isinstance(raw.contract, Transfer)
        )

    def received(self, address: Address, *, since: int = 0) -> dict[str, int]:
        """Every transfer to an address in blocks from `since` on: id → sun."""
        return {
            txid: raw.contract.amount
            for _, transactions in self._blocks[max(0, since - 1) :]
            for txid, raw in transactions
            if isinstance(raw.contract, Transfer) and raw.contract.to == address
        }

    def delegations(self) -> dict[str, DelegateResource]:
        return {txid: contract for txid, contract in self if isinstance(contract, DelegateResource)}

    def lent(self) -> Counter[tuple[Address, Address]]:
        """What each owner has lent to each receiver, by all that stands in the chain."""
        lent: Counter[tuple[Address, Address]] = Counter()
        for _, contract in self:
            if isinstance(contract, DelegateResource):
                lent[contract.owner, contract.receiver] += contract.balance
            elif isinstance(contract, UnDelegateResource):
                lent[contract.owner, contract.receiver] -= contract.balance
        return lent


@dataclass(frozen=True, slots=True)
class Records:
    """What the database holds, all of one moment."""

    payments: Sequence[Row]
    transactions: Sequence[Row]
    delegations: Sequence[Row]
    reclaims: Sequence[Row]
    orders: Sequence[Row]
    refunds: Sequence[Row]
    notices: Sequence[Row]
    books: Mapping[str, int]
    opened: Mapping[str, int]
    first_block: int
    balances: Mapping[str, int]


async def read_records(database: Database) -> Records:
    async with database.transaction() as tx:
        connection = tx.connection
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

        async def rows(table: str) -> list[Row]:
            found = await connection.fetch(f"SELECT * FROM {table}")
            return [dict(row) for row in found]

        return Records(
            payments=await rows("payments ORDER BY id"),
            transactions=await rows("chain_transactions ORDER BY id"),
            delegations=await rows("energy_delegations"),
            reclaims=await rows("energy_reclaims"),
            orders=await rows("energy_flash_orders ORDER BY number"),
            refunds=await rows("refunds ORDER BY id"),
            notices=await rows("outbox ORDER BY id"),
            books=await tx.ledger.balances(),
            opened={
                row["account"]: row["amount_sun"]
                for row in await rows("ledger_entries WHERE event = 'opening'")
            },
            first_block=int(await tx.values.get("chain.first_block") or 0),
            balances={
                row["account"]: row["balance_sun"] for row in await rows("customer_balances")
            },
        )


async def rows_of(database: Database, query: str) -> list[Row]:
    async with database.transaction() as tx:
        return [dict(row) for row in await tx.connection.fetch(query)]


# ── at any moment ─────────────────────────────────────────────────────────────────────────────


def wrong_now(records: Records, story: Story, ground: Ground) -> list[str]:
    """What may never be so, also in the middle of everything. `story` was read before `records`."""
    return [
        *_books_that_do_not_add_up(records),
        *_accounts_that_differ(records),
        *_transactions_never_stored(records, story, ground),
        *_energy_sent_twice(records, story),
        *_refunds_sent_twice(records, story, ground),
        *_extensions_that_differ(records),
        *_too_much_for_early_ends(records),
    ]


def _books_that_do_not_add_up(records: Records) -> Iterator[str]:
    if rest := sum(records.books.values()):
        yield f"the books are off by {rest} sun"
    for account, balance in records.balances.items():
        if balance < 0:
            yield f"the balance of {account} is {balance}"
    booked = {
        account: -sun
        for account, sun in records.books.items()
        if account.startswith(("user:", "payer:"))
    }
    for account in booked.keys() | records.balances.keys():
        if booked.get(account, 0) != records.balances.get(account, 0):
            yield f"{account} is {records.balances.get(account)}, booked {booked.get(account)}"


def _accounts_that_differ(records: Records) -> Iterator[str]:
    """Each account of the books holds what the rows say that it should."""
    open_orders = {
        order["id"]: order
        for order in records.orders
        if order["status"] in ("paid", "processing") and order["completed_at"] is None
    }
    expected = {
        "orders": sum(p["order_sun"] for p in records.payments if p["status"] == "matched")
        + sum(order["balance_sun"] for order in open_orders.values()),
        "held": sum(_undecided(p) for p in records.payments if p["status"] in ("held", "flash")),
        "dust": sum(p["amount_sun"] for p in records.payments if p["status"] == "dust"),
        "refunds": sum(
            r["amount_sun"] for r in records.refunds if r["status"] in ("waiting", "sending")
        ),
    }
    for account, sun in expected.items():
        booked = -records.books.get(account, 0)
        if booked != sun:
            yield f"the account {account} holds {booked} sun, the rows say {sun}"


def _transactions_never_stored(records: Records, story: Story, ground: Ground) -> Iterator[str]:
    """What our keys signed stands in the write-ahead store."""
    stored = {row["txid"] for row in records.transactions}
    for txid, raw in story.raws():
        owner = raw.contract.owner
        by_us = owner == ground.wallet or (owner in ground.pools and raw.permission_id != 0)
        if by_us and txid not in stored:
            yield f"{txid} of {owner} was never stored"


def _energy_sent_twice(records: Records, story: Story) -> Iterator[str]:
    """The chain never held more for an order than was sold."""
    on_chain = story.delegations()
    sent: Counter[Any] = Counter()
    for row in records.delegations:
        if row["tx_id"] in on_chain:
            sent[row["order_id"]] += row["energy_amount"]
    sold = {order["id"]: order for order in records.orders}
    for order_id, energy in sent.items():
        if energy > sold[order_id]["energy_amount"]:
            yield f"order {sold[order_id]['number']} got {energy} energy, too much"


def _refunds_sent_twice(records: Records, story: Story, ground: Ground) -> Iterator[str]:
    """Each transfer from the wallet is the one transaction of one refund."""
    by_txid = {row["txid"]: row for row in records.refunds if row["txid"] is not None}
    for txid, contract in story:
        if not isinstance(contract, Transfer) or contract.owner != ground.wallet:
            continue
        refund = by_txid.get(txid)
        if refund is None:
            yield f"the wallet sent {contract.amount} sun by {txid}, which is no refund"
        elif (contract.to, contract.amount) != (
            refund["to_address"],
            refund["amount_sun"] - refund["fee_sun"],
        ):
            yield f"refund {refund['id']} sent {contract.amount} sun to {contract.to}"


def _extensions_that_differ(records: Records) -> Iterator[str]:
    """A rental lasts as much longer as was paid for, and one extension at a time is open."""
    prolonged: Counter[Any] = Counter()
    unpaid: Counter[Any] = Counter()
    for order in records.orders:
        if order["extends_id"] is not None:
            prolonged[order["extends_id"]] += order["duration_hours"] * (
                order["status"] == "completed"
            )
            unpaid[order["extends_id"]] += order["status"] == "pending"
    for order in records.orders:
        hours = prolonged[order["id"]]
        # What prolonged a rental that failed has failed with it.
        if order["status"] != "failed" and order["extended_hours"] != hours:
            yield f"order {order['number']} lasts {order['extended_hours']} h longer, paid {hours}"
        if unpaid[order["id"]] > 1:
            yield f"order {order['number']} has {unpaid[order['id']]} open extensions"
        if order["extends_id"] is not None and prolonged[order["id"]]:
            yield f"order {order['number']} is an extension, and was extended"


def _too_much_for_early_ends(records: Records) -> Iterator[str]:
    """Nobody gets more back than the share of what they paid, and only for what they ended."""
    prices: Counter[Any] = Counter()
    for order in records.orders:
        prices[order["extends_id"] or order["id"]] += order["trx_amount"]
    for order in records.orders:
        credit, percent = order["early_credit_sun"], order["early_end_percent"] or 0
        if credit * 100 > prices[order["id"]] * percent:
            yield f"order {order['number']} was ended early, and {credit} sun came back"


# ── when everything has come to rest ──────────────────────────────────────────────────────────


def wrong_at_rest(records: Records, story: Story, ground: Ground) -> list[str]:
    """What has to be so once nothing is in motion any more."""
    return [
        *wrong_now(records, story, ground),
        *_payments_without_end(records, story, ground),
        *_delegations_that_differ(records, story),
        *_stakes_that_differ(records, ground),
        *_addresses_that_differ(records, story, ground),
        *_orders_without_their_energy(records),
        *_ends_that_differ(records),
        *_refunds_unsent(records, story),
    ]


def _payments_without_end(records: Records, story: Story, ground: Ground) -> Iterator[str]:
    """Each transfer is recorded once; what is not in the chain counts for nothing.

    What came before the shop began to look is not its customers'.
    """
    for address in (ground.payment, ground.wallet, *ground.pools):
        received = story.received(address, since=records.first_block)
        recorded = {p["txid"]: p for p in records.payments if p["receiver"] == address}
        for txid in received.keys() - recorded.keys():
            yield f"the transfer {txid} of {received[txid]} sun was never recorded"
        pending = {order["id"] for order in records.orders if order["status"] == "pending"}
        for txid, payment in recorded.items():
            status = payment["status"]
            # A part of a price waits for the rest of it.
            waits = status == "matched" and payment["order_id"] in pending
            if txid not in received:
                if status not in ("orphaned", "lost"):
                    yield f"payment {txid} is {status}, and is not in the chain"
            elif payment["amount_sun"] != received[txid]:
                yield f"payment {txid} is recorded with {payment['amount_sun']} sun"
            elif (status not in ENDED and not waits) or status in ("orphaned", "lost"):
                yield f"payment {txid} is {status}, and is in the chain"


def _delegations_that_differ(records: Records, story: Story) -> Iterator[str]:
    """What the store says to be in a block is there, and nothing else of ours is."""
    included = {row["txid"] for row in records.transactions if row["state"] == "included"}
    ours = {row["txid"] for row in records.transactions}
    there = {txid for txid, _ in story if txid in ours}
    for txid in included ^ there:
        yield f"{txid} is {'in no block' if txid in included else 'in a block unnoticed'}"
    failed = {row["tx_id"] for row in records.delegations if row["status"] == "failed"}
    for txid in failed & there:
        yield f"the delegation {txid} is said to have failed, and is in a block"


def _stakes_that_differ(records: Records, ground: Ground) -> Iterator[str]:
    """The chain lends to each customer exactly what the active rentals say.

    And what is left of those that are over, and wait for newer ones to be taken back.
    """
    active: Counter[tuple[str, str]] = Counter()
    back: Counter[Any] = Counter()
    sun = {row["txid"]: row["balance_sun"] for row in records.transactions}
    for row in records.reclaims:
        back[row["delegation_id"]] += sun[row["tx_id"]]
    pairs = {(row["pool_address"], row["recipient_address"]) for row in records.delegations}
    for row in records.delegations:
        if row["status"] in ("active", "expired"):
            rest = row["balance_sun"] - back[row["id"]]
            active[row["pool_address"], row["recipient_address"]] += rest
    for pool, receiver in pairs:
        record = ground.chain.view.delegation(Address(pool), Address(receiver), locked=False)
        lent = 0 if record is None else record.energy
        if lent != active[pool, receiver]:
            yield f"{receiver} has {lent} sun of stake of {pool}, sold {active[pool, receiver]}"


def _addresses_that_differ(records: Records, story: Story, ground: Ground) -> Iterator[str]:
    """The books say of each address what came and went since the shop began to look."""
    for address, genesis_sun in ground.opening.items():
        now = ground.chain.account(address)
        before_sun = genesis_sun + story.moved_before(records.first_block, address)
        moved = (now.balance if now else 0) - before_sun
        account = f"chain:{address}"
        # What was there before, an audit may have booked meanwhile as the owner's.
        booked = records.books.get(account, 0) - records.opened.get(account, 0)
        if moved != booked:
            yield f"{address} has {moved} sun more than at first, the books say {booked}"


def _orders_without_their_energy(records: Records) -> Iterator[str]:
    delivered: Counter[Any] = Counter()
    for row in records.delegations:
        if row["status"] != "failed":
            delivered[row["order_id"]] += row["energy_amount"]
    for order in records.orders:
        energy = delivered[order["id"]]
        if order["extends_id"] is not None:
            if energy:
                yield f"order {order['number']} is an extension, and got {energy} energy"
            continue
        if order["status"] == "completed" and energy != order["energy_amount"]:
            yield f"order {order['number']} is completed with {energy} energy"
        if order["status"] in ("pending", "expired", "cancelled") and energy:
            yield f"order {order['number']} is {order['status']}, and got {energy} energy"
        if order["status"] == "failed" and energy > order["energy_amount"]:
            yield f"order {order['number']} failed with {energy} energy"


def _ends_that_differ(records: Records) -> Iterator[str]:
    """A rental and what is out for it end at the same time."""
    ends: dict[Any, list[Any]] = defaultdict(list)
    for row in records.delegations:
        if row["status"] == "active":
            ends[row["order_id"]].append(row["expires_at"])
    for order in records.orders:
        found = ends[order["id"]]
        if order["status"] == "completed" and found and min(found) != order["expires_at"]:
            yield f"order {order['number']} ends at {order['expires_at']}, its stake {min(found)}"


def _refunds_unsent(records: Records, story: Story) -> Iterator[str]:
    """Every refund that is done is in the chain, once; every withdrawn one is not."""
    transfers = {txid for txid, contract in story if isinstance(contract, Transfer)}
    for refund in records.refunds:
        if refund["status"] == "done" and refund["txid"] not in transfers:
            yield f"refund {refund['id']} is done, and {refund['txid']} is in no block"


def wrong_when_over(records: Records, story: Story, ground: Ground) -> list[str]:
    """What has to be so when every order and every rental is over, too."""
    return [
        *wrong_at_rest(records, story, ground),
        *_stake_still_out(story, ground),
        *_customers_left_in_silence(records),
    ]


def _stake_still_out(story: Story, ground: Ground) -> Iterator[str]:
    for (owner, receiver), sun in story.lent().items():
        if owner in ground.pools and sun:
            yield f"{sun} sun of {owner} are still lent to {receiver}"


LAST_WORDS: Mapping[str, str] = {
    "completed": "order_ended",
    "expired": "order_expired",
    "failed": "order_failed",
}


def _customers_left_in_silence(records: Records) -> Iterator[str]:
    """Every customer was told how each order ended, once; and nothing that was not so."""
    told: dict[Any, Counter[tuple[int, str]]] = defaultdict(Counter)
    for notice in records.notices:
        if notice["order_id"] is not None:
            told[notice["order_id"]][notice["chat_id"], notice["kind"]] += 1
    for order in records.orders:
        if order["user_id"] is None:
            continue
        news = told[order["id"]]

        def times(kind: str, user_id: int = order["user_id"], news: Any = news) -> int:
            count: int = news[user_id, kind]
            return count

        for status, kind in LAST_WORDS.items():
            if order["extends_id"] is not None and status == "completed":
                continue  # the end of a rental is told once, however often it was prolonged
            if status == order["status"] and times(kind) != 1:
                yield f"order {order['number']} is {status}: told {times(kind)} times"
            if status != order["status"] and kind != "order_expired" and times(kind):
                # An order that failed may have been over before its payment left the chain.
                yield f"order {order['number']} is {order['status']}, told {kind}"
        if order["status"] == "completed" and not (
            times("order_paid") and times("order_delivered")
        ):
            yield f"order {order['number']}: its customer never heard of the delivery"


def _undecided(payment: Row) -> int:
    undecided: int = payment["amount_sun"] - payment["order_sun"] - payment["credited_sun"]
    return undecided


def nothing(wrong: Iterable[str]) -> None:
    """Fail with everything that is wrong."""
    found = list(wrong)
    assert not found, "\n".join(found)
