"""What transactions do and cost, with the main network's figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chain.contracts import (
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    DelegateResource,
    FreezeBalanceV2,
    Permission,
    PermissionKey,
    PermissionType,
    Resource,
    Transfer,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from chain.keys import SigningKey
from chain.protobuf import bytes_field, varint_field
from sandbox.tron.accounts import DEFAULT_OPERATIONS, Account, active_permission, owner_permission
from sandbox.tron.blocks import Outcome
from sandbox.tron.chain import LocalChain
from sandbox.tron.parameters import DAY_MS, SLOT_MS, TRX
from sandbox.tron.refusals import Code
from tests.sandbox.tron.support import (
    BANK,
    CUSTOMER,
    DAY_S,
    HOLDER,
    HOT,
    POOL,
    STRANGER,
    USDT,
    carry_out,
    delegated,
    paid,
    reclaimed,
    send,
    signed,
    usdt,
)

DELEGATE_ONLY = bytes.fromhex("0000000000000006" + "00" * 24)


def test_free_bandwidth_pays_for_two_transfers_a_day(chain: LocalChain) -> None:
    first = carry_out(chain, paid(5), CUSTOMER)
    second = carry_out(chain, paid(6), CUSTOMER)
    third = carry_out(chain, paid(7), CUSTOMER)
    assert (first.fee, first.net_usage) == (0, 265)
    assert (second.fee, second.net_usage) == (0, 265)
    assert (third.fee, third.net_usage, third.net_fee) == (265_000, 0, 265_000)
    chain.advance_time(DAY_S)
    chain.produce_block()
    assert carry_out(chain, paid(8), CUSTOMER).fee == 0


def test_staked_bandwidth_is_used_before_the_free_one(chain: LocalChain) -> None:
    assert carry_out(chain, paid(5, by=POOL), POOL).net_usage == 265
    pool = _account(chain, POOL)
    assert (pool.bandwidth.used, pool.free_bandwidth_used) == (265, 0)


def test_an_activation_costs_one_point_one_trx(chain: LocalChain) -> None:
    receipt = carry_out(chain, paid(5 * TRX, STRANGER.address), CUSTOMER)
    assert (receipt.fee, receipt.net_fee, receipt.net_usage) == (1_100_000, 100_000, 0)
    assert _account(chain, STRANGER).balance == 5 * TRX
    assert _account(chain, CUSTOMER).balance == 100 * TRX - 5 * TRX - 1_100_000


def test_staked_bandwidth_saves_a_tenth_of_an_activation(chain: LocalChain) -> None:
    receipt = carry_out(chain, paid(5 * TRX, STRANGER.address, POOL), POOL)
    assert receipt.fee == 1 * TRX
    assert receipt.net_fee == 0
    assert receipt.net_usage > 0


def test_a_memo_costs_one_trx(chain: LocalChain) -> None:
    receipt = carry_out(chain, paid(5), CUSTOMER, memo=b"order 12")
    assert receipt.fee == 1 * TRX


@pytest.mark.parametrize(("to", "energy"), [(HOLDER, 64_285), (STRANGER, 130_285)])
def test_a_usdt_transfer_without_energy_burns_trx(
    chain: LocalChain, to: SigningKey, energy: int
) -> None:
    receipt = carry_out(chain, usdt(5 * TRX, to.address), CUSTOMER, fee_limit=50 * TRX)
    assert receipt.outcome is Outcome.SUCCESS
    assert (receipt.energy_total, receipt.energy_usage) == (energy, 0)
    assert receipt.energy_fee == receipt.fee == energy * 100
    assert chain.view.token_balance(USDT, CUSTOMER.address) == 495 * TRX
    assert chain.view.token_balance(USDT, to.address) == (6 if to is HOLDER else 5) * TRX


def test_rented_energy_saves_all_of_that(chain: LocalChain) -> None:
    carry_out(chain, delegated(6_501), POOL)
    receipt = carry_out(chain, usdt(5 * TRX, HOLDER.address), CUSTOMER, fee_limit=50 * TRX)
    assert (receipt.fee, receipt.energy_usage, receipt.net_usage) == (0, 64_285, 345)
    assert _account(chain, CUSTOMER).balance == 100 * TRX


def test_too_little_energy_is_topped_up_by_burning(chain: LocalChain) -> None:
    carry_out(chain, delegated(3_000), POOL)
    receipt = carry_out(chain, usdt(5 * TRX, HOLDER.address), CUSTOMER, fee_limit=50 * TRX)
    assert receipt.energy_usage in range(29_900, 30_001)
    assert receipt.energy_fee == (64_285 - receipt.energy_usage) * 100


def test_a_fee_limit_that_is_too_low_takes_the_fee_and_does_nothing(chain: LocalChain) -> None:
    receipt = carry_out(chain, usdt(5 * TRX, HOLDER.address), CUSTOMER, fee_limit=1 * TRX)
    assert receipt.outcome is Outcome.OUT_OF_ENERGY
    assert (receipt.energy_total, receipt.fee) == (10_000, 1 * TRX)
    assert chain.view.token_balance(USDT, CUSTOMER.address) == 500 * TRX
    assert not receipt.logs


def test_more_usdt_than_there_is_reverts(chain: LocalChain) -> None:
    receipt = carry_out(chain, usdt(501 * TRX, HOLDER.address), CUSTOMER, fee_limit=50 * TRX)
    assert receipt.outcome is Outcome.REVERT
    assert receipt.fee == receipt.energy_total * 100 > 0
    assert chain.view.token_balance(USDT, CUSTOMER.address) == 500 * TRX


def test_the_log_says_who_sent_what(chain: LocalChain) -> None:
    receipt = carry_out(chain, usdt(5 * TRX, HOLDER.address), CUSTOMER, fee_limit=50 * TRX)
    (log,) = receipt.logs
    assert log.contract == USDT
    assert int(log.data, 16) == 5 * TRX
    assert len(log.topics) == 3


def test_an_expired_lock_joins_the_unlocked_record(chain: LocalChain) -> None:
    locked = replace(delegated(100), lock=True, lock_period=1_200)
    carry_out(chain, locked, POOL)
    expire_ms = chain.head.time_ms - SLOT_MS + 1_200 * SLOT_MS
    record = chain.view.delegation(POOL.address, CUSTOMER.address, locked=True)
    assert record is not None
    assert record.energy_expire_ms == expire_ms
    assert send(chain, reclaimed(1), POOL).code is Code.CONTRACT_VALIDATE_ERROR
    chain.advance_time(3_600)
    chain.produce_block()
    assert chain.view.delegation(POOL.address, CUSTOMER.address, locked=True) is not None
    carry_out(chain, delegated(5), POOL)
    assert chain.view.delegation(POOL.address, CUSTOMER.address, locked=True) is None
    record = chain.view.delegation(POOL.address, CUSTOMER.address, locked=False)
    assert record is not None
    assert (record.energy, record.energy_expire_ms) == (105 * TRX, 0)
    carry_out(chain, reclaimed(105), POOL)
    assert chain.view.delegation(POOL.address, CUSTOMER.address, locked=False) is None
    assert chain.view.receivers(POOL.address) == ()


def test_a_lock_that_expires_now_still_holds(chain: LocalChain) -> None:
    carry_out(chain, replace(delegated(100), lock=True, lock_period=2), POOL)
    record = chain.view.delegation(POOL.address, CUSTOMER.address, locked=True)
    assert record is not None
    chain.produce_block()
    assert chain.head.time_ms == record.energy_expire_ms
    assert not send(chain, reclaimed(1), POOL).accepted
    chain.produce_block()
    assert send(chain, reclaimed(1), POOL).accepted


def test_an_ended_stake_waits_fourteen_days(chain: LocalChain) -> None:
    ended = UnfreezeBalanceV2(POOL.address, 500 * TRX, Resource.ENERGY)
    carry_out(chain, ended, POOL)
    balance = _account(chain, POOL).balance
    (entry,) = _account(chain, POOL).unfreezing
    assert entry.expire_ms == chain.head.time_ms - SLOT_MS + 14 * DAY_MS
    withdraw = WithdrawExpireUnfreeze(POOL.address)
    assert "no unFreeze balance" in send(chain, withdraw, POOL).message
    chain.advance_time(14 * DAY_S)
    chain.produce_block()
    receipt = carry_out(chain, withdraw, POOL)
    assert receipt.withdrawn == 500 * TRX
    assert _account(chain, POOL).balance == balance + 500 * TRX
    assert _account(chain, POOL).unfreezing == ()


def test_ended_stakes_can_be_staked_again(chain: LocalChain) -> None:
    before = _account(chain, POOL).energy.own
    weight = chain.view.number("property/energy weight")
    for amount in (300, 200):
        carry_out(chain, UnfreezeBalanceV2(POOL.address, amount * TRX, Resource.ENERGY), POOL)
    assert _account(chain, POOL).energy.own == before - 500 * TRX
    assert chain.view.number("property/energy weight") == weight - 500
    receipt = carry_out(chain, CancelAllUnfreezeV2(POOL.address), POOL)
    assert receipt.staked_again is not None
    assert dict(receipt.staked_again)[Resource.ENERGY] == 500 * TRX
    assert _account(chain, POOL).energy.own == before
    assert chain.view.number("property/energy weight") == weight
    assert "No unfreezeV2 list" in send(chain, CancelAllUnfreezeV2(POOL.address), POOL).message


def test_at_most_thirty_two_ended_stakes_wait(chain: LocalChain) -> None:
    ended = UnfreezeBalanceV2(POOL.address, 1 * TRX, Resource.ENERGY)
    for _ in range(32):
        assert send(chain, ended, POOL).accepted
    assert "times is over limit" in send(chain, ended, POOL).message


@pytest.mark.parametrize(
    ("contract", "complaint"),
    [
        (FreezeBalanceV2(CUSTOMER.address, TRX - 1, Resource.ENERGY), "equal to 1 TRX"),
        (FreezeBalanceV2(CUSTOMER.address, 0, Resource.ENERGY), "must be positive"),
        (FreezeBalanceV2(CUSTOMER.address, 101 * TRX, Resource.ENERGY), "accountBalance"),
        (FreezeBalanceV2(CUSTOMER.address, TRX, Resource.TRON_POWER), "valid ResourceCode"),
        (UnfreezeBalanceV2(CUSTOMER.address, TRX, Resource.ENERGY), "no frozenBalance(Energy)"),
        (UnfreezeBalanceV2(CUSTOMER.address, TRX, Resource.BANDWIDTH), "no frozenBalance(BAND"),
        (
            UnDelegateResource(CUSTOMER.address, BANK.address, 1, Resource.TRON_POWER),
            "delegated Resource does not exist",
        ),
        (
            DelegateResource(CUSTOMER.address, BANK.address, TRX, Resource.TRON_POWER),
            "valid ResourceCode",
        ),
        (Transfer(CUSTOMER.address, USDT, TRX), "which version is one"),
    ],
)
def test_what_breaks_a_rule_is_refused(
    chain: LocalChain, contract: Transfer, complaint: str
) -> None:
    answer = send(chain, contract, CUSTOMER)
    assert answer.code is Code.CONTRACT_VALIDATE_ERROR
    assert complaint in answer.message
    assert not chain.waiting


def test_a_delegate_only_key_can_do_that_and_nothing_else(chain: LocalChain) -> None:
    _grant_hot_key(chain)
    assert chain.broadcast(signed(chain, delegated(10), HOT, permission_id=3)).accepted
    assert chain.broadcast(signed(chain, reclaimed(1), HOT, permission_id=3)).accepted
    for contract in (paid(1, by=POOL), UnfreezeBalanceV2(POOL.address, TRX, Resource.ENERGY)):
        answer = chain.broadcast(signed(chain, contract, HOT, permission_id=3))
        assert answer.code is Code.SIGERROR
        assert answer.message.endswith("Permission denied")
    assert chain.broadcast(signed(chain, delegated(10), HOT)).code is Code.SIGERROR
    assert chain.broadcast(signed(chain, delegated(10), HOT, permission_id=2)).code is Code.SIGERROR


def test_permissions_cost_a_hundred_trx(chain: LocalChain) -> None:
    before = _account(chain, POOL).balance
    _grant_hot_key(chain)
    assert _account(chain, POOL).balance == before - 100 * TRX
    poor = AccountPermissionUpdate(
        CUSTOMER.address,
        owner_permission(CUSTOMER.address),
        None,
        (active_permission(CUSTOMER.address, DEFAULT_OPERATIONS),),
    )
    carry_out(chain, paid(1 * TRX), CUSTOMER)
    assert send(chain, poor, CUSTOMER).code is Code.CONTRACT_EXE_ERROR


def test_after_new_permissions_the_account_waits_for_the_next_block(chain: LocalChain) -> None:
    update = _hot_key_update()
    assert send(chain, update, POOL).accepted
    later = chain.broadcast(signed(chain, delegated(10), HOT, permission_id=3))
    assert later.accepted
    assert len(chain.produce_block().entries) == 1
    assert chain.waiting_with_id(later.txid) is not None
    assert len(chain.produce_block().entries) == 1


def test_two_signatures_cost_one_trx(chain: LocalChain) -> None:
    both = Permission(
        PermissionType.ACTIVE,
        0,
        "two",
        2,
        0,
        DELEGATE_ONLY,
        (PermissionKey(HOT.address, 1), PermissionKey(HOLDER.address, 1)),
    )
    update = replace(_hot_key_update(), active_permissions=(both,))
    carry_out(chain, update, POOL)
    assert (
        chain.broadcast(signed(chain, delegated(10), HOT, permission_id=2)).message
        == "Validate signature error: sig error"
    )
    twice = chain.broadcast(signed(chain, delegated(10), [HOT, HOT], permission_id=2))
    assert twice.message.endswith("has signed twice!")
    answer = chain.broadcast(signed(chain, delegated(10), [HOT, HOLDER], permission_id=2))
    chain.produce_block()
    found = chain.entry(answer.txid)
    assert found is not None
    assert found[1].receipt.fee == 1 * TRX


def test_other_kinds_of_transactions_are_refused_clearly(chain: LocalChain) -> None:
    parameter = bytes_field(1, b"type.googleapis.com/protocol.VoteWitnessContract")
    raw_bytes = bytes_field(11, varint_field(1, 4) + bytes_field(2, parameter))
    answer = chain.submit(raw_bytes, [CUSTOMER.sign(raw_bytes)])
    assert answer.code is Code.CONTRACT_VALIDATE_ERROR
    assert "the local node cannot run this: contract type 4" in answer.message


def _hot_key_update() -> AccountPermissionUpdate:
    hot = Permission(
        PermissionType.ACTIVE, 0, "energy", 1, 0, DELEGATE_ONLY, (PermissionKey(HOT.address, 1),)
    )
    return AccountPermissionUpdate(
        POOL.address,
        owner_permission(POOL.address),
        None,
        (active_permission(POOL.address, DEFAULT_OPERATIONS), hot),
    )


def _grant_hot_key(chain: LocalChain) -> None:
    carry_out(chain, _hot_key_update(), POOL)


def _account(chain: LocalChain, who: SigningKey) -> Account:
    account = chain.account(who.address)
    assert account is not None
    return account
