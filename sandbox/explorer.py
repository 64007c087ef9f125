"""The chain in words: what each transaction was, for whom, and what it burned.

Transactions are described when their block comes, while the state they met is at hand, and kept in
a file of their own, so that an account's history is read quickly and survives a restart.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from chain.addresses import Address, address_from_bytes
from chain.contracts import (
    AccountPermissionUpdate,
    Contract,
    DelegateResource,
    FreezeBalanceV2,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
    UnfreezeBalanceV2,
)
from chain.protobuf import MalformedTransaction
from chain.transactions import decode
from sandbox.tron.blocks import Entry, LocalBlock, Outcome
from sandbox.tron.chain import LocalChain
from sandbox.tron.payout import Payout, payments_in
from sandbox.tron.resources import market

FILE_NAME = "explorer.sqlite3"

_TRANSFER_SELECTOR = bytes.fromhex("a9059cbb")
_TRANSFER_LENGTH = 4 + 2 * 32

_SCHEMA = """
create table if not exists described (
    txid text primary key, number integer not null, position integer not null,
    sender text not null, receiver text not null, record text not null
);
create index if not exists described_number on described (number, position);
create index if not exists described_sender on described (sender, number);
create index if not exists described_receiver on described (receiver, number);
create table if not exists progress (number integer not null);
"""


class Kind(StrEnum):
    """What a transaction is in the words of this business."""

    PAYMENT = "payment"
    DELEGATION = "delegation"
    RECLAIM = "reclaim"
    USDT = "usdt"
    TOKEN = "token"  # noqa: S105 - a kind of transaction
    TRX = "trx"
    STAKE = "stake"
    UNSTAKE = "unstake"
    PERMISSION = "permission"
    CONTRACT = "contract"
    OTHER = "other"


TRANSFERS = (Kind.PAYMENT, Kind.TRX, Kind.USDT, Kind.TOKEN)
"""Those that move TRX, USDT or another token."""


class Explorer:
    """Follows a chain and describes its transactions; `close` ends it.

    `path` is None to keep the descriptions in memory; `pools` names the pools.
    """

    def __init__(
        self,
        chain: LocalChain,
        usdt: Address,
        payment_address: Address,
        path: Path | None = None,
        *,
        pools: Mapping[Address, str] | None = None,
    ) -> None:
        self._chain = chain
        self._usdt = usdt
        self._payment_address = payment_address
        self._pools = pools or {}
        self._tokens = {token.address: token for token in chain.tokens}
        self._database = sqlite3.connect(":memory:" if path is None else path)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        self._database.executescript(_SCHEMA)
        self._catch_up()
        self._forget = chain.subscribe(self._on_block)

    def close(self) -> None:
        self._forget()
        self._database.close()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def block(self, number: int) -> dict[str, Any] | None:
        """A block as the control API shows it."""
        block = self._chain.block(number)
        return None if block is None else self._block_json(block)

    def blocks(self, *, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """The newest blocks before a number, and older ones that hold a transaction, newest first.

        `limit` holds for each of the two.
        """
        newest = self._chain.head.number if before is None else before - 1
        recent = range(max(0, newest - limit + 1), newest + 1)
        rows = self._database.execute(
            "select distinct number from described where number < ? order by number desc limit ?",
            (recent.start, limit),
        )
        numbers = [*reversed(recent), *(row[0] for row in rows)]
        found = (self._chain.block(number) for number in numbers)
        return [self._block_json(block) for block in found if block is not None]

    def transaction(self, txid: str) -> dict[str, Any] | None:
        """A transaction that is in a block."""
        row = self._database.execute(
            "select record from described where txid = ?", (txid,)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def transfers(self, address: str, limit: int = 20) -> list[dict[str, Any]]:
        """The TRX and USDT transfers from and to an account, newest first, waiting ones included.

        A waiting one has no `block`.
        """
        waiting = [
            self._describe(each.raw.contract, each.txid) for each in reversed(self._chain.waiting)
        ]
        kinds = ", ".join("?" * len(TRANSFERS))
        rows = self._database.execute(
            "select record from described where (sender = ? or receiver = ?)"  # noqa: S608
            f" and json_extract(record, '$.kind') in ({kinds})"
            " order by number desc, position desc limit ?",
            (address, address, *TRANSFERS, limit),
        )
        mine = [
            record
            for record in waiting
            if record["kind"] in TRANSFERS and address in (record["from"], record.get("to"))
        ]
        return (mine + [json.loads(row[0]) for row in rows])[:limit]

    # ── following ────────────────────────────────────────────────────────────────────────────

    def _catch_up(self) -> None:
        """Describes the blocks that came while nobody followed: none, or the chain's first."""
        row = self._database.execute("select max(number) from progress").fetchone()
        for number in range((row[0] or 0) + 1, self._chain.head.number + 1):
            block = self._chain.block(number)
            if block is not None and block.entries:
                self._keep(block)
        self._note_progress(self._chain.head.number)

    def _on_block(self, block: LocalBlock) -> None:
        self._keep(block)
        self._note_progress(block.number)

    def _note_progress(self, number: int) -> None:
        with self._database:
            self._database.execute("delete from progress")
            self._database.execute("insert into progress values (?)", (number,))

    def _keep(self, block: LocalBlock) -> None:
        with self._database:
            # A fork replaces blocks.
            self._database.execute("delete from described where number >= ?", (block.number,))
            for position, entry in enumerate(block.entries):
                record = self._described(block, entry)
                self._database.execute(
                    "insert or replace into described values (?, ?, ?, ?, ?, ?)",
                    (
                        entry.txid,
                        block.number,
                        position,
                        record["from"] or "",
                        record.get("to") or "",
                        json.dumps(record),
                    ),
                )

    def _block_json(self, block: LocalBlock) -> dict[str, Any]:
        rows: Iterable[tuple[str]] = (
            self._database.execute(
                "select record from described where number = ? order by position", (block.number,)
            )
            if block.entries and block.number
            else ()
        )
        return {
            "number": block.number,
            "id": block.id,
            "time_ms": block.time_ms,
            "transactions": [json.loads(row[0]) for row in rows],
        }

    # ── words ────────────────────────────────────────────────────────────────────────────────

    def _described(self, block: LocalBlock, entry: Entry) -> dict[str, Any]:
        try:
            contract: Contract | None = decode(entry.raw_bytes, skip_unknown=True).contract
        except MalformedTransaction:
            contract = None
        receipt = entry.receipt
        record = self._describe(contract, entry.txid) | {
            "block": block.number,
            "time_ms": block.time_ms,
            "success": entry.outcome in (Outcome.SUCCESS, Outcome.DEFAULT),
            "result": entry.outcome.name,
            "burned_sun": receipt.fee,
            "bandwidth_used": receipt.net_usage,
            "energy_total": receipt.energy_total,
            "energy_used": receipt.energy_usage,
            "energy_penalty": receipt.energy_penalty,
        }
        if receipt.energy_usage and contract is not None:
            account = self._chain.account(contract.owner)
            rented = account is not None and account.energy.acquired > 0
            record["energy_source"] = "rented" if rented else "own"
        return record

    def _describe(self, contract: Contract | None, txid: str) -> dict[str, Any]:
        """What a transaction wants, before anyone knows what becomes of it."""
        record: dict[str, Any] = {"txid": txid, "kind": Kind.OTHER, "from": None}
        if contract is None:
            return record
        record["from"] = contract.owner
        if contract.owner in self._pools:
            record["pool"] = self._pools[contract.owner]
        match contract:
            case Transfer(to=to, amount=amount):
                paid = to == self._payment_address
                record |= {"kind": Kind.PAYMENT if paid else Kind.TRX, "to": to, "sun": amount}
            case TriggerSmartContract():
                record |= self._describe_call(contract)
            case DelegateResource(receiver=receiver, balance=balance, resource=resource):
                record |= {"kind": Kind.DELEGATION, "to": receiver, "sun": balance}
                record |= self._energy_of(balance, resource)
            case UnDelegateResource(receiver=receiver, balance=balance, resource=resource):
                record |= {"kind": Kind.RECLAIM, "to": receiver, "sun": balance}
                record |= self._energy_of(balance, resource)
            case FreezeBalanceV2(frozen_balance=balance):
                record |= {"kind": Kind.STAKE, "sun": balance}
            case UnfreezeBalanceV2(unfreeze_balance=balance):
                record |= {"kind": Kind.UNSTAKE, "sun": balance}
            case AccountPermissionUpdate():
                record["kind"] = Kind.PERMISSION
            case _:
                pass
        return record

    def _describe_call(self, call: TriggerSmartContract) -> dict[str, Any]:
        payments = payments_in(call.data) or ()
        if isinstance(self._chain.contract(call.contract), Payout) and len(payments) == 1:
            ((receiver, amount),) = payments
            paid = receiver == self._payment_address
            kind = Kind.PAYMENT if paid else Kind.TRX
            return {"kind": kind, "to": receiver, "sun": amount, "through": call.contract}
        token = self._tokens.get(call.contract)
        if (
            token is None
            or call.data[:4] != _TRANSFER_SELECTOR
            or len(call.data) < _TRANSFER_LENGTH
        ):
            return {"kind": Kind.CONTRACT, "to": call.contract}
        receiver = address_from_bytes(b"\x41" + call.data[16:36])
        units = int.from_bytes(call.data[36:68], "big")
        if call.contract == self._usdt:
            return {"kind": Kind.USDT, "to": receiver, "usdt": units}
        return {
            "kind": Kind.TOKEN,
            "to": receiver,
            "token": token.symbol,
            "amount": in_whole_tokens(units, token.decimals),
        }

    def _energy_of(self, balance: int, resource: Resource) -> dict[str, int]:
        if resource is not Resource.ENERGY:
            return {}
        now = market(self._chain.view, self._chain.parameters, Resource.ENERGY)
        return {"energy": now.units(balance)}


def in_whole_tokens(units: int, decimals: int) -> str:
    """An amount in a token's smallest unit as people write it: 1.5."""
    whole, rest = divmod(units, 10**decimals)
    places = str(rest).rjust(decimals, "0").rstrip("0")
    return f"{whole}.{places}" if places else str(whole)
