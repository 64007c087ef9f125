"""The wallets of the sandbox: what an account has, what a transfer would cost, and sending it.

A wallet signs with the account's own key and hands the transaction to the chain as the node's
broadcast does. It does not pass through the node's HTTP port, so that the faults planned there hit
the application, for which they are meant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from chain.abi import TRANSFER, call_data, transfer_parameter
from chain.addresses import Address
from chain.contracts import Contract, Resource, Transfer, TriggerSmartContract
from chain.transactions import decode, encode
from sandbox.inhabitants import Resident
from sandbox.tron.blocks import Outcome, Receipt
from sandbox.tron.chain import LocalChain
from sandbox.tron.execution import execute
from sandbox.tron.payout import pay_data
from sandbox.tron.refusals import InvalidContract, TransactionRefused
from sandbox.tron.resources import free_used, market, slot_at, used
from sandbox.tron.state import State, paused_key
from sandbox.tron.token import Token

CALL_FEE_LIMIT_SUN = 100_000_000
"""What a wallet lets a contract's call, such as a USDT transfer, burn at most."""

_LONGEST_WAIT_MS = 10 * 60 * 1000
_OWNERS_WAIT_MS = 60_000
_LARGEST_AMOUNT = 2**63 - 1
_LARGEST_TOKEN_AMOUNT = 2**256 - 1


class CannotSend(Exception):
    """A transfer that the chain does not take; `code` is java-tron's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def sign_and_submit(
    chain: LocalChain, signer: Resident, contract: Contract, *, fee_limit: int = 0
) -> str:
    """Signs with an account's own key and hands it to the chain; returns its txid.

    Raises `CannotSend`, with java-tron's code where the chain refuses.
    """
    raw = chain.build(contract, fee_limit=fee_limit, check=False)
    # The chain may have been switched off for long: it counts from its clock, not its last block.
    expiration_ms = chain.next_time_ms + _OWNERS_WAIT_MS
    raw_bytes = encode(replace(raw, expiration_ms=expiration_ms))
    answer = chain.submit(raw_bytes, [signer.key.sign(raw_bytes)])
    if not answer.accepted:
        raise CannotSend(str(answer.code), answer.message)
    return answer.txid


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to send: sun, or units of a `token`.

    With `through_contract` TRX goes to the payout contract, which hands it on.
    """

    sender: Resident
    receiver: Address
    amount: int
    token: Token | None = None
    through_contract: bool = False


class Wallet:
    """Every account of the sandbox at once."""

    def __init__(self, chain: LocalChain, usdt: Address) -> None:
        self._chain = chain
        self._usdt = usdt

    def account_json(self, address: Address) -> dict[str, Any]:
        """Balances, energy with its sources, and bandwidth, as of now (what waits is counted)."""
        chain, view = self._chain, self._chain.view
        account = view.account(address)
        shown: dict[str, Any] = {
            "address": address,
            "activated": account is not None,
            "trx_sun": 0 if account is None else account.balance,
            "usdt_micro": view.token_balance(self._usdt, address),
            "tokens": {
                # As text: with 18 decimals they are too large for a number in JavaScript.
                token.symbol: str(view.token_balance(token.address, address))
                for token in chain.tokens
            },
        }
        energy_market = market(view, chain.parameters, Resource.ENERGY)
        slot = slot_at(chain.time_ms)
        if account is None:
            return shown | {
                "energy": 0,
                "energy_limit": 0,
                "energy_used": 0,
                "energy_own": 0,
                "energy_rented": 0,
                "energy_delegated": 0,
                "bandwidth": {"limit": 0, "used": 0},
            }
        holding = account.energy
        limit = energy_market.units(holding.yielding)
        own = energy_market.units(holding.own)
        spent = min(used(holding, slot), limit)
        bandwidth_market = market(view, chain.parameters, Resource.BANDWIDTH)
        staked = bandwidth_market.units(account.bandwidth.yielding)
        free = free_used(account.free_bandwidth_used, account.free_bandwidth_slot, slot)
        return shown | {
            "energy": limit - spent,
            "energy_limit": limit,
            "energy_used": spent,
            "energy_own": own,
            "energy_rented": limit - own,
            "energy_delegated": energy_market.units(holding.delegated),
            "bandwidth": {
                "limit": chain.parameters.free_net_limit + staked,
                "used": free + min(used(account.bandwidth, slot), staked),
            },
        }

    def send(self, order: Order) -> str:
        """Signs the transfer and hands it to the chain; returns its txid. Raises CannotSend."""
        raw_bytes, signature = self._signed(order, check=True)
        answer = self._chain.submit(raw_bytes, [signature])
        if not answer.accepted:
            raise CannotSend(str(answer.code), answer.message)
        return answer.txid

    def estimate(self, order: Order) -> dict[str, Any]:
        """What the transfer would need and burn now, found by trying it on a copy of the state.

        `problem` says why it would fail, and is None when it would not.
        """
        account = self._chain.view.account(order.sender.address)
        energy = 0 if account is None else self.account_json(order.sender.address)["energy"]
        try:
            raw_bytes, signature = self._signed(order, check=False)
            receipt = self._try(raw_bytes, signature)
        except CannotSend as error:
            return {"problem": str(error)}
        except TransactionRefused as refusal:
            return {"problem": _reason(refusal)}
        fee_per_energy = self._chain.parameters.energy_fee
        return {
            "problem": self._problem(order, receipt),
            "energy_needed": receipt.energy_total,
            "energy_available": energy,
            "energy_fee_sun": receipt.energy_fee,
            "bandwidth_fee_sun": receipt.net_fee,
            "activation_fee_sun": receipt.fee - receipt.net_fee - receipt.energy_fee,
            "burned_sun": receipt.fee,
            "without_energy_sun": receipt.energy_total * fee_per_energy,
        }

    def _signed(self, order: Order, *, check: bool) -> tuple[bytes, bytes]:
        largest = _LARGEST_AMOUNT if order.token is None else _LARGEST_TOKEN_AMOUNT
        if not 0 < order.amount <= largest:
            raise CannotSend("AMOUNT", f"The amount must be above zero, and {largest} at most.")
        contract: Transfer | TriggerSmartContract
        if order.token is not None:
            data = call_data(TRANSFER, transfer_parameter(order.receiver, order.amount))
            contract = TriggerSmartContract(order.sender.address, order.token.address, data)
        elif order.through_contract:
            data = pay_data([(order.receiver, order.amount)])
            payout = self._chain.payouts[0].address
            contract = TriggerSmartContract(order.sender.address, payout, data, order.amount)
        else:
            contract = Transfer(order.sender.address, order.receiver, order.amount)
        try:
            raw = self._chain.build(
                contract,
                fee_limit=CALL_FEE_LIMIT_SUN if isinstance(contract, TriggerSmartContract) else 0,
                check=check,
            )
        except InvalidContract as refusal:
            raise CannotSend(str(refusal.code), refusal.reason) from refusal
        # After a jump of the clock the next block is far from the last one.
        raw_bytes = encode(replace(raw, expiration_ms=self._chain.next_time_ms + _LONGEST_WAIT_MS))
        return raw_bytes, order.sender.key.sign(raw_bytes)

    def _try(self, raw_bytes: bytes, signature: bytes) -> Receipt:
        return execute(
            State(self._chain.view),
            self._chain.rules,
            decode(raw_bytes),
            raw_bytes,
            [signature],
            now_ms=self._chain.head.time_ms,
        )

    def _problem(self, order: Order, receipt: Receipt) -> str | None:
        if receipt.outcome is Outcome.OUT_OF_ENERGY:
            return "Not enough TRX to burn for the energy that is missing."
        if receipt.outcome is Outcome.REVERT and order.token is not None:
            view, token, sender = self._chain.view, order.token, order.sender.address
            if view.is_blacklisted(token.address, sender):
                return f"{token.symbol} has blacklisted this wallet: it cannot send any."
            if view.number(paused_key(token.address)):
                return f"{token.symbol} is paused: nobody can send any."
            if view.token_balance(token.address, sender) < order.amount:
                return f"There is not that much {token.symbol} in this wallet."
        return receipt.message or None


def _reason(refusal: TransactionRefused) -> str:
    if isinstance(refusal, InvalidContract):
        if "balance is not sufficient" in refusal.reason:
            return "There is not that much TRX in this wallet."
        return refusal.reason
    return str(refusal)
