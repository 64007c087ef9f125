"""TRC-20 tokens by the addresses of their contracts: how they are called, how they are counted.

Anybody can give a contract any symbol. So a token is its address; its symbol is only for reading,
is cut to what can be read, and never passes for that of the shop's own token.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from chain.addresses import Address
from chain.errors import Refused
from chain.node import NodeClient

USDT = "USDT"
"""The symbol of the token that is meant when nobody names another."""

_LONGEST_SYMBOL = 12
_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `decimals` are the digits of its amounts behind the point."""

    address: Address
    symbol: str
    decimals: int

    def units(self, amount: Decimal) -> int | None:
        """An amount in the token's smallest units; None if it has digits that the token has not."""
        shifted = amount.scaleb(self.decimals)
        return int(shifted) if shifted == int(shifted) else None


@dataclass(frozen=True, slots=True)
class TokenFigures:
    """Configured energy of one transfer of a token, without margin."""

    address: Address
    symbol: str
    holder: int
    non_holder: int


class NotAToken(Exception):
    """There is no TRC-20 token at this address."""


class Tokens:
    """Tokens as the chain knows them; what was asked once is remembered."""

    def __init__(
        self, node: NodeClient, usdt: Address, configured: Iterable[TokenFigures] = ()
    ) -> None:
        self._node = node
        self._usdt = Token(usdt, USDT, 6)
        self._symbols = {figures.address: figures.symbol for figures in configured}
        self._known: dict[Address, Token] = {usdt: self._usdt}

    @property
    def usdt(self) -> Token:
        """The token that is meant when nobody names another."""
        return self._usdt

    async def find(self, address: Address | None) -> Token:
        """The token at an address.

        Raises:
            NotAToken: it is no contract, or one that is no token.
            ChainError: no node could answer.
        """
        if address is None:
            return self._usdt
        known = self._known.get(address)
        if known is not None:
            return known
        try:
            decimals = await self._node.token_decimals(address)
            # Whether it knows balances: a contract may have decimals and be something else.
            await self._node.token_balance(address, address)
            symbol = self._symbols.get(address) or await self._node.token_symbol(address)
        except Refused as error:
            raise NotAToken(address) from error
        token = Token(address, readable_symbol(symbol, address, self._usdt.symbol), decimals)
        if len(self._known) >= _REMEMBERED:
            self._known = {self._usdt.address: self._usdt}
        self._known[address] = token
        return token


def readable_symbol(symbol: str, address: Address, own: str) -> str:
    """`symbol` in one short line; the address instead where nothing can be read, or where it would
    pass for the shop's own token."""
    letters = unicodedata.normalize("NFKC", symbol)
    shown = "".join(each for each in letters if _plain(each) or each in ".$-_₮")
    shown = shown[:_LONGEST_SYMBOL].strip("-_.")
    if not shown or _looks(shown) == _looks(own):
        return f"{address[:5]}…{address[-5:]}"
    return shown


def _plain(letter: str) -> bool:
    """Other alphabets have letters that look like these."""
    return letter.isascii() and letter.isalnum()


def _looks(symbol: str) -> str:
    """What stays of a symbol at a glance: ``USD₮``, ``US-DT`` and ``usdt`` are one."""
    return "".join(each for each in symbol.casefold().replace("₮", "t") if _plain(each))
