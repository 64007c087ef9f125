"""What a node's answer to a broadcast means for the transaction.

The codes are java-tron's ``Return.response_code``. Only those that say that the node looked at the
transaction and turned it down are a refusal; whatever is not clearly one or the other is unknown.
"""

from __future__ import annotations

from enum import StrEnum

from chain import answers
from chain.answers import Json
from chain.blocks import SUCCESS
from chain.errors import OutcomeUnknown, Refused, Unavailable

_REFUSALS = frozenset(
    {
        "SIGERROR",
        "CONTRACT_VALIDATE_ERROR",
        "CONTRACT_EXE_ERROR",
        "BANDWITH_ERROR",
        "TAPOS_ERROR",
        "TRANSACTION_EXPIRATION_ERROR",
        "TOO_BIG_TRANSACTION_ERROR",
    }
)
_NOT_NOW = frozenset({"SERVER_BUSY", "NO_CONNECTION", "BLOCK_UNSOLIDIFIED"})


class BroadcastOutcome(StrEnum):
    """How a node took a transaction. Neither proves that it will be in a block."""

    ACCEPTED = "accepted"
    ALREADY_KNOWN = "already_known"


def read_verdict(answer: Json, txid: str) -> BroadcastOutcome:
    """What the answer to ``broadcasthex`` says about the transaction `txid`.

    Raises `Refused`, `Unavailable` (the node did not take it, but may later), `OutcomeUnknown`
    (also if the node speaks of another transaction), and `MalformedAnswer`.
    """
    code = answers.text(answer, "code")
    message = answers.message(answer, "message")
    named = answers.text(answer, "txid")
    if code in _NOT_NOW:
        raise Unavailable(f"{code}: {message}")
    if code == "NOT_ENOUGH_EFFECTIVE_CONNECTION" and message.startswith("Effective connection"):
        # The other message of this code comes after the node has put it into its own pool.
        raise Unavailable(f"{code}: {message}")
    if named != txid:
        raise OutcomeUnknown(
            f"sent transaction {txid}, but the node answers {code!r} to transaction {named!r}"
        )
    if answer.get("result") is True and code in {"", SUCCESS}:
        return BroadcastOutcome.ACCEPTED
    if code == "DUP_TRANSACTION_ERROR":
        return BroadcastOutcome.ALREADY_KNOWN
    if code in _REFUSALS:
        raise Refused(code, message)
    raise OutcomeUnknown(f"transaction {txid}: {code or 'no code'}: {message}")
