"""Staking and ending stakes, after the actuators of Stake 2.0."""

from __future__ import annotations

from dataclasses import replace

from chain.addresses import address_hex
from chain.contracts import (
    CancelAllUnfreezeV2,
    FreezeBalanceV2,
    Resource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from sandbox.tron.accounts import Account, Unfreezing
from sandbox.tron.delegation import missing_account
from sandbox.tron.parameters import DAY_MS, MAX_UNFREEZING, TRX, Parameters
from sandbox.tron.refusals import InvalidContract
from sandbox.tron.resources import weight_key
from sandbox.tron.state import State, View


def check_freeze(view: View, contract: FreezeBalanceV2) -> None:
    """Refuses a stake that breaks a rule (`InvalidContract`)."""
    account = view.account(contract.owner)
    if account is None:
        raise missing_account(contract.owner)
    if contract.frozen_balance <= 0:
        raise InvalidContract("frozenBalance must be positive")
    if contract.frozen_balance < TRX:
        raise InvalidContract("frozenBalance must be greater than or equal to 1 TRX")
    if contract.frozen_balance > account.balance:
        raise InvalidContract("frozenBalance must be less than or equal to accountBalance")
    if contract.resource is Resource.TRON_POWER:
        raise InvalidContract("ResourceCode error, valid ResourceCode[BANDWIDTH、ENERGY]")


def freeze(state: State, account: Account, contract: FreezeBalanceV2) -> None:
    """Carries out a checked stake."""
    amount = contract.frozen_balance
    paid = replace(account, balance=account.balance - amount)
    state.put_account(_restaked(state, paid, contract.resource, amount))


def check_unfreeze(view: View, contract: UnfreezeBalanceV2, now_ms: int) -> None:
    """Refuses to end a stake that cannot be ended (`InvalidContract`)."""
    account = view.account(contract.owner)
    if account is None:
        raise InvalidContract(f"Account[{address_hex(contract.owner)}] does not exist")
    resource = contract.resource
    if resource is Resource.TRON_POWER:
        raise InvalidContract("ResourceCode error.valid ResourceCode[BANDWIDTH、Energy]")
    own = account.holding(resource).own
    if own <= 0:
        name = "Energy" if resource is Resource.ENERGY else "BANDWIDTH"
        raise InvalidContract(f"no frozenBalance({name})")
    if not 0 < contract.unfreeze_balance <= own:
        raise InvalidContract(f"Invalid unfreeze_balance, [{contract.unfreeze_balance}] is error")
    if available_unfreezes(account, now_ms) <= 0:
        raise InvalidContract("Invalid unfreeze operation, unfreezing times is over limit")


def unfreeze(
    state: State,
    account: Account,
    contract: UnfreezeBalanceV2,
    parameters: Parameters,
    now_ms: int,
) -> int:
    """Ends a stake. What already waited long enough is paid out: returns it, in sun."""
    resource, amount = contract.resource, contract.unfreeze_balance
    account, paid_out = _paid_out(account, now_ms)
    entry = Unfreezing(resource, amount, now_ms + parameters.unfreeze_delay_days * DAY_MS)
    account = replace(account, unfreezing=(*account.unfreezing, entry))
    state.put_account(_restaked(state, account, resource, -amount))
    return paid_out


def check_withdraw(view: View, contract: WithdrawExpireUnfreeze, now_ms: int) -> None:
    """Refuses if nothing can be withdrawn (`InvalidContract`)."""
    account = view.account(contract.owner)
    if account is None:
        raise missing_account(contract.owner)
    if withdrawable(account, now_ms) <= 0:
        raise InvalidContract("no unFreeze balance to withdraw ")


def withdraw(state: State, account: Account, now_ms: int) -> int:
    """Pays out the ended stakes that waited long enough; returns the sum in sun."""
    account, paid_out = _paid_out(account, now_ms)
    state.put_account(account)
    return paid_out


def check_cancel(view: View, contract: CancelAllUnfreezeV2) -> None:
    """Refuses if nothing waits (`InvalidContract`)."""
    account = view.account(contract.owner)
    if account is None:
        raise missing_account(contract.owner)
    if not account.unfreezing:
        raise InvalidContract("No unfreezeV2 list to cancel")


def cancel(state: State, account: Account, now_ms: int) -> tuple[int, dict[Resource, int]]:
    """Stakes again what still waits; returns what was paid out instead, and the rest by kind."""
    account, paid_out = _paid_out(account, now_ms)
    staked_again = dict.fromkeys(Resource, 0)
    for entry in account.unfreezing:
        account = _restaked(state, account, entry.resource, entry.amount)
        staked_again[entry.resource] += entry.amount
    state.put_account(replace(account, unfreezing=()))
    return paid_out, staked_again


def withdrawable(account: Account, now_ms: int) -> int:
    """What can be withdrawn at a time, in sun."""
    return sum(entry.amount for entry in account.unfreezing if entry.expire_ms <= now_ms)


def available_unfreezes(account: Account, now_ms: int) -> int:
    """How many more stakes can be ended: at most 32 wait at a time."""
    return MAX_UNFREEZING - sum(entry.expire_ms > now_ms for entry in account.unfreezing)


def _paid_out(account: Account, now_ms: int) -> tuple[Account, int]:
    amount = withdrawable(account, now_ms)
    waiting = tuple(entry for entry in account.unfreezing if entry.expire_ms > now_ms)
    return replace(account, balance=account.balance + amount, unfreezing=waiting), amount


def _restaked(state: State, account: Account, resource: Resource, amount: int) -> Account:
    """The account with its stake changed; the network's weight follows in whole TRX."""
    before = account.staked(resource) // TRX
    side = account.holding(resource)
    account = account.with_holding(resource, replace(side, own=side.own + amount))
    state.add(weight_key(resource), account.staked(resource) // TRX - before)
    return account
