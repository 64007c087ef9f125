"""The client and the local node together: energy lent, seen, used up and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256

import pytest
from aiohttp import web

from chain.abi import TRANSFER, call_data, transfer_parameter
from chain.addresses import parse_address
from chain.blocks import trx_transfers
from chain.contracts import (
    Contract,
    DelegateResource,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
)
from chain.energy import energy_of_stake, stake_for_calls
from chain.errors import Refused
from chain.keys import SigningKey
from chain.node import BroadcastOutcome, Endpoint, NodeClient
from chain.transactions import Raw, bandwidth_bytes, encode, txid
from sandbox.tron.chain import LocalChain
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.http_routes import node_app, solidity_app
from sandbox.tron.token import Token

TRX = 1_000_000


def _key(name: str) -> SigningKey:
    return SigningKey.from_hex(sha256(f"chain tests {name}".encode()).hexdigest())


POOL, CUSTOMER, SHOP, NOBODY = _key("pool"), _key("customer"), _key("shop"), _key("nobody")
USDT = parse_address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")


@dataclass
class Net:
    """A local node, and the client that talks to it."""

    local: LocalChain
    client: NodeClient

    async def sign(self, key: SigningKey, contract: Contract, fee_limit: int = 0) -> bytes:
        """The bytes of a transaction on top of the solid chain."""
        solid = await self.client.solid_head()
        now_ms = int((await self.client.head()).ref.time.timestamp() * 1000)
        return encode(
            Raw(
                contract,
                bytes.fromhex(solid.id[12:16]),
                bytes.fromhex(solid.id[16:32]),
                now_ms + 60_000,
                now_ms,
                fee_limit=fee_limit,
            )
        )

    async def send(self, key: SigningKey, contract: Contract, fee_limit: int = 0) -> str:
        """Broadcasts a transaction and makes the block that takes it."""
        raw_bytes = await self.sign(key, contract, fee_limit)
        outcome = await self.client.broadcast(raw_bytes, key.sign(raw_bytes))
        assert outcome is BroadcastOutcome.ACCEPTED
        self.local.produce_block()
        return txid(raw_bytes)


@pytest.fixture
async def net() -> AsyncIterator[Net]:
    """A fresh network with a pool, a customer who has USDT, and a shop."""
    accounts = (
        GenesisAccount(POOL.address, 1_000 * TRX, energy_stake=100_000 * TRX),
        GenesisAccount(CUSTOMER.address, 100 * TRX, tokens={USDT: 500 * TRX}),
        GenesisAccount(SHOP.address, 100 * TRX),
    )
    local = LocalChain(
        Genesis(
            start_ms=1_800_000_000_000,
            accounts=accounts,
            tokens=(Token(USDT, POOL.address, 1_000_000 * TRX),),
        )
    )
    runners, urls = [], []
    for application in (node_app(local), solidity_app(local)):
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        urls.append("http://{}:{}".format(*runner.addresses[0][:2]))
    endpoints = [Endpoint(urls[0], urls[1])]
    async with NodeClient(endpoints, requests_per_second=1000) as client:
        yield Net(local, client)
    for runner in runners:
        await runner.cleanup()
    local.close()


async def test_a_payment_is_seen_in_its_block(net: Net) -> None:
    before = (await net.client.head()).ref
    sent = await net.send(CUSTOMER, Transfer(CUSTOMER.address, SHOP.address, 5 * TRX + 123))
    (block,) = await net.client.blocks(before.number + 1, before.number + 50)
    assert block.parent_id == before.id
    (transfer,) = trx_transfers(block, {SHOP.address})
    assert (transfer.txid, transfer.amount_sun) == (sent, 5 * TRX + 123)
    assert (transfer.sender, transfer.receiver) == (CUSTOMER.address, SHOP.address)
    info = await net.client.transaction_info(sent)
    assert info is not None
    assert info.block_number == transfer.block.number
    assert info.block_time == transfer.block.time
    assert await net.client.transaction_info(sent, solid=True) is None
    net.local.produce_blocks(30)
    assert await net.client.transaction_info(sent, solid=True) == info


async def test_energy_is_lent_used_and_taken_back(net: Net) -> None:
    client = net.client
    resources = await client.resources(CUSTOMER.address)
    assert resources is not None
    totals = (resources.total_energy_limit, resources.total_energy_weight)
    cost = await client.transfer_energy(USDT, CUSTOMER.address, SHOP.address, 10 * TRX)
    assert not cost.reverted
    stake = stake_for_calls(cost.energy_used, *totals)
    free = await client.delegatable_energy_stake(POOL.address)
    assert free == 100_000 * TRX

    lend = DelegateResource(POOL.address, CUSTOMER.address, stake, Resource.ENERGY)
    sent = await net.send(POOL, lend)
    info = await client.transaction_info(sent)
    assert info is not None
    assert info.success
    assert await client.delegatable_energy_stake(POOL.address) == free - stake
    (lent,) = await client.delegated_energy_stake(POOL.address, CUSTOMER.address)
    assert (lent.balance_sun, lent.locked_until) == (stake, None)
    after = await client.resources(CUSTOMER.address)
    assert after is not None
    assert after.energy_left == energy_of_stake(stake, *totals) >= cost.energy_used

    data = call_data(TRANSFER, transfer_parameter(SHOP.address, 10 * TRX))
    used = await net.send(
        CUSTOMER, TriggerSmartContract(CUSTOMER.address, USDT, data), fee_limit=100 * TRX
    )
    receipt = await client.transaction_info(used)
    assert receipt is not None
    assert (receipt.success, receipt.energy_fee_sun) == (True, 0)
    assert receipt.energy_used == receipt.energy_staked == cost.energy_used
    assert await client.token_balance(USDT, SHOP.address) == 10 * TRX

    await net.send(POOL, UnDelegateResource(POOL.address, CUSTOMER.address, stake, Resource.ENERGY))
    assert await client.delegated_energy_stake(POOL.address, CUSTOMER.address) == ()
    # What was used came back used, and cannot be lent again at once.
    assert await client.delegatable_energy_stake(POOL.address) < free
    account = await client.account(POOL.address)
    assert account is not None
    assert (account.frozen_energy_sun, account.delegated_energy_sun) == (free, 0)


async def test_refusals_and_repetitions_are_told_apart(net: Net) -> None:
    client = net.client
    assert await client.account(NOBODY.address) is None
    assert await client.resources(NOBODY.address) is None
    to_nobody = DelegateResource(POOL.address, NOBODY.address, 5 * TRX, Resource.ENERGY)
    raw_bytes = await net.sign(POOL, to_nobody)
    with pytest.raises(Refused) as refused:
        await client.broadcast(raw_bytes, POOL.sign(raw_bytes))
    assert refused.value.code == "CONTRACT_VALIDATE_ERROR"
    good = DelegateResource(POOL.address, CUSTOMER.address, 5 * TRX, Resource.ENERGY)
    raw_bytes = await net.sign(POOL, good)
    with pytest.raises(Refused) as refused:
        await client.broadcast(raw_bytes, CUSTOMER.sign(raw_bytes))
    assert refused.value.code == "SIGERROR"
    signature = POOL.sign(raw_bytes)
    assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ACCEPTED
    assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ALREADY_KNOWN
    net.local.produce_block()
    assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ALREADY_KNOWN
    info = await client.transaction_info(txid(raw_bytes))
    assert info is not None
    charged = info.bandwidth_used or info.bandwidth_fee_sun // 1000
    assert charged == bandwidth_bytes(raw_bytes, [signature])


async def test_charges_are_read(net: Net) -> None:
    parameters = await net.client.chain_parameters()
    assert parameters.energy_fee_sun == 100
    assert parameters.bandwidth_fee_sun == 1000
