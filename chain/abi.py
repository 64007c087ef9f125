"""Calls of token contracts, in the encoding that contracts speak."""

from __future__ import annotations

from tronpy.abi import trx_abi
from tronpy.keys import keccak256

from chain.addresses import Address

BALANCE_OF = "balanceOf(address)"
TRANSFER = "transfer(address,uint256)"

_LARGEST_UINT256 = (1 << 256) - 1
_SELECTOR_BYTES = 4


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
