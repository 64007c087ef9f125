"""The local TRON network: one chain of blocks with TRON's rules, driven from outside.

Nothing here waits, reads a clock or opens a socket: blocks come when `produce_block` is called, and
the chain's time is that of its blocks. Production by the clock is in `production`, the HTTP
interface in `http_routes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from chain.addresses import Address, address_bytes
from chain.contracts import AccountPermissionUpdate, Contract, Resource
from chain.transactions import Raw, decode_signed, encode_signed, txid
from sandbox.tron.accounts import Account
from sandbox.tron.blocks import (
    BLOCK_VERSION,
    Entry,
    LocalBlock,
    genesis_block,
    tree_root,
)
from sandbox.tron.execution import BuiltIn, Rules, check_contract, execute
from sandbox.tron.genesis import Genesis
from sandbox.tron.journal import KEPT_OVERWRITTEN, Journal
from sandbox.tron.parameters import NODE_EXPIRATION_MS, SLOT_MS, Parameters
from sandbox.tron.payout import Payout
from sandbox.tron.pool import Pool, Waiting, check_admission, read_waiting
from sandbox.tron.refusals import Busy, Code, Duplicate, TransactionRefused
from sandbox.tron.resources import slot_at
from sandbox.tron.state import (
    BURNT,
    ENERGY_WEIGHT,
    Changes,
    Past,
    State,
    Value,
    View,
    energy_factor_key,
)
from sandbox.tron.token import Token

_CLOCK_MS = "clock_ms"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the node says to a broadcast; `message` is empty when it took the transaction."""

    code: Code
    txid: str
    message: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the transaction now waits for a block."""
        return self.code is Code.SUCCESS


class LocalChain:
    """A network with its state, its waiting transactions and its file.

    `path` is the file it lives in; None keeps everything in memory. A file that holds a chain is
    continued, and `genesis` then only gives the rules.
    """

    def __init__(self, genesis: Genesis, path: Path | None = None) -> None:
        self._genesis = genesis
        self._rules = Rules(
            genesis.parameters,
            {contract.address: contract for contract in genesis.contracts},
            genesis.operations,
        )
        self._journal = Journal(path)
        self._values: dict[str, Value] = {}
        self._overwritten: dict[int, Changes] = {}
        self._pool = Pool()
        self._subscribers: list[Callable[[LocalBlock], None]] = []
        self._built = 0
        self._clock_ms = 0
        self._held: tuple[int, View] | None = None
        if self._journal.head_number() is None:
            self._begin()
        else:
            self._continue()

    def close(self) -> None:
        """Closes the file; the chain cannot be used any more."""
        self._journal.close()

    # ── what is ──────────────────────────────────────────────────────────────────────────────

    @property
    def parameters(self) -> Parameters:
        """The network's parameters."""
        return self._genesis.parameters

    @property
    def operations(self) -> bytes:
        """What a new account's active permission allows."""
        return self._rules.operations

    @property
    def rules(self) -> Rules:
        """What does not change from block to block."""
        return self._rules

    @property
    def payouts(self) -> tuple[Payout, ...]:
        """The built-in contracts that pay out TRX."""
        return self._genesis.payouts

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The built-in TRC-20 tokens."""
        return self._genesis.tokens

    @property
    def head(self) -> LocalBlock:
        """The last block."""
        return self._head

    @property
    def solid(self) -> LocalBlock:
        """The last block that cannot be taken back."""
        number = max(0, self._head.number - self._genesis.solid_after)
        return self._required_block(number if self._held is None else min(number, self._held[0]))

    @property
    def solid_is_held(self) -> bool:
        """Whether blocks have stopped becoming solid."""
        return self._held is not None

    @property
    def time_ms(self) -> int:
        """The chain's time: that of the head block, or to where its clock was moved since."""
        return max(self._head.time_ms, self._clock_ms)

    @property
    def next_time_ms(self) -> int:
        """The time that the next block will have."""
        return self.time_ms + SLOT_MS

    @property
    def view(self) -> View:
        """The state with what waits already counted, as a full node shows it."""
        return self._pending

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The transactions that wait for a block."""
        return self._pool.all()

    def view_at(self, number: int) -> View:
        """The state after a block. Raises ValueError for one that is too long ago."""
        oldest = max(0, self._head.number - KEPT_OVERWRITTEN)
        if self._held is not None and number <= self._held[0] and number < oldest:
            return self._held[1]
        if not oldest <= number <= self._head.number:
            raise ValueError(f"the state of block {number} is not kept")
        later = range(number + 1, self._head.number + 1)
        return Past(self._values, tuple(self._overwritten[each] for each in later))

    def block(self, number: int) -> LocalBlock | None:
        """The block with a number, None if there is none."""
        return self._journal.block(number) if number >= 0 else None

    def block_with_id(self, block_id: str) -> LocalBlock | None:
        """The block with an id, None if there is none."""
        number = self._journal.block_number(block_id)
        return None if number is None else self.block(number)

    def entry(self, transaction_id: str) -> tuple[LocalBlock, Entry] | None:
        """A transaction that is in a block, with the block; None if it is in none."""
        return self._journal.entry(transaction_id)

    def waiting_with_id(self, transaction_id: str) -> Waiting | None:
        """A transaction that waits for a block."""
        return self._pool.get(transaction_id)

    def account(self, address: Address) -> Account | None:
        """An account, with what waits already counted; None if it is not activated."""
        return self._pending.account(address)

    def contract(self, address: Address) -> BuiltIn | None:
        """The built-in contract at an address."""
        return self._rules.contracts.get(address)

    def total_sun(self) -> int:
        """All TRX there is: balances, stakes, ended stakes that wait, and what was burnt."""
        held = sum(
            value.balance
            + sum(value.staked(resource) for resource in Resource)
            + sum(entry.amount for entry in value.unfreezing)
            for value in self._values.values()
            if isinstance(value, Account)
        )
        return held + self.burnt_sun

    @property
    def burnt_sun(self) -> int:
        """What fees have taken out of circulation."""
        return View(self._values).number(BURNT)

    # ── what happens ─────────────────────────────────────────────────────────────────────────

    def subscribe(self, callback: Callable[[LocalBlock], None]) -> Callable[[], None]:
        """Calls back with each new block; call what is returned to end that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def broadcast(self, signed: bytes) -> Answer:
        """Takes a signed transaction, or says why not. What was accepted survives a kill.

        Raises `MalformedTransaction` for bytes that are none.
        """
        raw_bytes, signatures = decode_signed(signed)
        return self.submit(raw_bytes, signatures)

    def submit(self, raw_bytes: bytes, signatures: Iterable[bytes]) -> Answer:
        """The same, for the parts of a transaction."""
        try:
            waiting = read_waiting(raw_bytes, tuple(signatures))
            if self._pool.is_full():
                raise Busy
            self._try(waiting, self._pending, self.next_time_ms)
        except TransactionRefused as refusal:
            return Answer(refusal.code, txid(raw_bytes), str(refusal))
        self._journal.add_waiting(
            waiting.txid, encode_signed(waiting.raw_bytes, waiting.signatures)
        )
        self._pool.add(waiting)
        return Answer(Code.SUCCESS, waiting.txid)

    def produce_block(self) -> LocalBlock:
        """Makes the next block from what waits, and tells the subscribers."""
        with self._journal.transaction():
            block = self._produce(self.next_time_ms, self._pool.all())
        self._announce(block)
        return block

    def produce_blocks(self, count: int) -> LocalBlock:
        """Makes some blocks; returns the last. Raises ValueError for less than one."""
        if count < 1:
            raise ValueError(f"cannot make {count} blocks")
        for _ in range(count - 1):
            self.produce_block()
        return self.produce_block()

    def advance_time(self, seconds: float) -> None:
        """Moves the chain's clock forward; the next block bears the later time.

        The slots in between stay empty, as if no producer had been awake. Rules count from the
        head block, as everywhere: make a block for them to take notice.
        """
        if seconds < 0:
            raise ValueError("the chain's clock does not go back")
        slots = -(-int(seconds * 1_000) // SLOT_MS)
        self._clock_ms = self.time_ms + slots * SLOT_MS
        self._journal.set_meta(_CLOCK_MS, str(self._clock_ms))

    def fork(
        self, depth: int, transactions: Literal["wait", "vanish"] = "wait"
    ) -> tuple[LocalBlock, ...]:
        """Replaces the last blocks by as many empty ones; returns the replaced ones, oldest first.

        Their transactions wait again for later blocks, or vanish as if they had never come. Raises
        ValueError for a depth that would replace solid blocks, or more than are remembered.
        """
        if not 1 <= depth <= min(self._head.number - self.solid.number, KEPT_OVERWRITTEN):
            raise ValueError(
                f"cannot replace the last {depth} blocks: some are solid or too long ago"
            )
        replaced: list[LocalBlock] = []
        with self._journal.transaction():
            for _ in range(depth):
                replaced.insert(0, self._take_back())
            again = [
                read_waiting(entry.raw_bytes, entry.signatures)
                for block in replaced
                for entry in block.entries
            ]
            if transactions == "wait":
                self._requeue((*again, *self._pool.all()))
            # One slot later than the blocks they replace: another producer made them.
            fresh = [self._produce(block.time_ms + SLOT_MS, ()) for block in replaced]
        for block in fresh:
            self._announce(block)
        return tuple(replaced)

    def hold_solid(self) -> None:
        """Lets no further block become solid, as when too few producers are awake.

        Blocks still come. It ends with `release_solid`, or with this object: it is not kept.
        """
        if self._held is None:
            solid = self.solid.number
            values: Changes = dict(self._values)
            for number in range(self._head.number, solid, -1):
                values.update(self._overwritten[number])
            self._held = solid, View(values)

    def release_solid(self) -> None:
        """Lets blocks become solid again, at once all that are old enough."""
        self._held = None

    def drop(self, transaction_id: str) -> None:
        """Forgets a waiting transaction, as a node that restarts does; nothing if it waits not.

        What waits and only fits on top of it goes too.
        """
        if transaction_id not in self._pool:
            return
        self._pool.remove(transaction_id)
        with self._journal.transaction():
            self._journal.remove_waiting(transaction_id)
            self._requeue(self._pool.all())

    @property
    def energy_per_trx(self) -> float:
        """What 1 TRX of stake yields now."""
        return self.parameters.total_energy_limit / self._pending.number(ENERGY_WEIGHT)

    def set_energy_per_trx(self, energy: float) -> None:
        """Changes what stakes yield, by changing how much the rest of the network has staked."""
        weight = int(self.parameters.total_energy_limit / energy)
        self._put_at_head(ENERGY_WEIGHT, weight)

    def set_energy_factor(self, contract: Address, factor: int) -> None:
        """Makes calls of a built-in contract dearer by a factor in ten-thousandths.

        The network does so to busy contracts at its maintenance, with 34,000 at most.
        """
        self._put_at_head(energy_factor_key(contract), factor)

    def build(
        self,
        contract: Contract,
        *,
        memo: bytes = b"",
        fee_limit: int = 0,
        permission_id: int = 0,
        check: bool = True,
    ) -> Raw:
        """An unsigned transaction, as the node builds it. Raises `InvalidContract`."""
        if check:
            check_contract(self._pending, self._rules, contract, self._head.time_ms)
        # The node takes the machine's clock; here only the chain's counts, and ids must differ.
        self._built += 1
        reference = bytes.fromhex(self.solid.id)
        return Raw(
            contract,
            reference[6:8],
            reference[8:16],
            self.time_ms + NODE_EXPIRATION_MS,
            self.time_ms + self._built % SLOT_MS,
            memo,
            fee_limit,
            permission_id,
        )

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _begin(self) -> None:
        genesis = self._genesis
        state = State({})
        genesis.fill(state)
        balances = [
            (each.address, each.balance + each.energy_stake + each.bandwidth_stake)
            for each in genesis.accounts
        ]
        with self._journal.transaction():
            self._head = genesis_block(balances)
            self._accept(self._head, state.changes)
            self._pending = State(self._values)
            first_ms = slot_at(genesis.start_ms) * SLOT_MS - (genesis.start_blocks - 1) * SLOT_MS
            for place in range(genesis.start_blocks):
                self._produce(first_ms + place * SLOT_MS, ())

    def _continue(self) -> None:
        number = self._journal.head_number()
        self._head = self._required_block(number or 0)
        self._values = self._journal.values()
        self._overwritten = self._journal.overwritten()
        self._clock_ms = int(self._journal.meta(_CLOCK_MS) or 0)
        self._pending = State(self._values)
        waiting = [read_waiting(*decode_signed(signed)) for signed in self._journal.waiting()]
        with self._journal.transaction():
            self._requeue(waiting)

    def _required_block(self, number: int) -> LocalBlock:
        block = self.block(number)
        if block is None:
            raise LookupError(f"block {number} is not in the journal")
        return block

    def _try(self, waiting: Waiting, onto: State, next_time_ms: int) -> Entry:
        """Carries a transaction out on top of a layer, or raises `TransactionRefused`."""
        layer = State(onto)
        check_admission(
            layer,
            self._rules,
            waiting,
            head=self._head,
            next_time_ms=next_time_ms,
            block_at=self.block,
        )
        if self._journal.entry(waiting.txid) is not None:
            raise Duplicate
        if onto is self._pending and waiting.txid in self._pool:
            raise Duplicate
        receipt = execute(
            layer,
            self._rules,
            waiting.raw,
            waiting.raw_bytes,
            waiting.signatures,
            now_ms=self._head.time_ms,
        )
        for key, value in layer.changes.items():
            if isinstance(value, Account) and not value.written and onto.get(key) is not None:
                layer.changes[key] = replace(value, written=True)
        onto.keep(layer)
        return Entry(waiting.raw_bytes, waiting.signatures, receipt.outcome, receipt)

    def _produce(self, time_ms: int, candidates: Iterable[Waiting]) -> LocalBlock:
        layer = State(self._values)
        entries: list[Entry] = []
        changed_permissions: set[Address] = set()
        for waiting in candidates:
            owner = waiting.raw.contract.owner
            if owner in changed_permissions:
                # The network leaves these for the next block.
                continue
            try:
                entries.append(self._try(waiting, layer, time_ms))
            except TransactionRefused:
                self._journal.remove_waiting(waiting.txid)
            else:
                if isinstance(waiting.raw.contract, AccountPermissionUpdate):
                    changed_permissions.add(owner)
            self._pool.remove(waiting.txid)
        witnesses = self._genesis.witnesses
        key = witnesses[slot_at(time_ms) % len(witnesses)]
        block = LocalBlock(
            self._head.number + 1,
            time_ms,
            self._head.id,
            address_bytes(key.address),
            BLOCK_VERSION,
            tree_root(entries),
            b"",
            tuple(entries),
        )
        block = replace(block, signature=key.sign(block.header))
        self._accept(block, layer.changes)
        self._requeue(self._pool.all())
        return block

    def _accept(self, block: LocalBlock, changes: Changes) -> None:
        found: Changes = {key: self._values.get(key) for key in changes}
        self._journal.add_block(block, changes, found)
        self._overwritten[block.number] = found
        self._overwritten.pop(block.number - KEPT_OVERWRITTEN, None)
        self._apply(changes)
        self._head = block

    def _take_back(self) -> LocalBlock:
        block = self._head
        found = self._overwritten.pop(block.number)
        self._journal.remove_block(block, found)
        self._apply(found)
        self._head = self._required_block(block.number - 1)
        return block

    def _apply(self, changes: Changes) -> None:
        for key, value in changes.items():
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value

    def _requeue(self, candidates: Iterable[Waiting]) -> None:
        """Tries what waits on the head's state again; what does not fit any more is dropped."""
        candidates = tuple(candidates)
        self._pool.clear()
        self._pending = State(self._values)
        for waiting in candidates:
            self._journal.remove_waiting(waiting.txid)
            try:
                self._try(waiting, self._pending, self.next_time_ms)
            except TransactionRefused:
                continue
            self._pool.add(waiting)
            self._journal.add_waiting(
                waiting.txid, encode_signed(waiting.raw_bytes, waiting.signatures)
            )

    def _put_at_head(self, key: str, value: int) -> None:
        # Kept as something the head block had done, so that the past stays as it was.
        found = self._overwritten[self._head.number]
        found.setdefault(key, self._values.get(key))
        self._values[key] = value
        with self._journal.transaction():
            self._journal.put_values({key: value})
            self._journal.put_overwritten(self._head.number, found)
            self._requeue(self._pool.all())

    def _announce(self, block: LocalBlock) -> None:
        for callback in tuple(self._subscribers):
            callback(block)
