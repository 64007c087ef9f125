"""The node's methods: what each reads from its request and answers from the chain.

Named as in java-tron's paths. Which read `visible` from the body, the query or not at all, which
texts they complain with, and which fields they leave out is java-tron's behaviour, recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chain.abi import call_data
from chain.addresses import Address, InvalidAddress, address_from_hex, address_hex, parse_address
from chain.contracts import (
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    Contract,
    DelegateResource,
    FreezeBalanceV2,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from chain.protobuf import MalformedTransaction, bytes_field, varint_field
from chain.transaction_json import raw_from_json
from chain.transactions import Raw, decode_signed, encode, txid
from sandbox.tron.accounts import Account
from sandbox.tron.blocks import Entry, LocalBlock, Outcome
from sandbox.tron.chain import Answer, LocalChain
from sandbox.tron.execution import REVERTED, transfer_log
from sandbox.tron.json_forms import (
    Json,
    account_form,
    address_form,
    block_form,
    contract_form,
    delegation_form,
    entry_form,
    info_form,
    net_form,
    opaque_transaction_text,
    permission_form,
    resource_form,
    text_form,
    transaction_form,
    without_empty,
)
from sandbox.tron.json_input import (
    Body,
    Fields,
    JavaError,
    Kind,
    bad_hex,
    base58_bytes,
    invalid_contract,
    is_visible,
    read_body,
    read_plain,
    read_query,
)
from sandbox.tron.parameters import TRX
from sandbox.tron.permissions import signers, signing_permission
from sandbox.tron.refusals import BadSignatures, Code, InvalidContract
from sandbox.tron.resources import delegatable, market, slot_at
from sandbox.tron.staking import available_unfreezes, withdrawable
from sandbox.tron.state import View
from sandbox.tron.token import CallResult, Token

_MAINTENANCE_MS = 21_600_000
_MOST_BLOCKS = 100
_HASH = re.compile(r"[0-9a-fA-F]{64}\Z")
_NUMBER = re.compile(r"-?\d+\Z")
_TRUNCATED = (
    "While parsing a protocol message, the input ended unexpectedly in the middle of a field.  "
    "This could mean either that the input has been truncated or that an embedded message "
    "misreported its own length."
)


@dataclass(slots=True)
class Call:
    """One request, and the chain as this node sees it.

    `query` is None for a POST. A solidity node sees solid blocks; `lag` keeps the newest blocks
    out of sight.
    """

    chain: LocalChain
    text: str
    query: Mapping[str, str] | None = None
    visible_in_query: bool = False
    solid: bool = False
    lag: int = 0
    _number: int = field(init=False)

    def __post_init__(self) -> None:
        head = self.chain.solid if self.solid else self.chain.head
        self._number = max(0, head.number - self.lag)

    def read(self, fields: Fields | None = None) -> Body:
        """The request's fields. Raises `JavaError`."""
        if self.query is not None:
            return read_query(self.query, fields or {})
        return read_body(self.text, fields or {})

    @property
    def head(self) -> LocalBlock:
        """The last block this node sees."""
        block = self.chain.block(self._number)
        return block or self.chain.head

    @property
    def view(self) -> View:
        """The state this node sees; a full node counts what waits."""
        if self.solid or self.lag:
            return self.chain.view_at(self._number)
        return self.chain.view

    def block(self, number: int) -> LocalBlock | None:
        """A block, if this node sees it."""
        return self.chain.block(number) if number <= self._number else None

    def entry(self, transaction_id: str) -> tuple[LocalBlock, Entry] | None:
        """A transaction in a block that this node sees."""
        found = self.chain.entry(transaction_id)
        return found if found is not None and found[0].number <= self._number else None

    def account(self, address: Address | None) -> Account | None:
        """An account as this node sees it."""
        return None if address is None else self.view.account(address)


@dataclass(frozen=True, slots=True)
class Route:
    """A method, whether the solidity node has it, and whether GET works."""

    answer: Callable[[Call], Any]
    on_solidity: bool = False
    by_get: bool = True


# ── blocks ───────────────────────────────────────────────────────────────────────────────────────


def getnowblock(call: Call) -> Json:
    """The last block. `visible` counts only in the query."""
    return block_form(call.head, visible=call.visible_in_query)


def getblockbynum(call: Call) -> Json:
    """A block by its number; without one, block 0."""
    body = call.read({"num": Kind.INTEGER})
    return _block_or_nothing(call.block(body.integer("num")), body)


def getblockbyid(call: Call) -> Json:
    """A block by its id."""
    body = call.read({"value": Kind.HEX})
    block = call.chain.block_with_id(body.hex("value"))
    return _block_or_nothing(block and call.block(block.number), body)


def getblock(call: Call) -> Json:
    """A block by number or id, the last one without either; its header only, unless `detail`."""
    body = call.read({"id_or_num": Kind.TEXT, "detail": Kind.FLAG})
    wanted = str(body.values.get("id_or_num", ""))
    if not wanted:
        block: LocalBlock | None = call.head
    elif _NUMBER.match(wanted):
        block = call.block(int(wanted))
    elif _HASH.match(wanted):
        found = call.chain.block_with_id(wanted.lower())
        block = found and call.block(found.number)
    else:
        return {"Error": "id must be legal block hash."}
    if block is None:
        return {}
    return block_form(block, visible=body.visible, detail=bool(body.values.get("detail", False)))


def getblockbylimitnext(call: Call) -> Json:
    """Blocks of a range, end exclusive, at most 100; those past the head are missing."""
    body = call.read({"startNum": Kind.INTEGER, "endNum": Kind.INTEGER})
    start, end = body.integer("startNum"), body.integer("endNum")
    if start < 0 or not 0 < end - start <= _MOST_BLOCKS:
        return {}
    found = [block for block in map(call.block, range(start, end)) if block is not None]
    return {"block": [block_form(block, visible=body.visible) for block in found]}


def getblockbylatestnum(call: Call) -> Json:
    """The last so many blocks, at most 99, oldest first."""
    body = call.read({"num": Kind.INTEGER})
    count = body.integer("num")
    if not 0 < count < _MOST_BLOCKS:
        return {}
    head = call.head.number
    found = [call.block(number) for number in range(max(0, head - count + 1), head + 1)]
    return {"block": [block_form(block, visible=body.visible) for block in found if block]}


def gettransactionbyid(call: Call) -> Json:
    """A transaction, waiting ones too (a full node's), which look as if they had succeeded."""
    body = call.read({"value": Kind.HEX})
    wanted = body.hex("value")
    found = call.entry(wanted)
    if found is not None:
        return entry_form(found[1], visible=body.visible)
    waiting = None if call.solid or call.lag else call.chain.waiting_with_id(wanted)
    if waiting is None:
        return {}
    return {
        "ret": [{"contractRet": Outcome.SUCCESS.name}],
        **transaction_form(
            waiting.raw, waiting.raw_bytes, waiting.signatures, visible=body.visible
        ),
    }


def gettransactioninfobyid(call: Call) -> Json:
    """What a transaction did and cost, once it is in a block."""
    body = call.read({"value": Kind.HEX})
    found = call.entry(body.hex("value"))
    return {} if found is None else info_form(*found, visible=body.visible)


def gettransactioninfobyblocknum(call: Call) -> Json | list[Json]:
    """The infos of a block's transactions: a list, empty for blocks that are not there."""
    body = call.read({"num": Kind.INTEGER})
    number = body.integer("num")
    if number <= 0:
        return {}
    block = call.block(number)
    if block is None:
        return []
    return [info_form(block, entry, visible=body.visible) for entry in block.entries]


def gettransactioncountbyblocknum(call: Call) -> Json:
    """How many transactions a block has; -1 for one that is not there."""
    block = call.block(call.read({"num": Kind.INTEGER}).integer("num"))
    return {"count": -1 if block is None else len(block.entries)}


def _block_or_nothing(block: LocalBlock | None, body: Body) -> Json:
    return {} if block is None else block_form(block, visible=body.visible)


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


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


# ── stakes and delegations ───────────────────────────────────────────────────────────────────────


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


# ── the network ──────────────────────────────────────────────────────────────────────────────────


def getchainparameters(call: Call) -> Json:
    """The network's parameters."""
    return {"chainParameter": call.chain.parameters.listed()}


def getenergyprices(call: Call) -> Json:
    """The history of the energy price: one entry."""
    return {"prices": f"0:{call.chain.parameters.energy_fee}"}


def getbandwidthprices(call: Call) -> Json:
    """The history of the bandwidth price: one entry."""
    return {"prices": f"0:{call.chain.parameters.transaction_fee}"}


def getnextmaintenancetime(call: Call) -> Json:
    """When votes would be counted next."""
    return {"num": (call.head.time_ms // _MAINTENANCE_MS + 1) * _MAINTENANCE_MS}


def getburntrx(call: Call) -> Json:
    """What fees have taken out of circulation."""
    return without_empty({"burnTrxAmount": call.chain.burnt_sun})


def getnodeinfo(call: Call) -> Json:
    """Head and solid block, and a node without peers."""

    def named(block: LocalBlock) -> str:
        return f"Num:{block.number},ID:{block.id}"

    return {
        "activeConnectCount": 0,
        "beginSyncNum": max(0, call.head.number - 1),
        "block": named(call.head),
        "cheatWitnessInfoMap": {},
        "configNodeInfo": {
            "activeNodeSize": 0,
            "allowAdaptiveEnergy": 0,
            "allowCreationOfContracts": 1,
            "backupListenPort": 0,
            "backupMemberSize": 0,
            "backupPriority": 0,
            "codeVersion": "4.8.0",
            "dbVersion": 2,
            "discoverEnable": False,
            "listenPort": 0,
            "maxConnectCount": 0,
            "maxTimeRatio": 5.0,
            "minParticipationRate": 0,
            "minTimeRatio": 0.0,
            "p2pVersion": "0",
            "passiveNodeSize": 0,
            "sameIpMaxConnectCount": 0,
            "sendNodeSize": 0,
            "supportConstant": True,
            "versionNum": "18631",
        },
        "currentConnectCount": 0,
        "machineInfo": {},
        "passiveConnectCount": 0,
        "peerList": [],
        "solidityBlock": named(call.chain.solid),
        "totalFlow": 0,
    }


# ── building transactions ────────────────────────────────────────────────────────────────────────


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
    return _unsigned(raw, visible=body.visible)


def _unsigned(raw: Raw, *, visible: bool) -> Json:
    return {"visible": visible, **transaction_form(raw, encode(raw), (), visible=visible)}


# ── contracts ────────────────────────────────────────────────────────────────────────────────────

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
        contract, token = _contract_call(call, body)
    except _CallRefused as refusal:
        return _call_refusal(refusal, body)
    result = _run(call, token, contract)
    form: Json = {
        "result": {"result": True},
        "energy_used": result.energy,
        "constant_result": [result.output.hex()],
    }
    if result.reverted:
        form["result"]["message"] = text_form(REVERTED, visible=body.visible)
    logs = transfer_log(token, result)
    if logs:
        form["logs"] = [
            {"address": address_hex(log.contract)[2:], "data": log.data, "topics": [*log.topics]}
            for log in logs
        ]
    raw = call.chain.build(contract, check=False)
    outcome: Json = {"ret": "FAILED"} if result.reverted else {}
    form["transaction"] = {"ret": [outcome], **_unsigned(raw, visible=body.visible)}
    return form


def estimateenergy(call: Call) -> Json:
    """The energy a call needs at most: a quarter more than it takes, as java-tron finds it."""
    body = call.read(_CALL_FIELDS)
    try:
        contract, token = _contract_call(call, body)
        result = _run(call, token, contract)
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
    return {"result": {"result": True}, "transaction": _unsigned(raw, visible=body.visible)}


def getcontract(call: Call) -> Json:
    """A built-in contract, without code; nothing for an account."""
    body = call.read({"value": Kind.ADDRESS})
    address = body.address("value")
    token = None if address is None else call.chain.token(address)
    return {} if token is None else contract_form(token, visible=body.visible)


def _contract_call(call: Call, body: Body) -> tuple[TriggerSmartContract, Token]:
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
    token = call.chain.token(address)
    if token is None:
        raise _CallRefused(Code.CONTRACT_VALIDATE_ERROR, "Smart contract is not exist.")
    return TriggerSmartContract(owner, address, data, body.integer("call_value")), token


def _call_data(body: Body) -> bytes:
    selector = body.plain.get("function_selector")
    try:
        if selector:
            parameter = bytes.fromhex(str(body.plain.get("parameter", "")))
            return call_data(str(selector), parameter)
        return bytes.fromhex(str(body.plain.get("data", "")))
    except ValueError:
        raise _CallRefused(Code.OTHER_ERROR, str(bad_hex())) from None


def _run(call: Call, token: Token, contract: TriggerSmartContract) -> CallResult:
    return token.call(call.view, contract.owner, contract.data, contract.call_value)


def _call_refusal(refusal: _CallRefused, body: Body) -> Json:
    message = text_form(str(refusal), visible=body.visible)
    return {"result": {"code": refusal.code, "message": message}}


# ── broadcasting ─────────────────────────────────────────────────────────────────────────────────


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
        answer = call.chain.submit(raw_bytes, signatures)
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
    answer = call.chain.submit(raw_bytes, signatures)
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


_SOLID_TOO: tuple[Callable[[Call], Any], ...] = (
    getnowblock,
    getblockbynum,
    getblockbyid,
    getblock,
    getblockbylimitnext,
    getblockbylatestnum,
    gettransactionbyid,
    gettransactioninfobyid,
    gettransactioninfobyblocknum,
    gettransactioncountbyblocknum,
    getaccount,
    getcandelegatedmaxsize,
    getdelegatedresourcev2,
    getdelegatedresourceaccountindexv2,
    getavailableunfreezecount,
    getcanwithdrawunfreezeamount,
    getenergyprices,
    getbandwidthprices,
    getburntrx,
    getnodeinfo,
    triggerconstantcontract,
    estimateenergy,
)
_FULL_ONLY: tuple[Callable[[Call], Any], ...] = (
    getaccountnet,
    getaccountresource,
    validateaddress,
    getchainparameters,
    getnextmaintenancetime,
    getcontract,
    getsignweight,
    getapprovedlist,
)
_POST_ONLY: tuple[Callable[[Call], Any], ...] = (
    createtransaction,
    delegateresource,
    undelegateresource,
    freezebalancev2,
    unfreezebalancev2,
    withdrawexpireunfreeze,
    cancelallunfreezev2,
    accountpermissionupdate,
    deploycontract,
    triggersmartcontract,
    broadcasthex,
    broadcasttransaction,
)

ROUTES: Mapping[str, Route] = {
    **{method.__name__: Route(method, on_solidity=True) for method in _SOLID_TOO},
    **{method.__name__: Route(method) for method in _FULL_ONLY},
    **{method.__name__: Route(method, by_get=False) for method in _POST_ONLY},
}
"""What the node answers, by the last part of the path."""
