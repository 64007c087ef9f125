"""What our addresses have on chain, against the books; and the cause, where it differs.

A balance is compared as of one solid block exactly: it is read between two equal answers about
which block is solid, and the books are summed up to that block. So nothing in flight can disturb
the comparison, and no difference is too small to count.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from chain.accounts import Account
from chain.addresses import Address
from chain.blocks import Block, BlockRef, TrxTransfer
from chain.internal_transfers import InternalTransfer
from chain.node import NodeClient
from db.audit import AddressBooksRow, OwnerActRow, UnbookedRow
from db.database import Database, Transaction
from services import ledger
from services.audit_blocks import BlockReading
from services.audit_report import Check, Difference
from services.chain_time import SCANNER
from services.payments import OurAddresses, Payments

_TRIES = 5
_LOOKS = 3
# A block comes every three seconds: who looks again sees what the node has read since.
_PAUSE_SECONDS = 4.0
_MOST_SUSPECTS = 50
# They never move TRX of the account, except for the fee, which is booked.
_HARMLESS = frozenset(
    {
        "DelegateResourceContract",
        "UnDelegateResourceContract",
        "AccountPermissionUpdateContract",
        "VoteWitnessContract",
        "TransferContract",
        "TransferAssetContract",
    }
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moment:
    """Accounts as they are exactly after the solid block."""

    solid: BlockRef
    accounts: Mapping[Address, Account | None]

    def balance_sun(self, address: Address) -> int:
        account = self.accounts[address]
        return 0 if account is None else account.balance_sun


async def read_moment(node: NodeClient, addresses: Collection[Address]) -> Moment | None:
    """The accounts as of one solid block; None if the chain never stood still long enough.

    Raises:
        ChainError: no node could answer.
    """
    before = await node.solid_head()
    for _ in range(_TRIES):
        accounts = {address: await node.account(address, solid=True) for address in addresses}
        after = await node.solid_head()
        if after == before:
            return Moment(after, accounts)
        before = after
    return None


async def pause() -> None:
    """Before the second look at what differs."""
    await asyncio.sleep(_PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class Search:
    """How far the cause of a difference was looked for.

    `block` is where the balance was right last, `read_to` how far blocks were read again since,
    `contracts_to` how far contracts were asked about, `suspects` the blocks that differ.
    """

    block: int
    read_to: int = 0
    contracts_to: int = 0
    suspects: tuple[int, ...] = ()

    def continued(self) -> Search:
        """From where it was right, if nothing was read since."""
        return replace(
            self,
            read_to=max(self.read_to, self.block),
            contracts_to=max(self.contracts_to, self.block),
        )


@dataclass(frozen=True, slots=True)
class SearchBounds:
    """How much one run may read for the sake of a cause. None: all."""

    blocks: int | None = 400
    contract_blocks: int | None = 300


@dataclass(slots=True)
class BalancesChecked:
    """What came of it; `right` are the addresses whose balance is what the books say."""

    differences: list[Difference] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    right: list[Address] = field(default_factory=list)


def expected_sun(
    books: AddressBooksRow, unbooked: Iterable[UnbookedRow], fees: Mapping[str, int]
) -> int:
    """What an address has if the books are true: what is booked and seen, less what left it."""
    left = sum(
        row.sent_sun + (fees[row.txid] if row.fee_unread else 0)
        for row in unbooked
        if row.owner == books.address
    )
    return books.booked_sun + books.seen_sun - left


def explained_sun(differences: Iterable[Difference], address: Address) -> int:
    """How much more than in the books an address has because of differences in blocks."""
    return -sum(each.off_sun for each in differences if each.address == address)


def strange_acts(acts: Iterable[OwnerActRow], up_to_block: int) -> tuple[Difference, ...]:
    """What an owner did that moves TRX, and is no transfer that could be booked."""
    return tuple(
        Difference(
            check=Check.BALANCES,
            what=f"its owner made a {act.kind}, which moves TRX and is no transfer",
            txid=act.txid,
            block=act.block_number,
            address=act.owner,
            mend="Do such things from an address that is not the shop's.",
        )
        for act in acts
        if act.amount_sun is None and act.kind not in _HARMLESS and act.block_number <= up_to_block
    )


def state_key(address: str) -> str:
    """Under which value the audit of an address is remembered."""
    return f"audit.address.{address}"


@dataclass(frozen=True, slots=True)
class _Look:
    """How much more than in the books some addresses have, and how far each was right."""

    off: Mapping[Address, int]
    states: Mapping[Address, Search | None]


class Balances:
    """Compares the balances of payment addresses and of the refund wallet with the books."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        *,
        payments: Payments,
        blocks: BlockReading,
        ours: OurAddresses,
    ) -> None:
        self._node = node
        self._database = database
        self._payments = payments
        self._blocks = blocks
        self._ours = ours

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Whose balances the books know. A pool's owner stakes and unstakes there as they like."""
        return tuple(sorted((self._ours.payment | self._ours.wallet) - self._ours.pools))

    async def check(
        self,
        moment: Moment,
        first_block: int,
        *,
        read_only: bool,
        bounds: SearchBounds,
        ledger_is_true: bool,
    ) -> BalancesChecked:
        """Compare them all; open the books of those that are new.

        Raises:
            ChainError: no node could answer.
        """
        checked = BalancesChecked()
        moment, look = await self._look_again(moment)
        if look is None:
            checked.unproved.append("the nodes do not agree with themselves, or lag behind")
            return checked
        number = moment.solid.number
        opening: dict[Address, int] = {}
        for address in self.addresses:
            state, off_sun = look.states[address], look.off.get(address, 0)
            if state is None and number < first_block - 1:
                checked.unproved.append(
                    f"{address}: its books begin when block {first_block - 1} is solid"
                )
            elif state is None:
                opening[address] = off_sun
            elif off_sun == 0 or await self._mend(
                address, off_sun, moment, state.continued(), checked,
                read_only=read_only, bounds=bounds, ledger_is_true=ledger_is_true,
            ):  # fmt: skip
                checked.right.append(address)
        if not read_only:
            await self._remember(moment.solid, opening, checked)
        elif opening:
            checked.unproved += [
                f"{address}: its books are not open yet; audit once without --read-only"
                for address in opening
            ]
        return checked

    async def _look_again(self, moment: Moment) -> tuple[Moment, _Look | None]:
        """What differs in the same way at several looks; None if it does not.

        Also the funds that books begin with are looked at so often.
        """
        look = await self._look(moment)
        for _ in range(_LOOKS - 1):
            if look is None or not look.off:
                break
            await pause()
            later = await read_moment(self._node, self.addresses)
            second = None if later is None else await self._look(later)
            if later is None or second is None or (second.off and second.off != look.off):
                return moment, None
            moment, look = later, second
        return moment, look

    async def _look(self, moment: Moment) -> _Look | None:
        """What differs at a moment; None if the nodes or the scanner are behind it."""
        number = moment.solid.number
        async with self._database.transaction(frozen=True) as tx:
            if not await tx.scanning.remembers(SCANNER, number, moment.solid.id):
                return None
            books = await tx.audit.at_addresses(self.addresses, number)
            unbooked = await tx.audit.unbooked(self.addresses, number)
            states = {address: await _state(tx, address) for address in self.addresses}
        fees = await self._fees(unbooked)
        if fees is None or any(state and number < state.block for state in states.values()):
            return None
        off = {
            Address(row.address): moment.balance_sun(Address(row.address))
            - expected_sun(row, unbooked, fees)
            for row in books
        }
        return _Look({address: sun for address, sun in off.items() if sun}, states)

    async def _fees(self, unbooked: Sequence[UnbookedRow]) -> dict[str, int] | None:
        fees: dict[str, int] = {}
        for row in unbooked:
            if row.fee_unread:
                info = await self._node.transaction_info(row.txid, solid=True)
                if info is None:
                    return None
                fees[row.txid] = info.fee_sun
        return fees

    async def _remember(
        self, solid: BlockRef, opening: Mapping[Address, int], checked: BalancesChecked
    ) -> None:
        async with self._database.transaction() as tx:
            await tx.audit.lock()
            for address in checked.right:
                state = await _state(tx, address)
                if state is None or state.block <= solid.number:
                    await _put_state(tx, address, Search(solid.number))
            new = {each: sun for each, sun in opening.items() if await _state(tx, each) is None}
            if not new:
                return
            await tx.ledger.book(
                ledger.opened(new),
                event="opening",
                # As of this block: what is opened together is told apart from what is opened later.
                txid=solid.id,
                block_number=solid.number,
            )
            for address, sun in new.items():
                await _put_state(tx, address, Search(solid.number))
                checked.right.append(address)
                log.info("the books of %s begin with %s sun of the owner's", address, sun)

    # ── the cause ────────────────────────────────────────────────────────────────────────────

    async def _mend(
        self,
        address: Address,
        off_sun: int,
        moment: Moment,
        search: Search,
        checked: BalancesChecked,
        *,
        read_only: bool,
        bounds: SearchBounds,
        ledger_is_true: bool,
    ) -> bool:
        """Look for the cause of a difference; whether the books are right now."""
        last = moment.solid.number
        search, causes = await self._search_blocks(search, last, bounds)
        unexplained = off_sun - explained_sun(causes, address)
        if unexplained and ledger_is_true:
            end = _bounded(search.contracts_to, last, bounds.contract_blocks)
            for number in range(search.contracts_to + 1, end + 1):
                for moved in await self._node.internal_transfers(number):
                    if moved.receiver == address and not await self._is_recorded(moved):
                        unexplained -= moved.amount_sun
                        if read_only:
                            causes.append(_by_contract(moved, number))
                        elif await self._record(moved, number):
                            off_sun -= moved.amount_sun
                            checked.mended.append(moved.txid)
                if not unexplained:
                    break
                search = replace(search, contracts_to=number)
        if off_sun == 0:
            checked.differences += causes
            return True
        async with self._database.transaction() as tx:
            acts = await tx.audit.owner_acts([address], search.block)
            if not read_only:
                await tx.audit.lock()
                await _put_state(tx, address, search)
        incomplete = min(search.read_to, search.contracts_to) < last and unexplained
        checked.differences += [
            _differs(moment, address, off_sun, search.block, incomplete=bool(incomplete)),
            *causes,
            *strange_acts(acts, last),
        ]
        return False

    async def _search_blocks(
        self, search: Search, last: int, bounds: SearchBounds
    ) -> tuple[Search, list[Difference]]:
        causes: list[Difference] = []
        for number in search.suspects:
            causes += (await self._blocks.read(number, number)).differences
        end = _bounded(search.read_to, last, bounds.blocks)
        if end > search.read_to:
            read = await self._blocks.read(search.read_to + 1, end)
            causes += read.differences
            search = replace(search, read_to=read.last)
        numbers = {each.block for each in causes if each.block is not None}
        # A payment that is recorded in a wrong block differs in two; read what was read before.
        suspects = sorted(number for number in numbers if search.block < number <= last)
        return replace(search, suspects=tuple(suspects[:_MOST_SUSPECTS])), causes

    async def _is_recorded(self, moved: InternalTransfer) -> bool:
        async with self._database.transaction() as tx:
            rows = await tx.audit.payments_by_txid([moved.txid])
        return any(row.position == moved.position for row in rows)

    async def _record(self, moved: InternalTransfer, number: int) -> bool:
        """A contract paid: record it as the scanner would have."""
        blocks = await self._node.blocks(number, number)
        transfer = _transfer(moved, blocks[0]) if blocks else None
        if transfer is None:
            return False
        async with self._database.transaction() as tx:
            await tx.scanning.lock_cursor(SCANNER)
            if await tx.payments.find(moved.txid, moved.position) is not None:
                return False
            await self._payments.record(
                tx, transfer, to_payment_address=moved.receiver in self._ours.payment
            )
        log.warning("a contract paid %s sun by %s", moved.amount_sun, moved.txid)
        return True


def _transfer(moved: InternalTransfer, block: Block) -> TrxTransfer | None:
    for transaction in block.transactions:
        if transaction.txid == moved.txid:
            # Of a solid block: it can never leave the chain, whatever its expiration was.
            return TrxTransfer(
                moved.txid,
                moved.position,
                moved.sender,
                moved.receiver,
                moved.amount_sun,
                block.ref,
                b"",
                block.ref.time,
            )
    return None


def _bounded(done: int, last: int, most: int | None) -> int:
    return last if most is None else min(last, done + most)


def _by_contract(moved: InternalTransfer, number: int) -> Difference:
    return Difference(
        check=Check.BALANCES,
        what="a contract paid, and it is not recorded",
        txid=moved.txid,
        block=number,
        address=moved.receiver,
        expected=moved.amount_sun,
        found=0,
        mend="Audit without --read-only: it is recorded then, as its customer's money.",
    )


def _differs(
    moment: Moment, address: Address, off_sun: int, since: int, *, incomplete: bool
) -> Difference:
    found = moment.balance_sun(address)
    return Difference(
        check=Check.BALANCES,
        what="an address has another balance on chain than in the books",
        address=address,
        expected=found - off_sun,
        found=found,
        mend=f"It was right at block {since}."
        + (" The search for the cause goes on with the next run." if incomplete else ""),
    )


async def _state(tx: Transaction, address: Address) -> Search | None:
    value = await tx.values.get(state_key(address))
    if value is None:
        return None
    return Search(value["block"], value["read_to"], value["contracts_to"], tuple(value["suspects"]))


async def _put_state(tx: Transaction, address: Address, search: Search) -> None:
    await tx.values.put(state_key(address), asdict(search))
