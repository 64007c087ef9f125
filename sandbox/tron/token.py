"""A TRC-20 token that is built in, in place of contract code: USDT as far as a wallet uses it.

What a call costs in energy is a table. On the main network a USDT transfer takes 64,285 energy to
an address that holds USDT and 130,285 to one that does not.

As at TetherToken, the owner can blacklist holders, who then cannot send, and pause all transfers;
both are refused without a reason. What a blacklisted address holds can still grow.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chain.abi import call_data
from chain.addresses import Address, address_bytes, address_from_bytes
from chain.keys import keccak
from sandbox.tron.blocks import InternalCall, Log
from sandbox.tron.state import State, Value, View, blacklist_key, paused_key

TRANSFER_TOPIC = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"

_TRANSFER = bytes.fromhex("a9059cbb")
_BALANCE_OF = bytes.fromhex("70a08231")
_DECIMALS = bytes.fromhex("313ce567")
_SYMBOL = bytes.fromhex("95d89b41")
_NAME = bytes.fromhex("06fdde03")
_TOTAL_SUPPLY = bytes.fromhex("18160ddd")
_IS_BLACKLISTED = call_data("isBlackListed(address)", b"")
_GET_BLACKLIST_STATUS = call_data("getBlackListStatus(address)", b"")
_PAUSED = call_data("paused()", b"")
_ERROR = bytes.fromhex("08c379a0")
_WORD = 32

ADD_TO_BLACKLIST = "addBlackList(address)"
REMOVE_FROM_BLACKLIST = "removeBlackList(address)"
PAUSE = "pause()"
UNPAUSE = "unpause()"

# What the owner alone may call, and the event that it leaves.
_OWNER_EVENTS = {
    call_data(ADD_TO_BLACKLIST, b""): "AddedBlackList(address)",
    call_data(REMOVE_FROM_BLACKLIST, b""): "RemovedBlackList(address)",
    call_data(PAUSE, b""): "Pause()",
    call_data(UNPAUSE, b""): "Unpause()",
}


@dataclass(frozen=True, slots=True)
class EnergyCosts:
    """The energy each call takes."""

    transfer_to_holder: int = 64_285
    transfer_to_new_holder: int = 130_285
    transfer_refused: int = 3_035
    balance_of: int = 935
    decimals: int = 484
    text: int = 3_400
    total_supply: int = 455
    flag: int = 1_046
    transfer_forbidden: int = 1_290
    by_owner: int = 22_846
    other: int = 187
    until_first_write: int = 714


@dataclass(frozen=True, slots=True)
class Transferred:
    """A transfer as the contract logs it."""

    sender: Address
    receiver: Address
    amount: int


@dataclass(frozen=True, slots=True)
class CallResult:
    """What a call did: `output` is the ABI-encoded answer, or the reason of a revert.

    `energy` includes the `penalty` of a busy contract. `calls` are the internal transactions in
    which the contract sent TRX on, `writes` what else of its state changes, and `logs` the events
    other than a transfer's.
    """

    energy: int
    output: bytes = b""
    reverted: bool = False
    transferred: Transferred | None = None
    calls: tuple[InternalCall, ...] = ()
    writes: tuple[tuple[str, Value], ...] = ()
    logs: tuple[Log, ...] = ()
    penalty: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """A token contract; `total_supply` in the token's smallest unit.

    `governed` is whether its owner, who is its creator, can blacklist holders and pause it.
    """

    address: Address
    creator: Address
    total_supply: int
    name: str = "Tether USD"
    symbol: str = "USDT"
    decimals: int = 6
    contract_name: str = "TetherToken"
    energy: EnergyCosts = field(default_factory=EnergyCosts)
    governed: bool = True

    def call(self, view: View, caller: Address, data: bytes, call_value: int = 0) -> CallResult:
        """What a call would do now; nothing changes (see `apply`)."""
        selector, arguments = data[:4], data[4:]
        costs = self.energy
        if call_value:
            # No function takes TRX.
            return CallResult(costs.other, reverted=True)
        if selector == _TRANSFER and len(arguments) >= 2 * _WORD:
            return self._transfer(view, caller, arguments)
        if selector == _BALANCE_OF and len(arguments) >= _WORD:
            holder = _address(arguments[:_WORD])
            return CallResult(costs.balance_of, _word(view.token_balance(self.address, holder)))
        constants = {
            _DECIMALS: (costs.decimals, _word(self.decimals)),
            _SYMBOL: (costs.text, _text(self.symbol)),
            _NAME: (costs.text, _text(self.name)),
            _TOTAL_SUPPLY: (costs.total_supply, _word(self.total_supply)),
        }
        if selector in constants:
            return CallResult(*constants[selector])
        if self.governed:
            return self._governed(view, caller, selector, arguments)
        return CallResult(costs.other, reverted=True)

    def apply(self, state: State, result: CallResult) -> None:
        """Carries out a call that did not revert."""
        for key, value in result.writes:
            state.put(key, value)
        if result.transferred is None:
            return
        transferred = result.transferred
        sender, receiver, amount = transferred.sender, transferred.receiver, transferred.amount
        before = state.token_balance(self.address, sender)
        state.put_token_balance(self.address, sender, before - amount)
        before = state.token_balance(self.address, receiver)
        state.put_token_balance(self.address, receiver, before + amount)

    def runs_dry(self, limit: int) -> str:
        """What the node says when the energy is not enough."""
        # A transfer runs dry at the write of a balance.
        return (
            "Not enough energy for 'SSTORE' operation executing: "
            f"curInvokeEnergyLimit[{limit}], curOpEnergy[5000], "
            f"usedEnergy[{min(limit, self.energy.until_first_write)}]"
        )

    def _transfer(self, view: View, caller: Address, arguments: bytes) -> CallResult:
        receiver = _address(arguments[:_WORD])
        amount = int.from_bytes(arguments[_WORD : 2 * _WORD], "big")
        if view.number(paused_key(self.address)) or view.is_blacklisted(self.address, caller):
            return CallResult(self.energy.transfer_forbidden, reverted=True)
        if view.token_balance(self.address, caller) < amount:
            reason = _ERROR + _text("balance too low")
            return CallResult(self.energy.transfer_refused, reason, reverted=True)
        # Writing a balance where none was costs more; writing zero there writes nothing.
        new = amount > 0 and view.token_balance(self.address, receiver) == 0
        costs = self.energy
        energy = costs.transfer_to_new_holder if new else costs.transfer_to_holder
        return CallResult(energy, _word(1), transferred=Transferred(caller, receiver, amount))

    def _governed(
        self, view: View, caller: Address, selector: bytes, arguments: bytes
    ) -> CallResult:
        """The functions of an owner, and who may ask what came of them."""
        costs, paused = self.energy, view.number(paused_key(self.address))
        if selector == _PAUSED:
            return CallResult(costs.flag, _word(paused))
        named = len(arguments) >= _WORD
        if selector in {_IS_BLACKLISTED, _GET_BLACKLIST_STATUS} and named:
            listed = view.is_blacklisted(self.address, _address(arguments[:_WORD]))
            return CallResult(costs.flag, _word(int(listed)))
        event = _OWNER_EVENTS.get(selector)
        about_holder = event is not None and event.endswith("(address)")
        if event is None or caller != self.creator or (about_holder and not named):
            return CallResult(costs.other, reverted=True)
        if not about_holder:
            pauses = event == "Pause()"
            if pauses == bool(paused):
                return CallResult(costs.other, reverted=True)
            return self._ordered(event, (paused_key(self.address), int(pauses)))
        holder = _address(arguments[:_WORD])
        rest = tuple(entry for entry in view.blacklist(self.address) if entry[0] != holder)
        added = ((holder, 0),) if event.startswith("Added") else ()
        return self._ordered(
            event, (blacklist_key(self.address), (*rest, *added)), arguments[:_WORD]
        )

    def _ordered(self, event: str, write: tuple[str, Value], data: bytes = b"") -> CallResult:
        log = Log(self.address, (event_topic(event),), data.hex())
        return CallResult(self.energy.by_owner, writes=(write,), logs=(log,))


def event_topic(event: str) -> str:
    """The topic by which an event is found: the hash of its signature."""
    return keccak(event.encode()).hex()


def topic_of(address: Address) -> str:
    """An address as a log's topic: 20 bytes, padded."""
    return address_bytes(address)[1:].rjust(_WORD, b"\0").hex()


def _address(word: bytes) -> Address:
    return address_from_bytes(b"\x41" + word[-20:])


def _word(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")


def _text(value: str) -> bytes:
    encoded = value.encode()
    padded = encoded.ljust(-(-len(encoded) // _WORD) * _WORD, b"\0")
    return _word(_WORD) + _word(len(encoded)) + padded
