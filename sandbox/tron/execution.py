"""What the chain does with one transaction: checks, fees, the contract's effect, the receipt.

The order is java-tron's (Manager.processTransaction): after signatures, reference block, time and
duplicates (see `pool`) come bandwidth, the fee for several signatures, the fee for a memo, and then
the rules of the contract itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from chain.addresses import Address, address_hex
from chain.contracts import (
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    Contract,
    DelegateResource,
    FreezeBalanceV2,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from chain.transactions import Raw, bandwidth_bytes
from sandbox.tron import delegation, permissions, staking
from sandbox.tron.accounts import DEFAULT_OPERATIONS, Account, new_account
from sandbox.tron.blocks import Log, Outcome, Receipt
from sandbox.tron.parameters import Parameters
from sandbox.tron.payout import Payout
from sandbox.tron.refusals import (
    ExecutionFailed,
    InsufficientResources,
    InvalidContract,
    TooBig,
)
from sandbox.tron.resources import (
    after_energy_use,
    after_free_use,
    after_use,
    free_used,
    left,
    left_for_calls,
    market,
    slot_at,
)
from sandbox.tron.state import State, View
from sandbox.tron.token import TRANSFER_TOPIC, CallResult, Token, topic_of

REVERTED = "REVERT opcode executed"

ENERGY_FACTOR_UNIT = 10_000

BuiltIn: TypeAlias = Token | Payout
"""A contract that is here without code."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What does not change from block to block."""

    parameters: Parameters
    contracts: Mapping[Address, BuiltIn]
    operations: bytes = DEFAULT_OPERATIONS


def execute(
    state: State,
    rules: Rules,
    raw: Raw,
    raw_bytes: bytes,
    signatures: Sequence[bytes],
    *,
    now_ms: int,
) -> Receipt:
    """Carries out a transaction whose signatures, time and id are checked.

    `state` is a layer of its own, `now_ms` the head block's time. Raises a `TransactionRefused`;
    the layer must then be thrown away.
    """
    size = bandwidth_bytes(raw_bytes, signatures)
    receipt = _pay_bandwidth(state, rules, raw.contract, size, now_ms)
    extra = 0
    if len(signatures) > 1:
        extra += rules.parameters.multi_sign_fee
    if raw.memo:
        extra += rules.parameters.memo_fee
    _burn(state, raw.contract.owner, extra)
    receipt = replace(receipt, fee=receipt.net_fee + extra)
    return _carry_out(state, rules, raw, receipt, now_ms)


def check_contract(view: View, rules: Rules, contract: Contract, now_ms: int) -> None:
    """The rules of a contract alone, as the node checks them before it builds a transaction.

    Raises `InvalidContract`.
    """
    match contract:
        case Transfer():
            _check_transfer(view, rules, contract)
        case DelegateResource():
            delegation.check_delegate(view, contract, rules.parameters, now_ms, being_built=True)
        case UnDelegateResource():
            delegation.check_undelegate(view, contract, now_ms)
        case FreezeBalanceV2():
            staking.check_freeze(view, contract)
        case UnfreezeBalanceV2():
            staking.check_unfreeze(view, contract, now_ms)
        case WithdrawExpireUnfreeze():
            staking.check_withdraw(view, contract, now_ms)
        case CancelAllUnfreezeV2():
            staking.check_cancel(view, contract)
        case AccountPermissionUpdate():
            permissions.check_update(view, contract)
        case TriggerSmartContract():
            contract_called(rules, contract)


def contract_called(rules: Rules, call: TriggerSmartContract) -> BuiltIn:
    """The contract a call is meant for. Raises `InvalidContract` if there is none."""
    contract = rules.contracts.get(call.contract)
    if contract is None:
        raise InvalidContract("No contract or not a smart contract")
    return contract


def call_contract(view: View, called: BuiltIn, call: TriggerSmartContract) -> CallResult:
    """What a call would do now; nothing changes.

    A busy contract's calls take more energy than its code: java-tron's dynamic energy model adds
    the contract's factor, in ten-thousandths, to every step, and names the sum of it the penalty.
    """
    result = called.call(view, call.owner, call.data, call.call_value)
    penalty = result.energy * view.energy_factor(called.address) // ENERGY_FACTOR_UNIT
    return replace(result, energy=result.energy + penalty, penalty=penalty)


def logs_of(contract: BuiltIn, result: CallResult) -> tuple[Log, ...]:
    """The events that a call leaves."""
    moved = result.transferred
    if moved is None:
        return result.logs
    topics = (TRANSFER_TOPIC, topic_of(moved.sender), topic_of(moved.receiver))
    log = Log(contract.address, topics, moved.amount.to_bytes(32, "big").hex())
    return (log, *result.logs)


def _carry_out(state: State, rules: Rules, raw: Raw, receipt: Receipt, now_ms: int) -> Receipt:
    contract, parameters = raw.contract, rules.parameters

    def owner() -> Account:
        account = state.account(contract.owner)
        assert account is not None
        return account

    match contract:
        case Transfer():
            fee = _transfer(state, rules, contract, now_ms)
            receipt = replace(receipt, fee=receipt.fee + fee)
        case DelegateResource():
            delegation.check_delegate(state, contract, parameters, now_ms)
            delegation.delegate(state, contract, now_ms)
        case UnDelegateResource():
            delegation.check_undelegate(state, contract, now_ms)
            delegation.undelegate(state, contract, parameters, now_ms)
        case FreezeBalanceV2():
            staking.check_freeze(state, contract)
            staking.freeze(state, owner(), contract)
        case UnfreezeBalanceV2():
            staking.check_unfreeze(state, contract, now_ms)
            paid = staking.unfreeze(state, owner(), contract, parameters, now_ms)
            receipt = replace(receipt, withdrawn=paid)
        case WithdrawExpireUnfreeze():
            staking.check_withdraw(state, contract, now_ms)
            receipt = replace(receipt, withdrawn=staking.withdraw(state, owner(), now_ms))
        case CancelAllUnfreezeV2():
            staking.check_cancel(state, contract)
            paid, again = staking.cancel(state, owner(), now_ms)
            receipt = replace(receipt, withdrawn=paid, staked_again=tuple(again.items()))
        case AccountPermissionUpdate():
            permissions.check_update(state, contract)
            permissions.update(state, owner(), contract)
            fee = parameters.update_permission_fee
            _burn_in_contract(state, contract.owner, fee)
            receipt = replace(receipt, fee=receipt.fee + fee)
        case TriggerSmartContract():
            receipt = _call(state, rules, raw, contract, receipt=receipt, now_ms=now_ms)
    return receipt


def _check_transfer(view: View, rules: Rules, contract: Transfer) -> int:
    """The fee on top of the amount."""
    if contract.to == contract.owner:
        raise InvalidContract("Cannot transfer TRX to yourself.")
    owner = view.account(contract.owner)
    if owner is None:
        raise InvalidContract("Validate TransferContract error, no OwnerAccount.")
    if contract.amount <= 0:
        raise InvalidContract("Amount must be greater than 0.")
    receiver = view.account(contract.to)
    if receiver is not None and receiver.is_contract:
        raise InvalidContract(
            "Cannot transfer TRX to a smartContract which version is one. "
            "Instead please use TriggerSmartContract "
        )
    fee = rules.parameters.create_account_fee_in_system_contract if receiver is None else 0
    if owner.balance < contract.amount + fee:
        raise InvalidContract("Validate TransferContract error, balance is not sufficient.")
    return fee


def _transfer(state: State, rules: Rules, contract: Transfer, now_ms: int) -> int:
    fee = _check_transfer(state, rules, contract)
    receiver = state.account(contract.to) or new_account(contract.to, now_ms, rules.operations)
    owner = state.account(contract.owner)
    assert owner is not None
    state.put_account(replace(owner, balance=owner.balance - contract.amount - fee))
    state.put_account(replace(receiver, balance=receiver.balance + contract.amount))
    state.burn(fee)
    return fee


def _call(
    state: State,
    rules: Rules,
    raw: Raw,
    contract: TriggerSmartContract,
    *,
    receipt: Receipt,
    now_ms: int,
) -> Receipt:
    parameters = rules.parameters
    called = contract_called(rules, contract)
    if contract.call_value < 0:
        raise InvalidContract("callValue must be >= 0")
    if not 0 <= raw.fee_limit <= parameters.max_fee_limit:
        raise InvalidContract(f"feeLimit must be >= 0 and <= {parameters.max_fee_limit}")
    caller = state.account(contract.owner)
    assert caller is not None
    if contract.call_value > caller.balance:
        raise InvalidContract("Validate InternalTransfer error, balance is not sufficient.")
    slot = slot_at(now_ms)
    energy_market = market(state, parameters, Resource.ENERGY)
    from_stake = left_for_calls(caller.energy, energy_market, slot)
    affordable = from_stake + (caller.balance - contract.call_value) // parameters.energy_fee
    limit = min(affordable, raw.fee_limit // parameters.energy_fee)
    result = call_contract(state, called, contract)
    receipt = replace(receipt, contract=called.address, energy_penalty=result.penalty)
    if result.energy > limit:
        spent = limit
        # As much of it as of the whole.
        penalty = result.penalty * limit // result.energy
        receipt = replace(receipt, energy_penalty=penalty)
        receipt = replace(
            receipt,
            outcome=Outcome.OUT_OF_ENERGY,
            message=called.runs_dry(limit),
            calls=tuple(replace(call, rejected=True) for call in result.calls),
        )
    else:
        spent = result.energy
        receipt = replace(receipt, output=result.output.hex(), calls=result.calls)
        if result.reverted:
            receipt = replace(receipt, outcome=Outcome.REVERT, message=REVERTED)
        elif isinstance(called, Payout):
            called.apply(state, contract.owner, result, now_ms=now_ms, operations=rules.operations)
        else:
            called.apply(state, result)
            receipt = replace(receipt, logs=logs_of(called, result))
        caller = state.account(contract.owner)
        assert caller is not None
    usage = min(spent, from_stake)
    fee = (spent - usage) * parameters.energy_fee
    state.put_account(
        replace(
            caller,
            balance=caller.balance - fee,
            energy=after_energy_use(caller.energy, usage, slot),
            latest_operation_ms=now_ms,
        )
    )
    state.burn(fee)
    return replace(
        receipt,
        fee=receipt.fee + fee,
        energy_usage=usage,
        energy_fee=fee,
        energy_total=spent,
    )


def _pay_bandwidth(
    state: State, rules: Rules, contract: Contract, size: int, now_ms: int
) -> Receipt:
    """Staked bandwidth first, then the free one, then TRX; one of them pays for all of it."""
    account = state.account(contract.owner)
    if account is None:
        raise InvalidContract(f"account [{contract.owner}] does not exist")
    slot = slot_at(now_ms)
    parameters = rules.parameters
    staked_left = left(account.bandwidth, market(state, parameters, Resource.BANDWIDTH), slot)
    creates = isinstance(contract, Transfer) and state.account(contract.to) is None
    if creates and size > parameters.max_create_account_transaction_size:
        raise TooBig(
            f"Too big new account transaction, the size is {size} bytes, "
            f"maxTxSize {parameters.max_create_account_transaction_size}"
        )
    if size <= staked_left:
        state.put_account(
            replace(
                account,
                bandwidth=after_use(account.bandwidth, size, slot),
                latest_operation_ms=now_ms,
            )
        )
        return Receipt(net_usage=size)
    if creates:
        fee = parameters.create_account_fee
    else:
        last_use = account.free_bandwidth_used, account.free_bandwidth_slot
        if size <= parameters.free_net_limit - free_used(*last_use, slot):
            state.put_account(
                replace(
                    account,
                    free_bandwidth_used=after_free_use(*last_use, size, slot),
                    free_bandwidth_slot=slot,
                    latest_operation_ms=now_ms,
                )
            )
            return Receipt(net_usage=size)
        fee = size * parameters.transaction_fee
    state.put_account(replace(account, latest_operation_ms=now_ms))
    _burn(state, contract.owner, fee)
    return Receipt(net_fee=fee)


def _burn(state: State, owner: Address, fee: int) -> None:
    account = state.account(owner)
    if fee and (account is None or account.balance < fee):
        raise InsufficientResources
    if fee and account is not None:
        state.put_account(replace(account, balance=account.balance - fee))
        state.burn(fee)


def _burn_in_contract(state: State, owner: Address, fee: int) -> None:
    try:
        _burn(state, owner, fee)
    except InsufficientResources:
        raise ExecutionFailed(f"{address_hex(owner)} insufficient balance") from None
