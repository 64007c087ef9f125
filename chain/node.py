"""The client of TRON nodes: typed answers from whichever node is well, or an error that says why.

Several nodes may be given, the preferred one first. What one cannot answer another is asked; each
is asked no faster than allowed, and rested when it fails (`chain.endpoints`). Every answer is
checked before anyone sees it: one that is cut short or contradicts itself counts as the node's
failure, and is never read as zero or as nothing.

What a node says is its own word. Only the ids of transactions can be checked, against the bytes
they come with; a node that names a wrong one is passed over.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from functools import cache, partial
from time import monotonic
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import aiohttp
import certifi

from chain import answers
from chain.abi import (
    BALANCE_OF,
    DECIMALS,
    IS_BLACKLISTED,
    SYMBOL,
    TRANSFER,
    address_parameter,
    read_number,
    read_text,
    transfer_parameter,
)
from chain.accounts import (
    Account,
    DelegatedStake,
    Resources,
    parse_account,
    parse_delegatable,
    parse_delegated_energy,
    parse_receivers,
    parse_resources,
)
from chain.addresses import Address
from chain.block_json import parse_block, parse_block_ref, parse_blocks
from chain.blocks import ID_LENGTH, Block, BlockRef
from chain.broadcasting import BroadcastOutcome, read_verdict
from chain.contracts import DelegateResource, Resource
from chain.dry_runs import read_dry_run
from chain.endpoints import Endpoint, EndpointHealth, Line, NoAnswer, Pace
from chain.errors import ChainError, MalformedAnswer, OutcomeUnknown, Refused, Unavailable
from chain.internal_transfers import InternalTransfer, parse_internal_transfers
from chain.receipts import (
    ChainParameters,
    ConstantCall,
    TransactionInfo,
    parse_chain_parameters,
    parse_constant_call,
    parse_transaction_info,
)
from chain.transactions import encode_signed, txid

__all__ = ["BroadcastOutcome", "Endpoint", "EndpointHealth", "NodeCall", "NodeClient"]

T = TypeVar("T")

MOST_BLOCKS_PER_REQUEST = 100
"""The network's own limit for ``getblockbylimitnext``."""

_CONNECT_SHARE = 0.5
_TRIES_TO_READ = 2
_WORD_BYTES = 32
_MOST_DECIMALS = 77
"""A larger power of ten fits into no amount of a token."""


CallOutcome = Literal["answered", "refused", "lagging", "malformed", "no_answer", "unavailable"]


@dataclass(frozen=True, slots=True)
class NodeCall:
    """One request to a node, over; `node` is its place among the endpoints, from 0.

    `refused`: the network would not do it; `unavailable`: the node certainly did nothing.
    """

    node: int
    method: str
    outcome: CallOutcome
    seconds: float


class NodeClient:
    """Asks TRON nodes. Use as an async context manager, inside the event loop it serves.

    `requests_per_second` holds for each endpoint, `timeout` (seconds) for each request. A call
    waits up to `patience` seconds for a rested node before it gives up. A node more than
    `lag_blocks` behind the newest block seen is passed over while another is not.
    `blocks_per_request` bounds the size of an answer when many blocks are read. `observe` is told
    of every request, waiting for its turn included.

    Every method raises `Unavailable` when no node could answer.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        requests_per_second: float = 10.0,
        timeout: float = 10.0,
        patience: float = 1.0,
        lag_blocks: int = 20,
        blocks_per_request: int = 20,
        observe: Callable[[NodeCall], None] | None = None,
    ) -> None:
        if not endpoints:
            raise ValueError("no node to ask")
        if not 1 <= blocks_per_request <= MOST_BLOCKS_PER_REQUEST:
            raise ValueError(f"{blocks_per_request} blocks per request")
        self._full: list[Line] = []
        self._solidity: list[Line] = []
        self._places: dict[Line, int] = {}
        for place, endpoint in enumerate(endpoints):
            pace = Pace(requests_per_second)
            solidity_url = endpoint.solidity_url or endpoint.url
            self._full.append(Line(endpoint.url, endpoint.api_key, pace, timeout))
            self._solidity.append(Line(solidity_url, endpoint.api_key, pace, timeout))
            self._places |= {self._full[-1]: place, self._solidity[-1]: place}
        self._observe = observe
        self._timeout = timeout
        self._patience = patience
        self._lag_blocks = lag_blocks
        self._blocks_per_request = blocks_per_request
        self._newest_head = 0
        self._newest_solid = 0
        self._open = AsyncExitStack()
        self._client: aiohttp.ClientSession | None = None
        self._local_client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # As most clients do: the operator may have an authority of their own.
        trust = _trust(os.environ.get("SSL_CERT_FILE") or certifi.where())
        self._client = await self._open.enter_async_context(self._session(trust, trust_env=True))
        self._local_client = await self._open.enter_async_context(
            self._session(trust, trust_env=False)
        )
        return self

    def _session(self, trust: ssl.SSLContext, *, trust_env: bool) -> aiohttp.ClientSession:
        """Connections that are kept; proxies that the environment names only with `trust_env`."""
        return aiohttp.ClientSession(
            # `Pace` says how much is asked at a time.
            connector=aiohttp.TCPConnector(limit=0, ssl=trust),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._timeout * _CONNECT_SHARE, sock_read=self._timeout
            ),
            headers={"User-Agent": "energy-flash"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=trust_env,
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client = self._local_client = None
        await self._open.aclose()

    @property
    def health(self) -> tuple[EndpointHealth, ...]:
        """How each endpoint has been doing: first for ``/wallet``, then for ``/walletsolidity``."""
        return tuple(line.health for line in (*self._full, *self._solidity))

    async def head(self) -> Block:
        """The newest block. It may still be replaced; a solid one may not."""
        block = await self._ask(
            self._full,
            "wallet/getnowblock",
            {},
            parse_block,
            number=lambda block: block.ref.number,
            newest=self._newest_head,
            of_bytes=True,
        )
        self._newest_head = self._newer(self._newest_head, block.ref.number)
        return block

    async def solid_head(self) -> BlockRef:
        """The newest block that cannot be replaced any more."""
        ref = await self._ask(
            self._solidity,
            "walletsolidity/getnowblock",
            {},
            parse_block_ref,
            number=lambda ref: ref.number,
            newest=self._newest_solid,
            of_bytes=True,
        )
        self._newest_solid = self._newer(self._newest_solid, ref.number)
        return ref

    async def blocks(self, first: int, last_inclusive: int) -> tuple[Block, ...]:
        """The blocks from `first` on, each the parent of the next.

        There are fewer than asked for if the chain is not that long yet, or if it forked between
        two requests: then ask again from where the blocks end.
        """
        if first < 0:
            raise ValueError(f"there is no block {first}")
        blocks: list[Block] = []
        while first <= last_inclusive:
            end = min(first + self._blocks_per_request, last_inclusive + 1)
            batch = await self._ask(
                self._full,
                "wallet/getblockbylimitnext",
                {"startNum": first, "endNum": end},
                partial(parse_blocks, first=first, end=end),
                of_bytes=True,
            )
            if blocks and batch and batch[0].parent_id != blocks[-1].ref.id:
                break
            blocks += batch
            if len(batch) < end - first:
                break
            first = end
        return tuple(blocks)

    async def internal_transfers(
        self, block_number: int, *, solid: bool = True, transactions: int | None = None
    ) -> tuple[InternalTransfer, ...]:
        """The TRX that contracts moved in a block, in its order; nothing else tells of them.

        None are told by nodes that do not keep internal transactions, nor of a block that the node
        has not got yet. Give the number of the block's `transactions`, which it has infos of, and
        a node that has not got it will not do.
        """
        if block_number < 1:
            raise ValueError(f"nothing is told of block {block_number}")
        return await self._ask(
            self._solidity if solid else self._full,
            f"wallet{'solidity' if solid else ''}/gettransactioninfobyblocknum",
            {"num": block_number},
            partial(parse_internal_transfers, block_number=block_number, transactions=transactions),
            of_bytes=True,
        )

    async def account(self, address: Address, *, solid: bool = False) -> Account | None:
        """An account as of the newest block (or solid block), None if it is not activated."""
        return await self._ask(
            self._solidity if solid else self._full,
            f"wallet{'solidity' if solid else ''}/getaccount",
            {"address": address, "visible": True},
            lambda answer: parse_account(answers.mapping(answer, "account"), address),
        )

    async def resources(self, address: Address) -> Resources | None:
        """An account's energy and bandwidth, None if it is not activated."""
        return await self._ask(
            self._full,
            "wallet/getaccountresource",
            {"address": address, "visible": True},
            lambda answer: parse_resources(answers.mapping(answer, "resources")),
        )

    async def delegatable_energy_stake(self, owner: Address) -> int:
        """The stake, in sun, that `owner` can delegate for energy now; 0 below 1 TRX.

        It is less than the free stake while energy that came back used is recovering.
        """
        return await self._ask(
            self._full,
            "wallet/getcandelegatedmaxsize",
            {"owner_address": owner, "type": Resource.ENERGY.value, "visible": True},
            lambda answer: parse_delegatable(answers.mapping(answer, "delegatable stake")),
        )

    async def delegated_energy_stake(
        self, owner: Address, receiver: Address, *, solid: bool = False
    ) -> tuple[DelegatedStake, ...]:
        """What `owner` lends to `receiver` for energy: up to two records, unlocked and locked."""
        return await self._ask(
            self._solidity if solid else self._full,
            f"wallet{'solidity' if solid else ''}/getdelegatedresourcev2",
            {"fromAddress": owner, "toAddress": receiver, "visible": True},
            lambda answer: parse_delegated_energy(
                answers.mapping(answer, "delegations"), owner, receiver
            ),
        )

    async def receivers_of(self, owner: Address, *, solid: bool = False) -> tuple[Address, ...]:
        """Those whom `owner` lends stake to, be it for energy or for bandwidth."""
        return await self._ask(
            self._solidity if solid else self._full,
            f"wallet{'solidity' if solid else ''}/getdelegatedresourceaccountindexv2",
            {"value": owner, "visible": True},
            lambda answer: parse_receivers(answers.mapping(answer, "index"), owner),
        )

    async def try_delegation(self, wanted: DelegateResource) -> None:
        """Let a node validate a delegation without making it; what it builds is thrown away.

        Raises `Refused` if the network would not take it as things stand.
        """
        await self._ask(
            self._full,
            "wallet/delegateresource",
            {
                "owner_address": wanted.owner,
                "receiver_address": wanted.receiver,
                "balance": wanted.balance,
                "resource": wanted.resource.name,
                "visible": True,
            },
            read_dry_run,
            of_bytes=True,
        )

    async def transaction_info(self, txid: str, *, solid: bool = False) -> TransactionInfo | None:
        """What became of a transaction; None while no block has it, or no solid one if `solid`."""
        if len(txid) != ID_LENGTH or not answers.is_hex(txid):
            raise ValueError(f"{txid!r} is no transaction id")
        return await self._ask(
            self._solidity if solid else self._full,
            f"wallet{'solidity' if solid else ''}/gettransactioninfobyid",
            {"value": txid},
            lambda answer: parse_transaction_info(
                answers.mapping(answer, "transaction info"), txid
            ),
        )

    async def constant_call(
        self, owner: Address, contract: Address, function_selector: str, parameter_hex: str
    ) -> ConstantCall:
        """Let a node run a contract's function as `owner` would call it, and change nothing.

        Raises `Refused` if there is no such contract.
        """
        return await self._ask(
            self._full,
            "wallet/triggerconstantcontract",
            {
                "owner_address": owner,
                "contract_address": contract,
                "function_selector": function_selector,
                "parameter": parameter_hex,
                "visible": True,
            },
            lambda answer: parse_constant_call(answers.mapping(answer, "constant call")),
        )

    async def token_balance(self, token_contract: Address, holder: Address) -> int:
        """What `holder` has of a TRC-20 token, in the token's smallest units.

        Raises `Refused` if the contract does not know balances.
        """
        call = await self.constant_call(
            holder, token_contract, BALANCE_OF, address_parameter(holder).hex()
        )
        if call.reverted:
            raise Refused("REVERT", call.message)
        if len(call.result) != _WORD_BYTES:
            raise MalformedAnswer(f"a balance of {len(call.result)} bytes")
        return int.from_bytes(call.result, "big")

    async def transfer_energy(
        self, token_contract: Address, sender: Address, receiver: Address, amount: int
    ) -> ConstantCall:
        """What a token transfer would cost now. It reverts if `sender` has not got the `amount`."""
        parameter = transfer_parameter(receiver, amount).hex()
        return await self.constant_call(sender, token_contract, TRANSFER, parameter)

    async def token_symbol(self, token_contract: Address) -> str:
        """What a TRC-20 token calls itself: anything, other tokens' names included.

        Raises `Refused` if it is no contract or has no symbol.
        """
        call = await self.constant_call(token_contract, token_contract, SYMBOL, "")
        symbol = None if call.reverted else read_text(call.result)
        if symbol is None:
            raise Refused("REVERT", call.message or "the contract has no symbol")
        return symbol

    async def token_decimals(self, token_contract: Address) -> int:
        """How many digits of a TRC-20 token's amounts stand behind the point.

        Raises `Refused` if it is no contract or does not say.
        """
        call = await self.constant_call(token_contract, token_contract, DECIMALS, "")
        decimals = None if call.reverted else read_number(call.result)
        if decimals is None or decimals > _MOST_DECIMALS:
            raise Refused("REVERT", call.message or "the contract has no decimals")
        return decimals

    async def is_blacklisted(self, token_contract: Address, holder: Address) -> bool | None:
        """Whether the token's issuer has frozen what `holder` has; None if it freezes nobody."""
        call = await self.constant_call(
            holder, token_contract, IS_BLACKLISTED, address_parameter(holder).hex()
        )
        answer = None if call.reverted else read_number(call.result)
        return None if answer is None else answer != 0

    async def chain_parameters(self) -> ChainParameters:
        """What the network charges."""
        return await self._ask(
            self._full,
            "wallet/getchainparameters",
            {},
            lambda answer: parse_chain_parameters(answers.mapping(answer, "parameters")),
        )

    async def broadcast(self, raw_bytes: bytes, signature: bytes) -> BroadcastOutcome:
        """Send a transaction, by exactly these bytes, until a node takes it.

        The same bytes are one transaction however often and to whichever node they are sent, so
        another node is tried after any failure, and after a refusal too: a node that lags refuses
        what others accept.

        Raises `Refused` if no node took it and one said it never would, `Unavailable` if certainly
        none took it, `OutcomeUnknown` if one may have. All of them speak of this sending only: a
        transaction sent before may be in a block all the same (and is then refused as expired once
        its time is over). What became of it only the solid chain knows.
        """
        transaction_id = txid(raw_bytes)
        body = {"transaction": encode_signed(raw_bytes, [signature]).hex()}
        unknown: list[str] = []
        unavailable: list[str] = []
        refusal: Refused | None = None
        async with aclosing(self._lines_to_try(self._full, tries=1)) as lines:
            async for line in lines:
                called = self._called(line, "wallet/broadcasthex")
                try:
                    answer = line.read(
                        await line.post(self._http(line), "wallet/broadcasthex", body)
                    )
                    outcome = read_verdict(answers.mapping(answer, "verdict"), transaction_id)
                except Refused as error:
                    called("refused")
                    line.recovered()
                    refusal = refusal or error
                except MalformedAnswer as error:
                    called("malformed")
                    line.rest(str(error))
                    unknown.append(f"{line.name}: {error}")
                except (OutcomeUnknown, NoAnswer) as error:
                    called("no_answer")
                    unknown.append(f"{line.name}: {error}")
                except Unavailable as error:
                    called("unavailable")
                    unavailable.append(f"{line.name}: {error}")
                else:
                    called("answered")
                    line.recovered()
                    return outcome
        if unknown:
            raise OutcomeUnknown(f"transaction {transaction_id}: {'; '.join(unknown)}")
        if refusal is not None:
            raise refusal
        raise self._unavailable(self._full, unavailable)

    def _called(self, line: Line, path: str) -> Callable[[CallOutcome], None]:
        """To be told what came of a call that begins now."""
        began = monotonic()

        def over(outcome: CallOutcome) -> None:
            if self._observe is not None:
                method = path.rpartition("/")[2]
                self._observe(NodeCall(self._places[line], method, outcome, monotonic() - began))

        return over

    def _http(self, line: Line) -> aiohttp.ClientSession:
        client = self._local_client if line.local else self._client
        if client is None:
            raise RuntimeError("the node client is used outside its `async with`")
        return client

    async def _ask(
        self,
        lines: Sequence[Line],
        path: str,
        body: dict[str, Any],
        parse: Callable[[Any], T],
        *,
        number: Callable[[T], int] | None = None,
        newest: int = 0,
        of_bytes: bool = False,
    ) -> T:
        """The first good answer. One whose block `number` lags behind `newest` is the last resort.

        What is parsed is the answer's JSON or, if it is large, its bytes: `of_bytes`, and in a
        thread, so that nothing else has to wait for it.
        """
        failures: list[str] = []
        malformed = True
        lagging: list[T] = []
        async with aclosing(self._lines_to_try(lines, tries=_TRIES_TO_READ)) as candidates:
            async for line in candidates:
                called = self._called(line, path)
                try:
                    content = await line.post(self._http(line), path, body)
                    if of_bytes:
                        value = await asyncio.to_thread(_read_bytes, line, content, parse)
                    else:
                        value = _read(line, content, parse)
                except MalformedAnswer as error:
                    called("malformed")
                    line.rest(str(error))
                    failures.append(f"{line.name}: {error}")
                    continue
                except Unavailable as error:
                    called("no_answer" if isinstance(error, NoAnswer) else "unavailable")
                    malformed = False
                    failures.append(f"{line.name}: {error}")
                    continue
                except ChainError:
                    called("refused")
                    line.recovered()
                    raise
                behind = newest - number(value) if number else 0
                if behind > self._lag_blocks and len(lines) > 1:
                    called("lagging")
                    line.rest(f"{behind} blocks behind")
                    lagging.append(value)
                    continue
                called("answered")
                line.recovered()
                return value
        if lagging and number:
            return max(lagging, key=number)
        if malformed and failures:
            raise MalformedAnswer(f"{path}: {'; '.join(failures)}")
        raise self._unavailable(lines, [f"{path}: {failure}" for failure in failures])

    async def _lines_to_try(self, lines: Sequence[Line], tries: int) -> AsyncGenerator[Line, None]:
        """The lines that are well, in order, each up to `tries` times; rested ones when due."""
        deadline = monotonic() + self._patience
        tries_left = dict.fromkeys(lines, tries)
        while any(tries_left.values()):
            now = monotonic()
            due = [line for line in lines if tries_left[line] and line.rested_until <= now]
            if due:
                line = max(due, key=tries_left.__getitem__)
                tries_left[line] -= 1
                yield line
                continue
            soonest = min(line.rested_until for line in lines if tries_left[line])
            if soonest > deadline:
                return
            await asyncio.sleep(soonest - now)

    def _newer(self, newest: int, number: int) -> int:
        """The newest block seen, given the one just told of.

        If every node lags behind it by far, the chain must have been set back.
        """
        return number if newest - number > self._lag_blocks else max(newest, number)

    def _unavailable(self, lines: Sequence[Line], failures: Sequence[str]) -> Unavailable:
        retry_after = max(0.0, min(line.rested_until for line in lines) - monotonic())
        reason = "; ".join(failures) or "every node is being left in peace after failures"
        return Unavailable(reason, retry_after=retry_after)


@cache
def _trust(authorities: str) -> ssl.SSLContext:
    """Whom to believe. Read once: the usual file takes a fiftieth of a second."""
    return ssl.create_default_context(cafile=authorities)


def _read(line: Line, content: bytes, parse: Callable[[Any], T]) -> T:
    return parse(line.read(content))


def _read_bytes(line: Line, content: bytes, parse: Callable[[Any], T]) -> T:
    try:
        return parse(content)
    except MalformedAnswer:
        # It may be an error in disguise, which says more.
        line.read(content)
        raise
