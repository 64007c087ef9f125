"""Calls of token contracts, in the encoding that contracts speak."""

from __future__ import annotations

from tronpy.abi import trx_abi
from tronpy.keys import keccak256

from chain.addresses import Address

BALANCE_OF = "balanceOf(address)"
TRANSFER = "transfer(address,uint256)"
SYMBOL = "symbol()"
DECIMALS = "decimals()"
IS_BLACKLISTED = "isBlackListed(address)"
"""USDT's question about a frozen holder; most tokens do not know it."""

_LARGEST_UINT256 = (1 << 256) - 1
_SELECTOR_BYTES = 4
_WORD_BYTES = 32


def address_parameter(address: Address) -> bytes:
    """The parameter of ``balanceOf(address)``: 32 bytes."""
    encoded: bytes = trx_abi.encode_abi(["address"], [address])
    return encoded


def transfer_parameter(receiver: Address, amount: int) -> bytes:
    """The parameters of ``transfer(address,uint256)``: 64 bytes; `amount` in the token's units.

    Raises ValueError if the amount does not fit.
    """
    if not 0 <= amount <= _LARGEST_UINT256:
        raise ValueError(f"{amount} is no token amount")
    encoded: bytes = trx_abi.encode_abi(["address", "uint256"], [receiver, amount])
    return encoded


def call_data(function_selector: str, parameter: bytes) -> bytes:
    """The data of a contract call: four bytes that name the function, then its parameters."""
    digest: bytes = keccak256(function_selector.encode())
    return digest[:_SELECTOR_BYTES] + parameter


def read_number(result: bytes) -> int | None:
    """The one number that a call answered with; None if it is not one."""
    return int.from_bytes(result, "big") if len(result) == _WORD_BYTES else None


def read_text(result: bytes) -> str | None:
    """The one text that a call answered with; None if it is not one.

    Old contracts answer with 32 bytes, filled up with zeros, instead of a string.
    """
    if len(result) == _WORD_BYTES:
        content = result.rstrip(b"\0")
        if b"\0" in content:
            return None
    else:
        length = int.from_bytes(result[_WORD_BYTES : 2 * _WORD_BYTES], "big")
        content = result[2 * _WORD_BYTES : 2 * _WORD_BYTES + length]
        if int.from_bytes(result[:_WORD_BYTES], "big") != _WORD_BYTES or len(content) != length:
            return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
