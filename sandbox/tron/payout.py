"""A contract that pays out TRX, built in: what exchanges send their customers' withdrawals through.

``pay(address[],uint256[])`` hands on the TRX that come with the call, to one receiver after the
other, and what is left over back to the caller. These payments are internal transactions: they are
found in the node's info of the call, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chain.abi import call_data
from chain.addresses import Address, address_bytes, address_from_bytes
from sandbox.tron.accounts import new_account
from sandbox.tron.blocks import InternalCall
from sandbox.tron.state import State, View
from sandbox.tron.token import CallResult

PAY = "pay(address[],uint256[])"

_SELECTOR = call_data(PAY, b"")
_WORD = 32
_MOST_PAYMENTS = 1_000


@dataclass(frozen=True, slots=True)
class PayoutCosts:
    """The energy a call takes; one payment to an account takes the 7,161 of a recorded one."""

    call: int = 421
    payment: int = 6_740
    activation: int = 25_000


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout contract. It never keeps anything."""

    address: Address
    creator: Address
    contract_name: str = "Payout"
    energy: PayoutCosts = PayoutCosts()

    def call(self, view: View, caller: Address, data: bytes, call_value: int = 0) -> CallResult:
        """What a call would do now; nothing changes (see `apply`)."""
        payments = payments_in(data)
        if payments is None:
            return CallResult(self.energy.call, reverted=True)
        energy, left = self.energy.call, call_value
        calls: list[InternalCall] = []
        activated: set[Address] = set()
        for receiver, amount in payments:
            if amount > left:
                return _reverted(energy, calls)
            account = view.account(receiver)
            energy += self.energy.payment
            if account is None and amount and receiver not in activated:
                activated.add(receiver)
                energy += self.energy.activation
            calls.append(InternalCall(self.address, receiver, amount))
            if receiver == self.address or (account is not None and account.is_contract):
                # No contract here takes TRX that come without data.
                return _reverted(energy, calls)
            left -= amount
        if left:
            energy += self.energy.payment
            calls.append(InternalCall(self.address, caller, left))
        return CallResult(energy, calls=tuple(calls))

    def apply(
        self, state: State, caller: Address, result: CallResult, *, now_ms: int, operations: bytes
    ) -> None:
        """Moves the TRX of a call that did not revert.

        A receiver's account begins now, with an active permission for `operations`.
        """
        paid = sum(call.amount for call in result.calls)
        account = state.account(caller)
        assert account is not None, "who calls has an account"
        state.put_account(replace(account, balance=account.balance - paid))
        for call in result.calls:
            account = state.account(call.receiver)
            if account is None and not call.amount:
                continue
            account = account or new_account(call.receiver, now_ms, operations)
            state.put_account(replace(account, balance=account.balance + call.amount))

    def runs_dry(self, limit: int) -> str:
        """What the node says when the energy is not enough."""
        return (
            "Not enough energy for 'CALL' operation executing: "
            f"curInvokeEnergyLimit[{limit}], curOpEnergy[9040], "
            f"usedEnergy[{min(limit, self.energy.call)}]"
        )


def pay_data(payments: Sequence[tuple[Address, int]]) -> bytes:
    """The data of a call that pays these amounts, in sun."""
    count = _word(len(payments))
    receivers = b"".join(
        address_bytes(receiver)[1:].rjust(_WORD, b"\0") for receiver, _ in payments
    )
    amounts = b"".join(_word(amount) for _, amount in payments)
    offsets = _word(2 * _WORD) + _word(3 * _WORD + len(receivers))
    return call_data(PAY, offsets + count + receivers + count + amounts)


def payments_in(data: bytes) -> tuple[tuple[Address, int], ...] | None:
    """Whom a call of a payout contract pays, and how much; None if it is no such call."""
    if data[: len(_SELECTOR)] != _SELECTOR:
        return None
    arguments = data[len(_SELECTOR) :]
    receivers, amounts = _array(arguments, 0), _array(arguments, 1)
    if receivers is None or amounts is None or len(receivers) != len(amounts):
        return None
    if any(receiver[: _WORD - 20].strip(b"\0") for receiver in receivers):
        return None
    return tuple(
        (address_from_bytes(b"\x41" + receiver[-20:]), int.from_bytes(amount, "big"))
        for receiver, amount in zip(receivers, amounts, strict=True)
    )


def _array(arguments: bytes, place: int) -> list[bytes] | None:
    """The words of an array among the arguments; None if they are not all there."""
    start = _number(arguments, place * _WORD)
    count = None if start is None else _number(arguments, start)
    if start is None or count is None or count > _MOST_PAYMENTS:
        return None
    words = arguments[start + _WORD : start + _WORD * (1 + count)]
    if len(words) != count * _WORD:
        return None
    return [words[each : each + _WORD] for each in range(0, len(words), _WORD)]


def _number(arguments: bytes, start: int) -> int | None:
    word = arguments[start : start + _WORD]
    return int.from_bytes(word, "big") if len(word) == _WORD else None


def _reverted(energy: int, calls: Sequence[InternalCall]) -> CallResult:
    rejected = tuple(replace(call, rejected=True) for call in calls)
    return CallResult(energy, reverted=True, calls=rejected)


def _word(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")
