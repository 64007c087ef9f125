"""The built-in payout contract: TRX that arrive without a transaction that names their receiver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.addresses import Address, address_from_bytes, address_hex
from chain.blocks import trx_transfers
from chain.contracts import TriggerSmartContract
from chain.internal_transfers import InternalTransfer
from chain.keys import SigningKey
from chain.node import Endpoint, NodeClient
from sandbox.tron.blocks import InternalCall, Outcome, Receipt
from sandbox.tron.chain import LocalChain
from sandbox.tron.json_forms import internal_hash
from sandbox.tron.parameters import TRX
from sandbox.tron.payout import Payout, pay_data, payments_in
from tests.sandbox.tron.serving import served
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    HOLDER,
    POOL,
    STRANGER,
    USDT,
    carry_out,
    delegated,
    genesis,
    paid,
    send,
)

PAYOUT = address_from_bytes(b"\x41" + b"\x77" * 20)
TO_CUSTOMER_AND_HOLDER = ((CUSTOMER.address, 5 * TRX), (HOLDER.address, 7))


def open_payout_chain(path: Path | None = None) -> LocalChain:
    return LocalChain(genesis(payouts=(Payout(PAYOUT, BANK.address),)), path)


@pytest.fixture
def chain() -> Iterator[LocalChain]:
    chain = open_payout_chain()
    yield chain
    chain.close()


def payout(
    *payments: tuple[Address, int], sun: int | None = None, by: SigningKey = BANK
) -> TriggerSmartContract:
    """A call that pays, with as much TRX as it needs or `sun`."""
    value = sum(amount for _, amount in payments) if sun is None else sun
    return TriggerSmartContract(by.address, PAYOUT, pay_data(payments), value)


def pay(
    chain: LocalChain,
    *payments: tuple[Address, int],
    sun: int | None = None,
    by: SigningKey = BANK,
    fee_limit: int = 100 * TRX,
) -> Receipt:
    return carry_out(chain, payout(*payments, sun=sun, by=by), by, fee_limit=fee_limit)


def balance(chain: LocalChain, key: SigningKey) -> int:
    account = chain.account(key.address)
    return 0 if account is None else account.balance


def test_it_hands_on_what_it_is_given(chain: LocalChain) -> None:
    total, bank = chain.total_sun(), balance(chain, BANK)
    customer, holder = balance(chain, CUSTOMER), balance(chain, HOLDER)
    receipt = pay(chain, *TO_CUSTOMER_AND_HOLDER)
    assert receipt.outcome is Outcome.SUCCESS
    assert receipt.calls == (
        InternalCall(PAYOUT, CUSTOMER.address, 5 * TRX),
        InternalCall(PAYOUT, HOLDER.address, 7),
    )
    assert balance(chain, CUSTOMER) == customer + 5 * TRX
    assert balance(chain, HOLDER) == holder + 7
    assert balance(chain, BANK) == bank - 5 * TRX - 7 - receipt.fee
    assert chain.total_sun() == total


def test_one_payment_takes_the_energy_of_the_recorded_one(chain: LocalChain) -> None:
    receipt = pay(chain, (CUSTOMER.address, 2 * TRX))
    assert (receipt.energy_total, receipt.energy_fee) == (7_161, 716_100)
    assert pay(chain, (STRANGER.address, 1)).energy_total == 7_161 + 25_000
    assert pay(chain, (STRANGER.address, 1)).energy_total == 7_161


def test_what_is_left_over_comes_back(chain: LocalChain) -> None:
    bank = balance(chain, BANK)
    receipt = pay(chain, (CUSTOMER.address, 1), sun=10)
    assert receipt.calls[1] == InternalCall(PAYOUT, BANK.address, 9)
    assert balance(chain, BANK) == bank - 1 - receipt.fee


def test_the_caller_may_pay_itself(chain: LocalChain) -> None:
    bank = balance(chain, BANK)
    receipt = pay(chain, (BANK.address, 5))
    assert receipt.outcome is Outcome.SUCCESS
    assert balance(chain, BANK) == bank - receipt.fee


def test_a_payment_activates_its_receiver(chain: LocalChain) -> None:
    pay(chain, (STRANGER.address, 3), (STRANGER.address, 4))
    account = chain.account(STRANGER.address)
    assert account is not None
    assert (account.balance, account.is_contract) == (7, False)
    assert carry_out(chain, delegated(5, STRANGER.address), POOL).outcome is Outcome.SUCCESS


@pytest.mark.parametrize(
    ("payments", "sun"),
    [
        (((CUSTOMER.address, 5), (HOLDER.address, 6)), 10),
        (((CUSTOMER.address, 5), (USDT, 1)), None),
        (((CUSTOMER.address, 5), (PAYOUT, 1)), None),
    ],
)
def test_a_call_that_reverts_moves_nothing_and_shows_what_was_undone(
    chain: LocalChain, payments: tuple[tuple[Address, int], ...], sun: int | None
) -> None:
    customer, bank = balance(chain, CUSTOMER), balance(chain, BANK)
    receipt = pay(chain, *payments, sun=sun)
    assert receipt.outcome is Outcome.REVERT
    assert receipt.calls[0] == InternalCall(PAYOUT, CUSTOMER.address, 5, rejected=True)
    assert all(call.rejected for call in receipt.calls)
    assert balance(chain, CUSTOMER) == customer
    assert balance(chain, BANK) == bank - receipt.fee


def test_a_call_without_enough_energy_moves_nothing(chain: LocalChain) -> None:
    customer = balance(chain, CUSTOMER)
    receipt = pay(chain, (CUSTOMER.address, 5), fee_limit=700_000)
    assert receipt.outcome is Outcome.OUT_OF_ENERGY
    assert "'CALL' operation" in receipt.message
    assert all(call.rejected for call in receipt.calls)
    assert balance(chain, CUSTOMER) == customer


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes.fromhex("a9059cbb") + bytes(64),
        pay_data(TO_CUSTOMER_AND_HOLDER)[:-1],
        pay_data(TO_CUSTOMER_AND_HOLDER)[:4],
        pay_data([])[:4] + b"\xff" * 64,
        pay_data(TO_CUSTOMER_AND_HOLDER)[: 4 + 3 * 32] + b"\x01" + bytes(32 * 6),
    ],
)
def test_another_call_reverts(chain: LocalChain, data: bytes) -> None:
    bank = balance(chain, BANK)
    call = TriggerSmartContract(BANK.address, PAYOUT, data, 5)
    receipt = carry_out(chain, call, BANK, fee_limit=100 * TRX)
    assert (receipt.outcome, receipt.calls) == (Outcome.REVERT, ())
    assert balance(chain, BANK) == bank - receipt.fee


def test_who_has_not_got_the_trx_cannot_call(chain: LocalChain) -> None:
    answer = send(chain, payout((HOLDER.address, 101 * TRX), by=CUSTOMER), CUSTOMER)
    assert "balance is not sufficient" in answer.message


def test_no_plain_transfer_goes_to_it(chain: LocalChain) -> None:
    assert (
        "Cannot transfer TRX to a smartContract" in send(chain, paid(5, PAYOUT), CUSTOMER).message
    )


payments = st.lists(
    st.tuples(
        st.sampled_from([CUSTOMER.address, HOLDER.address, BANK.address, STRANGER.address, USDT]),
        st.integers(0, 10**12),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=50)
@given(payments=payments, more=st.integers(-5, 5))
def test_trx_is_neither_made_nor_lost(payments: list[tuple[Address, int]], more: int) -> None:
    assert payments_in(pay_data(payments)) == tuple(payments)
    chain = open_payout_chain()
    try:
        total = chain.total_sun()
        value = max(0, sum(amount for _, amount in payments) + more)
        if send(chain, payout(*payments, sun=value), BANK, fee_limit=500 * TRX).accepted:
            chain.produce_block()
        assert chain.total_sun() == total
    finally:
        chain.close()


def test_what_it_paid_survives_a_restart(tmp_path: Path) -> None:
    chain = open_payout_chain(tmp_path / "chain")
    answer = send(chain, payout((CUSTOMER.address, 5), sun=4), BANK, fee_limit=100 * TRX)
    again = send(chain, payout((CUSTOMER.address, 5)), BANK, fee_limit=100 * TRX)
    chain.produce_block()
    before = [chain.entry(each.txid) for each in (answer, again)]
    chain.close()
    chain = open_payout_chain(tmp_path / "chain")
    assert [chain.entry(each.txid) for each in (answer, again)] == before
    chain.close()


# ── what the node tells ──────────────────────────────────────────────────────────────────────


async def test_the_node_tells_of_it_as_a_real_one_does(chain: LocalChain) -> None:
    answer = send(
        chain, payout((CUSTOMER.address, 5), (HOLDER.address, 0)), BANK, fee_limit=100 * TRX
    )
    refused = send(chain, payout((CUSTOMER.address, 5), sun=4), BANK, fee_limit=100 * TRX)
    number = chain.produce_block().number
    chain.produce_blocks(18)
    async with served(chain) as node:
        infos = await node.post("gettransactioninfobyblocknum", {"num": number})
        assert await node.post_solid("gettransactioninfobyblocknum", {"num": number}) == infos
        assert infos[0] == await node.post("gettransactioninfobyid", {"value": answer.txid})
        shown = await node.post("gettransactioninfobyid", {"value": answer.txid, "visible": True})
        contract = await node.post("getcontract", {"value": PAYOUT, "visible": True})
    assert infos[0]["receipt"]["result"] == "SUCCESS"
    first, nothing = infos[0]["internal_transactions"]
    assert first | {"hash": ""} == {
        "hash": "",
        "caller_address": address_hex(PAYOUT),
        "transferTo_address": address_hex(CUSTOMER.address),
        "callValueInfo": [{"callValue": 5}],
        "note": "63616c6c",
    }
    assert nothing["callValueInfo"] == [{}]
    assert first["hash"] != nothing["hash"]
    assert shown["internal_transactions"][0]["transferTo_address"] == CUSTOMER.address
    assert infos[1]["id"] == refused.txid
    assert infos[1]["receipt"]["result"] == "REVERT"
    assert "internal_transactions" not in infos[1], "it reverted before it paid anyone"
    assert [entry["name"] for entry in contract["abi"]["entrys"]] == ["pay"]


async def test_the_client_reads_it(chain: LocalChain) -> None:
    sent = send(chain, payout(*TO_CUSTOMER_AND_HOLDER), BANK, fee_limit=100 * TRX)
    send(chain, payout((CUSTOMER.address, 5), (USDT, 1)), BANK, fee_limit=100 * TRX)
    send(chain, paid(5), CUSTOMER)
    number = chain.produce_block().number
    expected = tuple(
        InternalTransfer(sent.txid, position, PAYOUT, receiver, amount)
        for position, (receiver, amount) in enumerate(TO_CUSTOMER_AND_HOLDER, start=1)
    )
    async with (
        served(chain) as node,
        NodeClient([Endpoint(node.full_url, node.solidity_url)], patience=0) as client,
    ):
        block = (await client.blocks(number, number))[0]
        assert trx_transfers(block, [CUSTOMER.address, HOLDER.address]) == ()
        assert await client.internal_transfers(number, solid=False, transactions=3) == expected
        assert await client.internal_transfers(number) == (), "it is not solid yet"
        chain.produce_blocks(18)
        assert await client.internal_transfers(number, transactions=3) == expected
        assert await client.receivers_of(POOL.address) == ()
        send(chain, delegated(5), POOL)
        assert await client.receivers_of(POOL.address) == (CUSTOMER.address,)
        before = await client.account(HOLDER.address, solid=True)
        send(chain, paid(5, BANK.address, HOLDER), HOLDER)
        chain.produce_block()
        now = await client.account(HOLDER.address)
        assert before is not None
        assert now is not None
        assert now.balance_sun == before.balance_sun - 5
        assert await client.account(HOLDER.address, solid=True) == before


def test_the_name_of_an_internal_transaction_is_the_networks() -> None:
    """By the recorded payment through a contract of a real node."""
    txid = "718037b8177fb56cc98668ca07e56488ecf752fe881858c0c13c34ea23cca87f"
    receiver = address_from_bytes(bytes.fromhex("41775ca94def0726cb9418d5a19170ea987d7210b2"))
    call = InternalCall(PAYOUT, receiver, 2 * TRX)
    expected = "9ced158420a31c74958b9c57083d27ee5563dd895fe32bc76f13326deb20d9eb"
    assert internal_hash(txid, 1, call) == expected
