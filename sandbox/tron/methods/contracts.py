"""Smart contracts: calls that change nothing, estimates, and calls to sign."""

from __future__ import annotations

from chain.abi import call_data
from chain.addresses import address_hex
from chain.contracts import TriggerSmartContract
from sandbox.tron.execution import REVERTED, BuiltIn, call_contract, logs_of
from sandbox.tron.json_forms import Json, contract_form, text_form
from sandbox.tron.json_input import Body, Fields, Kind, bad_hex
from sandbox.tron.methods.building import unsigned_form
from sandbox.tron.methods.call import Call
from sandbox.tron.refusals import Code

_CALL_FIELDS: Fields = {
    "owner_address": Kind.ADDRESS,
    "contract_address": Kind.ADDRESS,
    "call_value": Kind.INTEGER,
    "fee_limit": Kind.INTEGER,
}


class _CallRefused(Exception):
    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def triggerconstantcontract(call: Call) -> Json:
    """What a call would do and take, without doing it. A revert still has ``result: true``."""
    body = call.read(_CALL_FIELDS)
    try:
        contract, called = _contract_call(call, body)
    except _CallRefused as refusal:
        return _call_refusal(refusal, body)
    result = call_contract(call.view, called, contract)
    form: Json = {"result": {"result": True}, "energy_used": result.energy}
    if result.penalty:
        form["energy_penalty"] = result.penalty
    form["constant_result"] = [result.output.hex()]
    if result.reverted:
        form["result"]["message"] = text_form(REVERTED, visible=body.visible)
    logs = logs_of(called, result)
    if logs:
        form["logs"] = [
            {"address": address_hex(log.contract)[2:], "data": log.data, "topics": [*log.topics]}
            for log in logs
        ]
    raw = call.chain.build(contract, check=False)
    outcome: Json = {"ret": "FAILED"} if result.reverted else {}
    form["transaction"] = {"ret": [outcome], **unsigned_form(raw, visible=body.visible)}
    return form


def estimateenergy(call: Call) -> Json:
    """The energy a call needs at most: a quarter more than it takes, as java-tron finds it."""
    body = call.read(_CALL_FIELDS)
    try:
        contract, called = _contract_call(call, body)
        result = call_contract(call.view, called, contract)
        if result.reverted:
            raise _CallRefused(Code.CONTRACT_EXE_ERROR, REVERTED)
    except _CallRefused as refusal:
        return _call_refusal(refusal, body)
    return {"result": {"result": True}, "energy_required": result.energy * 5 // 4}


def triggersmartcontract(call: Call) -> Json:
    """An unsigned call of a contract."""
    body = call.read(_CALL_FIELDS)
    try:
        contract, _ = _contract_call(call, body)
    except _CallRefused as refusal:
        return _call_refusal(refusal, body)
    raw = call.chain.build(contract, fee_limit=body.integer("fee_limit"), check=False)
    return {"result": {"result": True}, "transaction": unsigned_form(raw, visible=body.visible)}


def getcontract(call: Call) -> Json:
    """A built-in contract, without code; nothing for an account."""
    body = call.read({"value": Kind.ADDRESS})
    address = body.address("value")
    contract = None if address is None else call.chain.contract(address)
    return {} if contract is None else contract_form(contract, visible=body.visible)


def _contract_call(call: Call, body: Body) -> tuple[TriggerSmartContract, BuiltIn]:
    owner = body.address("owner_address")
    if owner is None:
        raise _CallRefused(
            Code.OTHER_ERROR,
            "class java.security.InvalidParameterException : owner_address isn't set.",
        )
    address = body.address("contract_address")
    if address is None:
        raise _CallRefused(
            Code.OTHER_ERROR,
            "class java.security.InvalidParameterException : "
            "At least one of contract_address and data must be set.",
        )
    data = _call_data(body)
    called = call.chain.contract(address)
    if called is None:
        raise _CallRefused(Code.CONTRACT_VALIDATE_ERROR, "Smart contract is not exist.")
    return TriggerSmartContract(owner, address, data, body.integer("call_value")), called


def _call_data(body: Body) -> bytes:
    selector = body.plain.get("function_selector")
    try:
        if selector:
            parameter = bytes.fromhex(str(body.plain.get("parameter", "")))
            return call_data(str(selector), parameter)
        return bytes.fromhex(str(body.plain.get("data", "")))
    except ValueError:
        raise _CallRefused(Code.OTHER_ERROR, str(bad_hex())) from None


def _call_refusal(refusal: _CallRefused, body: Body) -> Json:
    message = text_form(str(refusal), visible=body.visible)
    return {"result": {"code": refusal.code, "message": message}}
