"""A token's owner, who blacklists holders and pauses the token, as TetherToken's can.

By real transactions: calls of the token that everybody can look up.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from chain.abi import address_parameter, call_data
from chain.addresses import Address
from chain.contracts import TriggerSmartContract
from sandbox.inhabitants import Resident
from sandbox.tron.chain import LocalChain
from sandbox.tron.state import paused_key
from sandbox.tron.token import ADD_TO_BLACKLIST, PAUSE, REMOVE_FROM_BLACKLIST, UNPAUSE, Token
from sandbox.wallet import CALL_FEE_LIMIT_SUN, CannotSend, sign_and_submit


class TokenOwner:
    """What the owner of one token can do; raises `CannotSend`.

    An order returns the ids of the transactions that it took, which wait for a block.
    """

    def __init__(self, chain: LocalChain, token: Token, owner: Resident) -> None:
        self._chain = chain
        self.token = token
        self._owner = owner

    def set_blacklist(self, wanted: Collection[Address]) -> tuple[str, ...]:
        """Makes these, and nobody else, holders that cannot send."""
        now = self._blacklist()
        off = [self._call(REMOVE_FROM_BLACKLIST, each) for each in now if each not in wanted]
        on = [self._call(ADD_TO_BLACKLIST, each) for each in wanted if each not in now]
        return (*off, *on)

    def set_paused(self, *, paused: bool) -> tuple[str, ...]:
        """Lets nobody transfer the token, or lets them again."""
        if paused == self._paused():
            return ()
        return (self._call(PAUSE if paused else UNPAUSE),)

    def as_json(self) -> dict[str, Any]:
        """The token and how it stands; what waits is counted."""
        token = self.token
        return {
            "token": token.symbol,
            "name": token.name,
            "address": token.address,
            "decimals": token.decimals,
            "energy_factor": self._chain.view.energy_factor(token.address),
            "paused": self._paused(),
            "blacklist": list(self._blacklist()),
        }

    def _blacklist(self) -> tuple[Address, ...]:
        return tuple(holder for holder, _ in self._chain.view.blacklist(self.token.address))

    def _paused(self) -> bool:
        return bool(self._chain.view.number(paused_key(self.token.address)))

    def _call(self, function: str, holder: Address | None = None) -> str:
        if not self.token.governed:
            raise CannotSend("WRONG_STATE", f"{self.token.symbol} knows no blacklist and no pause.")
        data = call_data(function, b"" if holder is None else address_parameter(holder))
        contract = TriggerSmartContract(self._owner.address, self.token.address, data)
        return sign_and_submit(self._chain, self._owner, contract, fee_limit=CALL_FEE_LIMIT_SUN)
