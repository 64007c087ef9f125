"""The kinds of transactions we read: their numbers and names at TRON, and their fields.

From TRON's protocol definition: ``core/Tron.proto`` and the contracts' own files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chain.contracts import (
    AccountPermissionUpdate,
    CancelAllUnfreezeV2,
    Contract,
    DelegateResource,
    FreezeBalanceV2,
    Permission,
    PermissionKey,
    PermissionType,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
    UnfreezeBalanceV2,
    WithdrawExpireUnfreeze,
)
from chain.layout import (
    ADDRESS,
    BOOL,
    BYTE_STRING,
    INT32,
    INT64,
    TEXT,
    Field,
    Message,
    enum_kind,
    message_kind,
)

_TYPE_URL_PREFIX = "type.googleapis.com/protocol."


@dataclass(frozen=True, slots=True)
class ContractType:
    """A kind of transaction: its number and name in TRON's protocol, and our class for it."""

    number: int
    name: str
    message: Message

    @property
    def contract_class(self) -> type[Any]:
        """Our class for it."""
        return self.message.of

    @property
    def type_url(self) -> str:
        """What names the kind inside the bytes and in java-tron's JSON."""
        return _TYPE_URL_PREFIX + self.name


_RESOURCE = enum_kind(Resource, {resource: resource.name for resource in Resource})
_PERMISSION_TYPE = enum_kind(
    PermissionType, {kind: kind.name.capitalize() for kind in PermissionType}
)


def _address(number: int, attribute: str, json_name: str) -> Field:
    """An address: the only kind of field that every message must have."""
    return Field(number, attribute, json_name, ADDRESS, None)


def _number(number: int, name: str) -> Field:
    return Field(number, name, name, INT64, 0)


_OWNER = _address(1, "owner", "owner_address")

_KEY_FIELDS = (_address(1, "address", "address"), _number(2, "weight"))
_PERMISSION_FIELDS = (
    Field(1, "type", "type", _PERMISSION_TYPE, PermissionType.OWNER),
    Field(2, "id", "id", INT32, 0),
    Field(3, "name", "permission_name", TEXT, ""),
    _number(4, "threshold"),
    Field(5, "parent_id", "parent_id", INT32, 0),
    Field(6, "operations", "operations", BYTE_STRING, b""),
    Field(7, "keys", "keys", message_kind(PermissionKey, _KEY_FIELDS), (), repeated=True),
)
_PERMISSION = message_kind(Permission, _PERMISSION_FIELDS)

CONTRACT_TYPES: tuple[ContractType, ...] = (
    ContractType(
        1,
        "TransferContract",
        Message(
            Transfer,
            (_OWNER, _address(2, "to", "to_address"), _number(3, "amount")),
        ),
    ),
    ContractType(
        31,
        "TriggerSmartContract",
        Message(
            TriggerSmartContract,
            (
                _OWNER,
                _address(2, "contract", "contract_address"),
                _number(3, "call_value"),
                Field(4, "data", "data", BYTE_STRING, b""),
                _number(5, "call_token_value"),
                _number(6, "token_id"),
            ),
        ),
    ),
    ContractType(
        46,
        "AccountPermissionUpdateContract",
        Message(
            AccountPermissionUpdate,
            (
                _OWNER,
                Field(2, "owner_permission", "owner", _PERMISSION, None),
                Field(3, "witness_permission", "witness", _PERMISSION, None),
                Field(4, "active_permissions", "actives", _PERMISSION, (), repeated=True),
            ),
        ),
    ),
    ContractType(
        54,
        "FreezeBalanceV2Contract",
        Message(
            FreezeBalanceV2,
            (
                _OWNER,
                _number(2, "frozen_balance"),
                Field(3, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
            ),
        ),
    ),
    ContractType(
        55,
        "UnfreezeBalanceV2Contract",
        Message(
            UnfreezeBalanceV2,
            (
                _OWNER,
                _number(2, "unfreeze_balance"),
                Field(3, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
            ),
        ),
    ),
    ContractType(56, "WithdrawExpireUnfreezeContract", Message(WithdrawExpireUnfreeze, (_OWNER,))),
    ContractType(
        57,
        "DelegateResourceContract",
        Message(
            DelegateResource,
            (
                _OWNER,
                Field(2, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
                _number(3, "balance"),
                _address(4, "receiver", "receiver_address"),
                Field(5, "lock", "lock", BOOL, empty=False),
                _number(6, "lock_period"),
            ),
        ),
    ),
    ContractType(
        58,
        "UnDelegateResourceContract",
        Message(
            UnDelegateResource,
            (
                _OWNER,
                Field(2, "resource", "resource", _RESOURCE, Resource.BANDWIDTH),
                _number(3, "balance"),
                _address(4, "receiver", "receiver_address"),
            ),
        ),
    ),
    ContractType(59, "CancelAllUnfreezeV2Contract", Message(CancelAllUnfreezeV2, (_OWNER,))),
)

_OTHER_NAMES = {
    0: "AccountCreateContract",
    2: "TransferAssetContract",
    3: "VoteAssetContract",
    4: "VoteWitnessContract",
    5: "WitnessCreateContract",
    6: "AssetIssueContract",
    8: "WitnessUpdateContract",
    9: "ParticipateAssetIssueContract",
    10: "AccountUpdateContract",
    11: "FreezeBalanceContract",
    12: "UnfreezeBalanceContract",
    13: "WithdrawBalanceContract",
    14: "UnfreezeAssetContract",
    15: "UpdateAssetContract",
    16: "ProposalCreateContract",
    17: "ProposalApproveContract",
    18: "ProposalDeleteContract",
    19: "SetAccountIdContract",
    20: "CustomContract",
    30: "CreateSmartContract",
    32: "GetContract",
    33: "UpdateSettingContract",
    41: "ExchangeCreateContract",
    42: "ExchangeInjectContract",
    43: "ExchangeWithdrawContract",
    44: "ExchangeTransactionContract",
    45: "UpdateEnergyLimitContract",
    48: "ClearABIContract",
    49: "UpdateBrokerageContract",
    51: "ShieldedTransferContract",
    52: "MarketSellAssetContract",
    53: "MarketCancelOrderContract",
}
_OWNER_FIELDS = {2: 2, 10: 2, 19: 2}
"""The kinds whose owner is not field 1: there that is a token's, a name's or an id's."""

_BY_CLASS = {kind.contract_class: kind for kind in CONTRACT_TYPES}
_BY_NUMBER = {kind.number: kind for kind in CONTRACT_TYPES}
_BY_NAME = {kind.name: kind for kind in CONTRACT_TYPES}


def contract_type(contract: Contract) -> ContractType:
    """The kind of a contract."""
    return _BY_CLASS[type(contract)]


def contract_type_numbered(number: int) -> ContractType | None:
    """The kind with TRON's number, None if it is not one we read."""
    return _BY_NUMBER.get(number)


def contract_type_named(name: str) -> ContractType | None:
    """The kind with TRON's name, e.g. ``TransferContract``; None if it is not one we read."""
    return _BY_NAME.get(name)


def type_name(number: int) -> str:
    """TRON's name for a kind, also one we do not read; the number itself if it is unknown."""
    kind = _BY_NUMBER.get(number)
    return kind.name if kind else _OTHER_NAMES.get(number, str(number))


def owner_field(number: int) -> int:
    """The number of the field that holds the owner's address, in contracts of a kind."""
    return _OWNER_FIELDS.get(number, _OWNER.number)
