"""Our own client at our own node: they must understand each other in everything."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chain.errors import Refused
from chain.node import BroadcastOutcome, Endpoint, NodeClient
from chain.transactions import decode_signed
from sandbox.tron.chain import LocalChain
from sandbox.tron.genesis import SOLID_AFTER
from sandbox.tron.parameters import TRX
from tests.sandbox.tron.serving import Served
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    HOLDER,
    POOL,
    STRANGER,
    USDT,
    delegated,
    paid,
    reclaimed,
    signed,
)


@pytest.fixture
async def client(node: Served) -> AsyncIterator[NodeClient]:
    endpoint = Endpoint(node.full_url, node.solidity_url)
    async with NodeClient([endpoint], requests_per_second=1_000) as client:
        yield client


async def test_a_rental_from_delegation_to_reclaim(chain: LocalChain, client: NodeClient) -> None:
    before = await client.delegatable_energy_stake(POOL.address)
    raw_bytes, (signature,) = decode_signed(signed(chain, delegated(6_501), POOL))
    assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ACCEPTED
    assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ALREADY_KNOWN
    chain.produce_block()
    resources = await client.resources(CUSTOMER.address)
    assert resources is not None
    assert resources.energy_left >= 64_285
    (stake,) = await client.delegated_energy_stake(POOL.address, CUSTOMER.address)
    assert (stake.balance_sun, stake.locked_until) == (6_501 * TRX, None)
    assert await client.delegatable_energy_stake(POOL.address) == before - 6_501 * TRX
    raw_bytes, (signature,) = decode_signed(signed(chain, reclaimed(6_501), POOL))
    assert await client.broadcast(raw_bytes, signature) is BroadcastOutcome.ACCEPTED
    chain.produce_block()
    assert await client.delegated_energy_stake(POOL.address, CUSTOMER.address) == ()
    assert await client.delegatable_energy_stake(POOL.address) == before


async def test_blocks_and_their_transfers(chain: LocalChain, client: NodeClient) -> None:
    raw_bytes, (signature,) = decode_signed(signed(chain, paid(12_345_678), CUSTOMER))
    await client.broadcast(raw_bytes, signature)
    chain.produce_block()
    head = await client.head()
    assert head.ref.id == chain.head.id
    assert head.parent_id == chain.head.parent_id
    blocks = await client.blocks(1, head.ref.number)
    assert [block.ref.number for block in blocks] == list(range(1, head.ref.number + 1))
    assert [len(block.transactions) for block in blocks][-2:] == [0, 1]
    solid = await client.solid_head()
    assert head.ref.number - solid.number == SOLID_AFTER


async def test_what_the_client_reads_of_accounts(chain: LocalChain, client: NodeClient) -> None:
    account = await client.account(POOL.address)
    assert account is not None
    assert account.frozen_energy_sun == 1_000_000 * TRX
    assert account.permission(2) is not None
    contract = await client.account(USDT)
    assert contract is not None
    assert contract.is_contract
    assert await client.account(STRANGER.address) is None
    assert await client.resources(STRANGER.address) is None
    assert await client.token_balance(USDT, CUSTOMER.address) == 500 * TRX
    parameters = await client.chain_parameters()
    assert parameters.energy_fee_sun == chain.parameters.energy_fee


async def test_the_energy_of_a_transfer(client: NodeClient) -> None:
    call = await client.transfer_energy(USDT, CUSTOMER.address, HOLDER.address, 1 * TRX)
    assert (call.energy_used, call.reverted) == (64_285, False)
    call = await client.transfer_energy(USDT, CUSTOMER.address, BANK.address, 501 * TRX)
    assert call.reverted


async def test_a_refusal_is_one(chain: LocalChain, client: NodeClient) -> None:
    raw_bytes, (signature,) = decode_signed(signed(chain, reclaimed(5), POOL))
    with pytest.raises(Refused) as caught:
        await client.broadcast(raw_bytes, signature)
    assert caught.value.code == "CONTRACT_VALIDATE_ERROR"
    assert "delegated Resource does not exist" in caught.value.message


async def test_infos_come_with_the_block(chain: LocalChain, client: NodeClient) -> None:
    raw_bytes, (signature,) = decode_signed(signed(chain, delegated(5), POOL))
    await client.broadcast(raw_bytes, signature)
    (waiting,) = chain.waiting
    assert await client.transaction_info(waiting.txid) is None
    chain.produce_block()
    info = await client.transaction_info(waiting.txid)
    assert info is not None
    assert (info.block_number, info.success, info.fee_sun) == (chain.head.number, True, 0)
    assert await client.transaction_info(waiting.txid, solid=True) is None
    chain.produce_blocks(SOLID_AFTER)
    assert await client.transaction_info(waiting.txid, solid=True) == info
