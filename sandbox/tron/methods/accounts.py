"""Accounts, their bandwidth and energy, and addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chain.addresses import Address, InvalidAddress, address_from_hex, parse_address
from sandbox.tron.json_forms import Json, account_form, net_form, resource_form
from sandbox.tron.json_input import (
    Body,
    JavaError,
    Kind,
    bad_hex,
    base58_bytes,
    is_visible,
    read_plain,
)
from sandbox.tron.methods.call import Call


def getaccount(call: Call) -> Json:
    """An account, nothing for one that is not activated."""
    body = call.read({"address": Kind.ADDRESS})
    account = call.account(body.address("address"))
    if account is None:
        return {}
    return account_form(account, call.head.time_ms, visible=body.visible)


def getaccountnet(call: Call) -> Json:
    """An account's bandwidth."""
    account = call.account(call.read({"address": Kind.ADDRESS}).address("address"))
    if account is None:
        return {}
    return net_form(account, call.view, call.chain.parameters, call.head.time_ms)


def getaccountresource(call: Call) -> Json:
    """An account's bandwidth and energy. This method decodes its address more loosely."""
    plain = _plain(call)
    account = call.account(_loose_address(plain.get("address"), is_visible(plain.get("visible"))))
    if account is None:
        return {}
    return resource_form(account, call.view, call.chain.parameters, call.head.time_ms)


def validateaddress(call: Call) -> Json | None:
    """Whether a text is an address; the chain is not asked."""
    try:
        text = str(_plain(call).get("address", ""))
    except JavaError:
        return None
    message = "Invalid address"
    if len(text) == 42:
        valid = _is_valid(address_from_hex, text)
        message = "Hex string format" if valid else message
    elif len(text) == 34:
        valid = _is_valid(parse_address, text)
        message = "Base58check format" if valid else message
    else:
        valid, message = False, "Length error"
    return {"result": valid, "message": message}


def _plain(call: Call) -> Mapping[str, Any]:
    if call.query is not None:
        return call.query
    return read_plain(call.text) if call.text else {}


def _loose_address(text: object, visible: bool) -> Address | None:
    if not isinstance(text, str) or not text:
        return None
    raw = base58_bytes(text) if visible else None
    if not visible:
        try:
            raw = bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)
        except ValueError:
            raise bad_hex() from None
    return Body({"address": raw}, visible, {}).address("address")


def _is_valid(read: Callable[[str], Address], text: str) -> bool:
    try:
        read(text)
    except InvalidAddress:
        return False
    return True
