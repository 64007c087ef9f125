"""Stakes and delegations: what is lent, what could be, what can be withdrawn."""

from __future__ import annotations

from chain.addresses import Address
from chain.contracts import Resource
from sandbox.tron.json_forms import Json, address_form, delegation_form, without_empty
from sandbox.tron.json_input import Kind
from sandbox.tron.methods.call import Call
from sandbox.tron.parameters import TRX
from sandbox.tron.resources import delegatable, market, slot_at
from sandbox.tron.staking import available_unfreezes, withdrawable


def getcandelegatedmaxsize(call: Call) -> Json:
    """How much of an account's stake can be delegated now, in sun; nothing below 1 TRX."""
    body = call.read({"owner_address": Kind.ADDRESS, "type": Kind.INTEGER})
    account = call.account(body.address("owner_address"))
    kind = body.integer("type")
    if account is None or kind not in {Resource.BANDWIDTH, Resource.ENERGY}:
        return {}
    resource = Resource(kind)
    size = delegatable(
        account,
        resource,
        market(call.view, call.chain.parameters, resource),
        slot_at(call.head.time_ms),
        reserve_bandwidth=resource is Resource.BANDWIDTH,
    )
    return {"max_size": size} if size >= TRX else {}


def getdelegatedresourcev2(call: Call) -> Json:
    """What one account has delegated to another: the unlocked record, then the locked one."""
    body = call.read({"fromAddress": Kind.ADDRESS, "toAddress": Kind.ADDRESS})
    owner, receiver = body.address("fromAddress"), body.address("toAddress")
    if owner is None or receiver is None:
        return {}
    records = [call.view.delegation(owner, receiver, locked=locked) for locked in (False, True)]
    return without_empty(
        {
            "delegatedResource": [
                delegation_form(owner, receiver, record, visible=body.visible)
                for record in records
                if record is not None
            ]
        }
    )


def getdelegatedresourceaccountindexv2(call: Call) -> Json:
    """To whom an account delegates, and who delegates to it."""
    body = call.read({"value": Kind.ADDRESS})
    address = body.address("value")
    if address is None:
        return {}

    def forms(entries: tuple[tuple[Address, int], ...]) -> list[str]:
        return [address_form(other, visible=body.visible) for other, _ in entries]

    return without_empty(
        {
            "account": address_form(address, visible=body.visible),
            "fromAccounts": forms(call.view.owners(address)),
            "toAccounts": forms(call.view.receivers(address)),
        }
    )


def getavailableunfreezecount(call: Call) -> Json:
    """How many more stakes an account can end."""
    account = call.account(call.read({"owner_address": Kind.ADDRESS}).address("owner_address"))
    count = 0 if account is None else available_unfreezes(account, call.head.time_ms)
    return without_empty({"count": count})


def getcanwithdrawunfreezeamount(call: Call) -> Json:
    """What an account could withdraw at a time."""
    body = call.read({"owner_address": Kind.ADDRESS, "timestamp": Kind.INTEGER})
    account = call.account(body.address("owner_address"))
    amount = 0 if account is None else withdrawable(account, body.integer("timestamp"))
    return without_empty({"amount": amount})
