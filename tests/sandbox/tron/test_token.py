"""Tokens: what can be asked of them, blacklists, other tokens, and the price of a busy contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chain.abi import TRANSFER, address_parameter, call_data, transfer_parameter
from chain.addresses import Address, address_hex, parse_address
from chain.contracts import TriggerSmartContract
from chain.keys import SigningKey
from sandbox.tron.blocks import Outcome, Receipt
from sandbox.tron.chain import LocalChain
from sandbox.tron.genesis import GenesisAccount
from sandbox.tron.parameters import TRX
from sandbox.tron.token import (
    ADD_TO_BLACKLIST,
    PAUSE,
    REMOVE_FROM_BLACKLIST,
    UNPAUSE,
    EnergyCosts,
    Token,
)
from tests.sandbox.tron.serving import Served, served
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    HOLDER,
    POOL,
    STRANGER,
    USDT,
    USDT_TOKEN,
    carry_out,
    genesis,
    open_chain,
    usdt,
)

OTHER = parse_address("TXDk8mbtRbXeYuMNS83CfKPaYYT8XWv9Hz")
OTHER_TOKEN = Token(
    OTHER,
    BANK.address,
    10**27,
    name="Another Dollar",
    symbol="ANOTHER",
    decimals=18,
    contract_name="Another",
    energy=EnergyCosts(transfer_to_holder=28_412, transfer_to_new_holder=43_412),
    governed=False,
)
FEE_LIMIT = 100 * TRX
TO_HOLDER, TO_NEW_HOLDER = 64_285, 130_285


@pytest.fixture
async def two_tokens() -> AsyncIterator[Served]:
    """A node that knows USDT and another token, of which the customer has 5.5."""
    accounts = (
        GenesisAccount(CUSTOMER.address, 100 * TRX, tokens={OTHER: 5_500_000_000_000_000_000}),
        GenesisAccount(BANK.address, 1_000 * TRX),
    )
    begins = genesis(accounts=accounts, tokens=(USDT_TOKEN, OTHER_TOKEN))
    with closing(LocalChain(begins)) as chain:
        async with served(chain) as node:
            yield node


async def ask(
    node: Served, function: str, parameter: bytes = b"", *, of: Address = USDT, by: Address = USDT
) -> Any:
    """What a constant call answers."""
    body = {
        "owner_address": by,
        "contract_address": of,
        "function_selector": function,
        "parameter": parameter.hex(),
        "visible": True,
    }
    return await node.post("triggerconstantcontract", body)


async def number(node: Served, function: str, parameter: bytes = b"", of: Address = USDT) -> int:
    (word,) = (await ask(node, function, parameter, of=of))["constant_result"]
    return int(word, 16)


async def text(node: Served, function: str, of: Address = USDT) -> str:
    (word,) = (await ask(node, function, of=of))["constant_result"]
    raw = bytes.fromhex(word)
    length = int.from_bytes(raw[32:64], "big")
    return raw[64 : 64 + length].decode()


def order(
    chain: LocalChain, function: str, holder: Address | None = None, by: SigningKey = BANK
) -> Receipt:
    """Somebody calls a function that is the owner's."""
    data = call_data(function, b"" if holder is None else address_parameter(holder))
    call = TriggerSmartContract(by.address, USDT, data)
    return carry_out(chain, call, by, fee_limit=FEE_LIMIT)


# ── asking ───────────────────────────────────────────────────────────────────────────────────


async def test_a_token_says_its_name_its_symbol_and_its_decimals(two_tokens: Served) -> None:
    node = two_tokens
    assert await text(node, "name()") == "Tether USD"
    assert await text(node, "symbol()") == "USDT"
    assert await number(node, "decimals()") == 6
    assert await text(node, "name()", OTHER) == "Another Dollar"
    assert await text(node, "symbol()", OTHER) == "ANOTHER"
    assert await number(node, "decimals()", of=OTHER) == 18
    assert await number(node, "totalSupply()", of=OTHER) == 10**27
    held = await number(node, "balanceOf(address)", address_parameter(CUSTOMER.address), OTHER)
    assert held == 5_500_000_000_000_000_000


async def test_another_token_has_other_costs_and_its_own_balances(two_tokens: Served) -> None:
    chain = two_tokens.chain
    amount = 2_000_000_000_000_000_000
    parameter = transfer_parameter(HOLDER.address, amount)
    tried = await ask(two_tokens, TRANSFER, parameter, of=OTHER, by=CUSTOMER.address)
    assert tried["energy_used"] == 43_412
    call = TriggerSmartContract(CUSTOMER.address, OTHER, call_data(TRANSFER, parameter))
    assert carry_out(chain, call, CUSTOMER, fee_limit=FEE_LIMIT).energy_total == 43_412
    assert carry_out(chain, call, CUSTOMER, fee_limit=FEE_LIMIT).energy_total == 28_412
    assert chain.view.token_balance(OTHER, HOLDER.address) == 2 * amount
    assert chain.view.token_balance(USDT, HOLDER.address) == 0


async def test_a_token_without_a_governing_owner_knows_no_blacklist(two_tokens: Served) -> None:
    parameter = address_parameter(CUSTOMER.address)
    asked = await ask(two_tokens, "isBlackListed(address)", parameter, of=OTHER)
    assert asked["result"] == {"result": True, "message": "REVERT opcode executed"}
    data = call_data(ADD_TO_BLACKLIST, parameter)
    call = TriggerSmartContract(BANK.address, OTHER, data)
    receipt = carry_out(two_tokens.chain, call, BANK, fee_limit=FEE_LIMIT)
    assert receipt.outcome is Outcome.REVERT


# ── the owner ────────────────────────────────────────────────────────────────────────────────


async def test_a_blacklisted_sender_can_send_nothing_but_still_receives(
    chain: LocalChain, node: Served
) -> None:
    anybody = address_parameter(CUSTOMER.address)
    assert await number(node, "isBlackListed(address)", anybody) == 0
    listed = order(chain, ADD_TO_BLACKLIST, CUSTOMER.address)
    assert listed.outcome is Outcome.SUCCESS
    (log,) = listed.logs
    assert log.data == anybody.hex()
    assert await number(node, "isBlackListed(address)", anybody) == 1
    assert await number(node, "getBlackListStatus(address)", anybody) == 1
    assert await number(node, "isBlackListed(address)", address_parameter(HOLDER.address)) == 0

    parameter = transfer_parameter(HOLDER.address, 5)
    tried = await ask(node, TRANSFER, parameter, by=CUSTOMER.address)
    assert tried["result"]["message"] == "REVERT opcode executed"
    assert tried["constant_result"] == [""]
    assert tried["transaction"]["ret"] == [{"ret": "FAILED"}]
    held = chain.view.token_balance(USDT, CUSTOMER.address)
    refused = carry_out(chain, usdt(5, HOLDER.address), CUSTOMER, fee_limit=FEE_LIMIT)
    assert (refused.outcome, refused.output, refused.logs) == (Outcome.REVERT, "", ())
    assert refused.energy_total == tried["energy_used"]
    assert chain.view.token_balance(USDT, CUSTOMER.address) == held

    got = carry_out(chain, usdt(7, CUSTOMER.address, HOLDER), HOLDER, fee_limit=FEE_LIMIT)
    assert got.outcome is Outcome.SUCCESS
    assert chain.view.token_balance(USDT, CUSTOMER.address) == held + 7

    order(chain, REMOVE_FROM_BLACKLIST, CUSTOMER.address)
    assert await number(node, "isBlackListed(address)", anybody) == 0
    sent = carry_out(chain, usdt(5, HOLDER.address), CUSTOMER, fee_limit=FEE_LIMIT)
    assert sent.outcome is Outcome.SUCCESS


async def test_nobody_sends_a_paused_token(chain: LocalChain, node: Served) -> None:
    assert await number(node, "paused()") == 0
    assert order(chain, PAUSE).outcome is Outcome.SUCCESS
    assert await number(node, "paused()") == 1
    refused = carry_out(chain, usdt(5, HOLDER.address), CUSTOMER, fee_limit=FEE_LIMIT)
    assert refused.outcome is Outcome.REVERT
    assert order(chain, PAUSE).outcome is Outcome.REVERT, "it is paused"
    assert order(chain, UNPAUSE).outcome is Outcome.SUCCESS
    sent = carry_out(chain, usdt(5, HOLDER.address), CUSTOMER, fee_limit=FEE_LIMIT)
    assert sent.outcome is Outcome.SUCCESS


@pytest.mark.parametrize("function", [ADD_TO_BLACKLIST, REMOVE_FROM_BLACKLIST, PAUSE, UNPAUSE])
def test_only_the_owner_governs(chain: LocalChain, function: str) -> None:
    holder = HOLDER.address if "address" in function else None
    refused = order(chain, function, holder, by=CUSTOMER)
    assert refused.outcome is Outcome.REVERT
    assert chain.view.blacklist(USDT) == ()


async def test_the_solid_node_learns_of_a_blacklist_later(chain: LocalChain, node: Served) -> None:
    order(chain, ADD_TO_BLACKLIST, CUSTOMER.address)
    body = {
        "owner_address": address_hex(BANK.address),
        "contract_address": address_hex(USDT),
        "function_selector": "isBlackListed(address)",
        "parameter": address_parameter(CUSTOMER.address).hex(),
    }
    answers = [await node.post_solid("triggerconstantcontract", body)]
    chain.produce_blocks(18)
    answers.append(await node.post_solid("triggerconstantcontract", body))
    assert [int(answer["constant_result"][0], 16) for answer in answers] == [0, 1]


def test_a_blacklist_outlives_a_restart_and_a_fork_takes_it_back(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite3"
    with closing(open_chain(path)) as chain:
        order(chain, ADD_TO_BLACKLIST, CUSTOMER.address)
        order(chain, ADD_TO_BLACKLIST, HOLDER.address)
        chain.set_energy_factor(USDT, 2_000)
    with closing(open_chain(path)) as chain:
        assert chain.view.is_blacklisted(USDT, CUSTOMER.address)
        assert chain.view.energy_factor(USDT) == 2_000
        chain.fork(1, "vanish")
        assert [holder for holder, _ in chain.view.blacklist(USDT)] == [CUSTOMER.address]


# ── the price of a busy contract ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("factor", [1, 3_333, 34_000])
async def test_a_penalty_raises_the_estimate_and_the_receipt_alike(
    chain: LocalChain, node: Served, factor: int
) -> None:
    parameter = transfer_parameter(STRANGER.address, 5)
    before = await ask(node, TRANSFER, parameter, by=CUSTOMER.address)
    assert before["energy_used"] == TO_NEW_HOLDER
    assert "energy_penalty" not in before

    chain.set_energy_factor(USDT, factor)
    tried = await ask(node, TRANSFER, parameter, by=CUSTOMER.address)
    penalty = TO_NEW_HOLDER * factor // 10_000
    assert (tried["energy_penalty"], tried["energy_used"]) == (penalty, TO_NEW_HOLDER + penalty)

    receipt = carry_out(chain, usdt(5, STRANGER.address), CUSTOMER, fee_limit=FEE_LIMIT)
    found = chain.block(chain.head.number)
    assert found is not None
    info = await node.post("gettransactioninfobyid", {"value": found.entries[0].txid})
    assert receipt.outcome is Outcome.SUCCESS
    assert info["receipt"]["energy_usage_total"] == tried["energy_used"]
    assert info["receipt"]["energy_penalty_total"] == penalty

    chain.set_energy_factor(USDT, 0)
    after = carry_out(chain, usdt(5, HOLDER.address), CUSTOMER, fee_limit=FEE_LIMIT)
    assert (after.energy_total, after.energy_penalty) == (TO_HOLDER, 0)


def test_a_penalty_counts_towards_the_limit(chain: LocalChain) -> None:
    call, by = usdt(5, HOLDER.address), CUSTOMER
    # Just enough for the code alone: 100 sun for each unit of energy.
    limit = TO_HOLDER * 100
    assert carry_out(chain, call, by, fee_limit=limit).outcome is Outcome.SUCCESS
    chain.set_energy_factor(USDT, 10_000)
    dry = carry_out(chain, call, by, fee_limit=limit)
    assert dry.outcome is Outcome.OUT_OF_ENERGY
    assert (dry.energy_total, dry.energy_penalty) == (TO_HOLDER, TO_HOLDER // 2)


# ── a dry run ────────────────────────────────────────────────────────────────────────────────


async def test_the_node_tries_a_delegation_and_a_reclaim_and_changes_nothing(
    chain: LocalChain, node: Served
) -> None:
    body = {
        "owner_address": POOL.address,
        "receiver_address": CUSTOMER.address,
        "balance": 1_000 * TRX,
        "resource": "ENERGY",
        "visible": True,
    }
    before = chain.account(POOL.address)
    assert (await node.post("delegateresource", body))["raw_data_hex"]
    nothing_lent = await node.post("undelegateresource", body)
    assert nothing_lent["Error"].endswith("delegated Resource does not exist")
    too_much = await node.post("delegateresource", body | {"balance": 1_000_001 * TRX})
    assert "available FreezeEnergyV2 balance" in too_much["Error"]
    to_contract = await node.post("delegateresource", body | {"receiver_address": USDT})
    assert to_contract["Error"].endswith("Do not allow delegate resources to contract addresses")
    assert (chain.account(POOL.address), chain.waiting) == (before, ())

    raw_bytes = bytes.fromhex((await node.post("delegateresource", body))["raw_data_hex"])
    assert chain.submit(raw_bytes, [POOL.sign(raw_bytes)]).accepted
    chain.produce_block()
    built = await node.post("undelegateresource", body)
    (contract,) = built["raw_data"]["contract"]
    assert contract["type"] == "UnDelegateResourceContract"
    assert contract["parameter"]["value"]["balance"] == 1_000 * TRX
    insufficient = await node.post("undelegateresource", body | {"balance": 1_001 * TRX})
    assert "insufficient delegateFrozenBalance(Energy)" in insufficient["Error"]
    assert chain.view.delegation(POOL.address, CUSTOMER.address, locked=False) is not None
