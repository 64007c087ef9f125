"""Signed transactions: taking them, and who has signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chain.protobuf import MalformedTransaction, bytes_field, varint_field
from chain.transaction_json import raw_from_json
from chain.transactions import Raw, decode_signed, encode, txid
from sandbox.tron.chain import Answer
from sandbox.tron.json_forms import (
    Json,
    address_form,
    opaque_transaction_text,
    permission_form,
    text_form,
    transaction_form,
    without_empty,
)
from sandbox.tron.json_input import JavaError, bad_hex, invalid_contract, is_visible, read_plain
from sandbox.tron.methods.call import Call
from sandbox.tron.permissions import signers, signing_permission
from sandbox.tron.refusals import BadSignatures

_TRUNCATED = (
    "While parsing a protocol message, the input ended unexpectedly in the middle of a field.  "
    "This could mean either that the input has been truncated or that an embedded message "
    "misreported its own length."
)


def broadcasthex(call: Call) -> Json:
    """Takes exactly these bytes."""
    plain = read_plain(call.text) if call.text else {}
    text = str(plain.get("transaction", ""))
    try:
        data = bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)
    except ValueError:
        raise bad_hex() from None
    try:
        raw_bytes, signatures = decode_signed(data)
        answer = call.submit(raw_bytes, signatures)
    except MalformedTransaction:
        raise JavaError("com.google.protobuf.InvalidProtocolBufferException", _TRUNCATED) from None
    return {
        "result": answer.accepted,
        "code": answer.code,
        "txid": answer.txid,
        "message": answer.message,
        "transaction": opaque_transaction_text(raw_bytes, signatures),
    }


def broadcasttransaction(call: Call) -> Json:
    """Takes a transaction in JSON; its `txID` and `raw_data_hex` are ignored."""
    plain = read_plain(call.text) if call.text else {}
    visible = is_visible(plain.get("visible"))
    raw_bytes = packed_raw_data(plain, visible=visible)
    signatures = _signatures(plain)
    answer = call.submit(raw_bytes, signatures)
    return _broadcast_form(answer, visible=visible)


def getsignweight(call: Call) -> Json:
    """Whose signatures a transaction bears, and whether they suffice."""
    plain = read_plain(call.text) if call.text else {}
    visible = is_visible(plain.get("visible"))
    raw, raw_bytes, signatures, transaction = _signed_form(plain, visible)
    form: Json = {"transaction": transaction}
    try:
        permission = signing_permission(call.view, raw, call.chain.operations)
        form["permission"] = permission_form(permission, visible=visible)
        found = signers(permission, raw_bytes, signatures)
    except BadSignatures as refusal:
        form["result"] = {"code": "PERMISSION_ERROR", "message": refusal.reason}
        return form
    weight = sum(each for _, each in found)
    enough = weight >= permission.threshold
    form["result"] = {} if enough else {"code": "NOT_ENOUGH_PERMISSION"}
    form["approved_list"] = [address_form(each, visible=visible) for each, _ in found]
    form["current_weight"] = weight
    return without_empty(form)


def getapprovedlist(call: Call) -> Json:
    """Whose signatures a transaction bears."""
    plain = read_plain(call.text) if call.text else {}
    visible = is_visible(plain.get("visible"))
    raw, raw_bytes, signatures, transaction = _signed_form(plain, visible)
    try:
        permission = signing_permission(call.view, raw, call.chain.operations)
        found = signers(permission, raw_bytes, signatures)
    except BadSignatures as refusal:
        return {
            "result": {"code": "OTHER_ERROR", "message": refusal.reason},
            "transaction": transaction,
        }
    approved = [address_form(each, visible=visible) for each, _ in found]
    return without_empty({"result": {}, "approved_list": approved, "transaction": transaction})


def _broadcast_form(answer: Answer, *, visible: bool) -> Json:
    if answer.accepted:
        return {"result": True, "txid": answer.txid}
    message = text_form(answer.message, visible=visible)
    return {"code": answer.code, "txid": answer.txid, "message": message}


def _signed_form(plain: Mapping[str, Any], visible: bool) -> tuple[Raw, bytes, list[bytes], Json]:
    try:
        raw = raw_from_json(_raw_data(plain), visible=visible)
    except MalformedTransaction as error:
        raise invalid_contract(f"No contract! ({error})") from error
    raw_bytes = encode(raw)
    signatures = _signatures(plain)
    form = {
        "result": {"result": True},
        "txid": txid(raw_bytes),
        "transaction": transaction_form(raw, raw_bytes, signatures, visible=visible),
    }
    return raw, raw_bytes, signatures, form


def packed_raw_data(plain: Mapping[str, Any], *, visible: bool) -> bytes:
    """The bytes of a transaction's ``raw_data``; a contract that cannot be read is left out."""
    raw_data = _raw_data(plain)
    try:
        return encode(raw_from_json(raw_data, visible=visible))
    except MalformedTransaction:
        return b"".join(
            (
                bytes_field(1, _hex_bytes(raw_data.get("ref_block_bytes", ""))),
                bytes_field(4, _hex_bytes(raw_data.get("ref_block_hash", ""))),
                varint_field(8, _integer(raw_data.get("expiration"))),
                varint_field(14, _integer(raw_data.get("timestamp"))),
            )
        )


def _raw_data(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    raw_data = plain.get("raw_data")
    if not isinstance(raw_data, dict):
        raise JavaError(
            "java.lang.NullPointerException",
            'Cannot invoke "com.alibaba.fastjson.JSONObject.getJSONArray(String)" '
            'because "<local3>" is null',
        )
    if not isinstance(raw_data.get("contract"), list):
        raise JavaError(
            "java.lang.NullPointerException",
            'Cannot invoke "com.alibaba.fastjson.JSONArray.size()" because "<local5>" is null',
        )
    return raw_data


def _integer(value: object) -> int:
    return value if isinstance(value, int) and abs(value) < 1 << 63 else 0


def _signatures(plain: Mapping[str, Any]) -> list[bytes]:
    given = plain.get("signature")
    return [_hex_bytes(each) for each in given] if isinstance(given, list) else []


def _hex_bytes(value: object) -> bytes:
    try:
        return bytes.fromhex(str(value))
    except ValueError:
        raise bad_hex() from None
