"""Unsigned transactions, for a wallet to sign."""

from __future__ import annotations

from chain.addresses import Address
from chain.contracts import (
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    Contract,
    DelegateResource,
    FreezeBalanceV2,
    Resource,
    Transfer,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from chain.protobuf import MalformedTransaction
from chain.transaction_json import raw_from_json
from chain.transactions import Raw, encode
from sandbox.tron.json_forms import Json, transaction_form
from sandbox.tron.json_input import Body, Kind, bad_hex, invalid_contract
from sandbox.tron.methods.call import Call
from sandbox.tron.refusals import InvalidContract


def createtransaction(call: Call) -> Json:
    """An unsigned transfer of TRX."""
    body = call.read(
        {"owner_address": Kind.ADDRESS, "to_address": Kind.ADDRESS, "amount": Kind.INTEGER}
    )
    owner = _required(body, "owner_address", "Invalid ownerAddress!")
    to = _required(body, "to_address", "Invalid toAddress!")
    return _built(call, body, Transfer(owner, to, body.integer("amount")))


def delegateresource(call: Call) -> Json:
    """An unsigned delegation."""
    body = call.read(
        {
            "owner_address": Kind.ADDRESS,
            "receiver_address": Kind.ADDRESS,
            "balance": Kind.INTEGER,
            "resource": Kind.RESOURCE,
            "lock": Kind.FLAG,
            "lock_period": Kind.INTEGER,
        }
    )
    owner = _required(body, "owner_address", "Invalid address")
    receiver = _required(body, "receiver_address", "Invalid receiverAddress")
    contract = DelegateResource(
        owner,
        receiver,
        body.integer("balance"),
        _resource(body),
        bool(body.values.get("lock", False)),
        body.integer("lock_period"),
    )
    return _built(call, body, contract)


def undelegateresource(call: Call) -> Json:
    """An unsigned reclaim."""
    body = call.read(
        {
            "owner_address": Kind.ADDRESS,
            "receiver_address": Kind.ADDRESS,
            "balance": Kind.INTEGER,
            "resource": Kind.RESOURCE,
        }
    )
    owner = _required(body, "owner_address", "Invalid address")
    receiver = _required(body, "receiver_address", "Invalid receiverAddress")
    contract = UnDelegateResource(owner, receiver, body.integer("balance"), _resource(body))
    return _built(call, body, contract)


def freezebalancev2(call: Call) -> Json:
    """An unsigned stake."""
    body = call.read(
        {
            "owner_address": Kind.ADDRESS,
            "frozen_balance": Kind.INTEGER,
            "resource": Kind.RESOURCE,
        }
    )
    owner = _required(body, "owner_address", "Invalid address")
    contract = FreezeBalanceV2(owner, body.integer("frozen_balance"), _resource(body))
    return _built(call, body, contract)


def unfreezebalancev2(call: Call) -> Json:
    """An unsigned end of a stake."""
    body = call.read(
        {
            "owner_address": Kind.ADDRESS,
            "unfreeze_balance": Kind.INTEGER,
            "resource": Kind.RESOURCE,
        }
    )
    owner = _required(body, "owner_address", "Invalid address")
    contract = UnfreezeBalanceV2(owner, body.integer("unfreeze_balance"), _resource(body))
    return _built(call, body, contract)


def withdrawexpireunfreeze(call: Call) -> Json:
    """An unsigned withdrawal of ended stakes."""
    body = call.read({"owner_address": Kind.ADDRESS})
    owner = _required(body, "owner_address", "Invalid address")
    return _built(call, body, WithdrawExpireUnfreeze(owner))


def cancelallunfreezev2(call: Call) -> Json:
    """An unsigned cancellation of all ended stakes."""
    body = call.read({"owner_address": Kind.ADDRESS})
    owner = _required(body, "owner_address", "Invalid address")
    return _built(call, body, CancelAllUnfreezeV2(owner))


def accountpermissionupdate(call: Call) -> Json:
    """An unsigned change of permissions."""
    body = call.read({"owner_address": Kind.ADDRESS})
    _required(body, "owner_address", "invalidate ownerAddress")
    value = {
        name: body.plain[name]
        for name in ("owner_address", "owner", "witness", "actives")
        if name in body.plain
    }
    if isinstance(value.get("actives"), dict):
        value["actives"] = [value["actives"]]
    data = {
        "contract": [
            {"type": "AccountPermissionUpdateContract", "parameter": {"value": value}},
        ]
    }
    try:
        contract = raw_from_json(data, visible=body.visible).contract
    except MalformedTransaction as error:
        raise invalid_contract(str(error)) from error
    if not isinstance(contract, AccountPermissionUpdate):
        raise invalid_contract("no permissions")
    return _built(call, body, contract)


def deploycontract(call: Call) -> Json:
    """Refused: contract code does not run here."""
    del call
    raise invalid_contract("the local node does not deploy contracts")


def _required(body: Body, name: str, complaint: str) -> Address:
    address = body.address(name)
    if address is None:
        raise invalid_contract(complaint)
    return address


def _resource(body: Body) -> Resource:
    value = body.values.get("resource", Resource.BANDWIDTH)
    return value if isinstance(value, Resource) else Resource.BANDWIDTH


def _built(call: Call, body: Body, contract: Contract) -> Json:
    permission_id = body.plain.get("Permission_id", 0)
    memo = str(body.plain.get("extra_data", ""))
    try:
        raw = call.chain.build(
            contract,
            memo=memo.encode() if body.visible else bytes.fromhex(memo),
            permission_id=permission_id if isinstance(permission_id, int) else 0,
        )
    except InvalidContract as refusal:
        raise invalid_contract(refusal.reason) from refusal
    except ValueError:
        raise bad_hex() from None
    return unsigned_form(raw, visible=body.visible)


def unsigned_form(raw: Raw, *, visible: bool) -> Json:
    """A transaction that is still to be signed."""
    return {"visible": visible, **transaction_form(raw, encode(raw), (), visible=visible)}
