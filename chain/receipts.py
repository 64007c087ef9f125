"""What became of a transaction, what a contract call would do, and what the network charges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from chain import answers
from chain.answers import Json
from chain.blocks import ID_LENGTH, SUCCESS
from chain.errors import MalformedAnswer, Refused, Unavailable

_FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class TransactionInfo:
    """A transaction that is in a block, and what it cost. Amounts in sun.

    `result` is the network's word for what a contract did (``SUCCESS``, ``REVERT``,
    ``OUT_OF_ENERGY`` and so on); everything but a contract succeeds or is not in a block.
    `fee_sun` is all that was burnt. `energy_used` is the whole energy, `energy_staked` the part of
    it that cost nothing, `energy_penalty` the part that a much-used contract adds.
    """

    txid: str
    block_number: int
    block_time: datetime
    success: bool
    result: str
    message: str
    fee_sun: int
    energy_used: int
    energy_staked: int
    energy_penalty: int
    energy_fee_sun: int
    bandwidth_used: int
    bandwidth_fee_sun: int


@dataclass(frozen=True, slots=True)
class ConstantCall:
    """What a contract would do if it were called now.

    `energy_used` is what the call would cost, `energy_penalty` included. A call that would fail is
    `reverted`, with the contract's reason in `message` and `result`.
    """

    energy_used: int
    energy_penalty: int
    result: bytes
    reverted: bool
    message: str


@dataclass(frozen=True, slots=True)
class ChainParameters:
    """What the network charges, in sun, as its witnesses have voted.

    `energy_fee_sun` is per energy and `bandwidth_fee_sun` per byte, where stake does not cover
    them; `account_creation_fee_sun` comes on top when TRX goes to an address not yet activated.
    `values` holds everything, under the network's names.
    """

    energy_fee_sun: int
    bandwidth_fee_sun: int
    memo_fee_sun: int
    account_creation_fee_sun: int
    multi_sign_fee_sun: int
    permission_update_fee_sun: int
    free_bandwidth: int
    longest_lock_blocks: int
    values: Mapping[str, int]


def parse_transaction_info(answer: Json, txid: str) -> TransactionInfo | None:
    """``gettransactioninfobyid``; None if no block has it. Raises `MalformedAnswer`."""
    if not answer:
        return None
    found = answers.hex_digits(answer, "id", ID_LENGTH)
    if found != txid:
        raise MalformedAnswer(f"asked for transaction {txid}, told of {found}")
    receipt = answers.optional_mapping(answer, "receipt")
    failed = answers.text(answer, "result") == _FAILED
    result = answers.text(receipt, "result") or (_FAILED if failed else SUCCESS)
    return TransactionInfo(
        txid=found,
        block_number=answers.required_count(answer, "blockNumber"),
        block_time=answers.required_time(answer, "blockTimeStamp"),
        success=result == SUCCESS and not failed,
        result=result,
        message=answers.message(answer, "resMessage"),
        fee_sun=answers.count(answer, "fee"),
        energy_used=answers.count(receipt, "energy_usage_total"),
        energy_staked=answers.count(receipt, "energy_usage"),
        energy_penalty=answers.count(receipt, "energy_penalty_total"),
        energy_fee_sun=answers.count(receipt, "energy_fee"),
        bandwidth_used=answers.count(receipt, "net_usage"),
        bandwidth_fee_sun=answers.count(receipt, "net_fee"),
    )


def parse_constant_call(answer: Json) -> ConstantCall:
    """``triggerconstantcontract``.

    Raises `Refused` if there is no such contract, `Unavailable` if the node could not run it, and
    `MalformedAnswer`.
    """
    outcome = answers.required_mapping(answer, "result")
    message = answers.message(outcome, "message")
    code = answers.text(outcome, "code")
    if code == "CONTRACT_VALIDATE_ERROR" and "support" not in message:
        raise Refused(code, message)
    if code not in {"", SUCCESS}:
        raise Unavailable(f"{code}: {message}")
    if outcome.get("result") is not True:
        raise MalformedAnswer(f"neither a result nor an error: {dict(outcome)}")
    transaction = answers.optional_mapping(answer, "transaction")
    ended = [answers.text(item, "ret") for item in answers.mappings(transaction, "ret")]
    results = answers.listing(answer, "constant_result")
    return ConstantCall(
        energy_used=answers.required_count(answer, "energy_used"),
        energy_penalty=answers.count(answer, "energy_penalty"),
        result=b"".join(answers.hex_bytes(part, "constant_result") for part in results),
        # The node's own `result` stays true when the contract reverts.
        reverted=bool(message) or _FAILED in ended,
        message=message,
    )


def parse_chain_parameters(answer: Json) -> ChainParameters:
    """``getchainparameters``. Raises `MalformedAnswer`, also if a charge of ours is missing."""
    values: dict[str, int] = {}
    for parameter in answers.mappings(answer, "chainParameter"):
        value = parameter.get("value", 0)
        if type(value) is not int:
            raise MalformedAnswer(f"parameter {dict(parameter)} is no number")
        values[answers.text(parameter, "key")] = value

    def charge(name: str) -> int:
        if name not in values:
            raise MalformedAnswer(f"the chain parameter {name} is missing")
        return answers.count(values, name)

    return ChainParameters(
        energy_fee_sun=charge("getEnergyFee"),
        bandwidth_fee_sun=charge("getTransactionFee"),
        memo_fee_sun=charge("getMemoFee"),
        account_creation_fee_sun=charge("getCreateNewAccountFeeInSystemContract"),
        multi_sign_fee_sun=charge("getMultiSignFee"),
        permission_update_fee_sun=charge("getUpdateAccountPermissionFee"),
        free_bandwidth=charge("getFreeNetLimit"),
        longest_lock_blocks=charge("getMaxDelegateLockPeriod"),
        values=MappingProxyType(values),
    )
