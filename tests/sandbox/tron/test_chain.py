"""The chain itself: blocks, time, waiting transactions, solid blocks, forks."""

from __future__ import annotations

from hashlib import sha256

import pytest

from chain.keys import recover
from chain.transactions import decode_signed, encode_signed, txid
from sandbox.tron.blocks import LocalBlock
from sandbox.tron.chain import LocalChain
from sandbox.tron.genesis import SOLID_AFTER, START_BLOCKS
from sandbox.tron.parameters import DAY_MS, SLOT_MS, TRX
from sandbox.tron.refusals import Code
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    DAY_S,
    POOL,
    START_MS,
    STRANGER,
    carry_out,
    delegated,
    paid,
    reclaimed,
    send,
    signed,
)


def test_begins_with_blocks_up_to_the_start(chain: LocalChain) -> None:
    assert chain.head.number == START_BLOCKS
    assert chain.head.time_ms == START_MS // SLOT_MS * SLOT_MS
    assert chain.solid.number == START_BLOCKS - SOLID_AFTER


def test_blocks_follow_one_another_and_are_signed(chain: LocalChain) -> None:
    carry_out(chain, paid(5), CUSTOMER)
    witnesses = set()
    for number in range(2, chain.head.number + 1):
        block, parent = _block(chain, number), _block(chain, number - 1)
        assert block.parent_id == parent.id
        assert block.time_ms == parent.time_ms + SLOT_MS
        assert int(block.id[:16], 16) == number
        assert block.id[16:] == sha256(block.header).hexdigest()[16:]
        assert recover(block.header, block.signature) is not None
        witnesses.add(block.witness)
    assert len(witnesses) > SOLID_AFTER, "the producers take turns"


def test_solid_lags_by_eighteen_blocks(chain: LocalChain) -> None:
    receipt_block = chain.head.number + 1
    answer = send(chain, paid(5), CUSTOMER)
    chain.produce_block()
    assert chain.entry(answer.txid) is not None
    chain.produce_blocks(SOLID_AFTER - 1)
    assert chain.solid.number == receipt_block - 1
    chain.produce_block()
    assert chain.solid.number == receipt_block


def test_the_past_can_be_looked_at(chain: LocalChain) -> None:
    number = chain.head.number
    carry_out(chain, paid(5), CUSTOMER)
    carry_out(chain, paid(6), CUSTOMER)
    balances = [
        account.balance
        for each in (number, number + 1, number + 2)
        if (account := chain.view_at(each).account(CUSTOMER.address))
    ]
    assert balances == [100 * TRX, 100 * TRX - 5, 100 * TRX - 11]
    chain.produce_blocks(100)
    with pytest.raises(ValueError, match="not kept"):
        chain.view_at(number)


def test_time_jumps_and_blocks_go_on_from_there(chain: LocalChain) -> None:
    before, number = chain.head.time_ms, chain.head.number
    chain.advance_time(DAY_S)
    assert chain.time_ms == before + DAY_MS
    assert chain.head.time_ms == before
    block = chain.produce_block()
    assert block.number == number + 1
    assert block.time_ms == before + DAY_MS + SLOT_MS
    assert chain.produce_block().time_ms == block.time_ms + SLOT_MS
    with pytest.raises(ValueError, match="does not go back"):
        chain.advance_time(-1)


def test_what_waits_when_time_jumps_past_it_is_dropped(chain: LocalChain) -> None:
    answer = send(chain, paid(5), CUSTOMER)
    chain.advance_time(120)
    block = chain.produce_block()
    assert not block.entries
    assert chain.waiting_with_id(answer.txid) is None
    assert chain.entry(answer.txid) is None


def test_a_transaction_can_be_sent_after_a_jump(chain: LocalChain) -> None:
    chain.advance_time(3 * DAY_S)
    assert send(chain, paid(5), CUSTOMER).accepted
    assert len(chain.produce_block().entries) == 1


def test_waiting_counts_already(chain: LocalChain) -> None:
    assert send(chain, paid(60 * TRX), CUSTOMER).accepted
    account = chain.account(CUSTOMER.address)
    assert account is not None
    assert account.balance == 40 * TRX
    refused = send(chain, paid(60 * TRX + 1), CUSTOMER)
    assert refused.code is Code.CONTRACT_VALIDATE_ERROR
    assert "balance is not sufficient" in refused.message


def test_the_same_transaction_again_is_a_duplicate(chain: LocalChain) -> None:
    transaction = signed(chain, paid(5), CUSTOMER)
    assert chain.broadcast(transaction).accepted
    assert chain.broadcast(transaction).code is Code.DUP_TRANSACTION_ERROR
    chain.produce_block()
    assert chain.broadcast(transaction).code is Code.DUP_TRANSACTION_ERROR
    # The id does not cover the signature: another writing of it is the same transaction.
    raw_bytes, (signature,) = decode_signed(transaction)
    other = signature[:-1] + bytes([signature[-1] + 27])
    answer = chain.broadcast(encode_signed(raw_bytes, [other]))
    assert (answer.code, answer.txid) == (Code.DUP_TRANSACTION_ERROR, txid(raw_bytes))


def test_a_reference_to_another_chain_is_refused(chain: LocalChain) -> None:
    transaction = signed(chain, paid(5), CUSTOMER)
    raw_bytes, _ = decode_signed(transaction)
    other = bytearray(raw_bytes)
    position = raw_bytes.index(bytes.fromhex(chain.solid.id)[8:16])
    other[position] ^= 1
    answer = chain.broadcast(encode_signed(bytes(other), [CUSTOMER.sign(bytes(other))]))
    assert answer.code is Code.TAPOS_ERROR


def test_subscribers_hear_of_each_block(chain: LocalChain) -> None:
    heard: list[LocalBlock] = []
    end = chain.subscribe(heard.append)
    made = [chain.produce_block(), chain.produce_block()]
    end()
    chain.produce_block()
    assert heard == made


def test_a_fork_replaces_the_last_blocks(chain: LocalChain) -> None:
    carry_out(chain, paid(5), CUSTOMER)
    answer = send(chain, paid(7), CUSTOMER)
    chain.produce_blocks(2)
    old = [_block(chain, number) for number in range(chain.head.number - 1, chain.head.number + 1)]
    heard: list[LocalBlock] = []
    chain.subscribe(heard.append)
    replaced = chain.fork(2)
    assert list(replaced) == old
    assert [block.number for block in heard] == [block.number for block in old]
    assert {block.id for block in heard}.isdisjoint(block.id for block in old)
    assert heard[0].parent_id == old[0].parent_id
    assert chain.head == heard[-1]
    assert chain.block_with_id(old[0].id) is None
    # Its transaction waits again, is in no block, and gets into the next one.
    assert chain.entry(answer.txid) is None
    assert chain.waiting_with_id(answer.txid) is not None
    chain.produce_block()
    found = chain.entry(answer.txid)
    assert found is not None
    assert found[0] == chain.head


def test_a_fork_can_swallow_transactions(chain: LocalChain) -> None:
    total = chain.total_sun()
    transaction = signed(chain, delegated(1_000), POOL)
    answer = chain.broadcast(transaction)
    chain.produce_blocks(3)
    chain.fork(3, transactions="vanish")
    chain.produce_blocks(3)
    assert chain.entry(answer.txid) is None
    assert chain.waiting_with_id(answer.txid) is None
    assert chain.view.delegation(POOL.address, CUSTOMER.address, locked=False) is None
    assert chain.total_sun() == total
    assert chain.broadcast(transaction).accepted, "the same bytes are good again"


def test_a_fork_leaves_the_clock_where_it_is(chain: LocalChain) -> None:
    chain.advance_time(DAY_S)
    old = chain.produce_blocks(2)
    chain.advance_time(DAY_S)
    time_ms = chain.time_ms
    chain.fork(3)
    assert chain.head.time_ms == old.time_ms + SLOT_MS
    assert chain.time_ms == time_ms
    assert chain.produce_block().time_ms == time_ms + SLOT_MS


def test_solid_blocks_cannot_be_replaced(chain: LocalChain) -> None:
    for depth in (0, SOLID_AFTER + 1):
        with pytest.raises(ValueError, match="cannot replace"):
            chain.fork(depth)
    assert len(chain.fork(SOLID_AFTER)) == SOLID_AFTER


def test_a_fork_takes_back_what_was_done(chain: LocalChain) -> None:
    carry_out(chain, delegated(1_000), POOL)
    before = chain.account(POOL.address)
    carry_out(chain, reclaimed(400), POOL)
    carry_out(chain, paid(3 * TRX, STRANGER.address, BANK), BANK)
    chain.fork(2, transactions="vanish")
    assert chain.account(POOL.address) == before
    assert chain.account(STRANGER.address) is None


def test_no_blocks_cannot_be_made(chain: LocalChain) -> None:
    with pytest.raises(ValueError, match="0 blocks"):
        chain.produce_blocks(0)


def _block(chain: LocalChain, number: int) -> LocalBlock:
    block = chain.block(number)
    assert block is not None
    return block
