"""Why the node refuses a transaction, in java-tron's codes and words."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """java-tron's answers to a broadcast (its misspelling included)."""

    SUCCESS = "SUCCESS"
    SIGERROR = "SIGERROR"
    CONTRACT_VALIDATE_ERROR = "CONTRACT_VALIDATE_ERROR"
    CONTRACT_EXE_ERROR = "CONTRACT_EXE_ERROR"
    BANDWITH_ERROR = "BANDWITH_ERROR"
    DUP_TRANSACTION_ERROR = "DUP_TRANSACTION_ERROR"
    TAPOS_ERROR = "TAPOS_ERROR"
    TOO_BIG_TRANSACTION_ERROR = "TOO_BIG_TRANSACTION_ERROR"
    TRANSACTION_EXPIRATION_ERROR = "TRANSACTION_EXPIRATION_ERROR"
    SERVER_BUSY = "SERVER_BUSY"
    NO_CONNECTION = "NO_CONNECTION"
    NOT_ENOUGH_EFFECTIVE_CONNECTION = "NOT_ENOUGH_EFFECTIVE_CONNECTION"
    BLOCK_UNSOLIDIFIED = "BLOCK_UNSOLIDIFIED"
    OTHER_ERROR = "OTHER_ERROR"


class TransactionRefused(Exception):
    """A transaction that the node does not take; `str` is the text it answers."""

    code = Code.OTHER_ERROR


class InvalidContract(TransactionRefused):
    """A transaction that breaks a rule of its kind. `reason` is the bare text."""

    code = Code.CONTRACT_VALIDATE_ERROR

    def __init__(self, reason: str) -> None:
        super().__init__(f"Contract validate error : {reason}")
        self.reason = reason


class ExecutionFailed(TransactionRefused):
    """A transaction that breaks no rule of its kind and still cannot be carried out."""

    code = Code.CONTRACT_EXE_ERROR

    def __init__(self, reason: str) -> None:
        super().__init__(f"Contract execute error : {reason}")


class BadSignatures(TransactionRefused):
    """Signatures that do not add up to a permission of the account."""

    code = Code.SIGERROR

    def __init__(self, reason: str) -> None:
        super().__init__(f"Validate signature error: {reason}")
        self.reason = reason


class InsufficientResources(TransactionRefused):
    """Neither bandwidth nor TRX for the fees."""

    code = Code.BANDWITH_ERROR

    def __init__(self) -> None:
        super().__init__("Account resource insufficient error.")


class Duplicate(TransactionRefused):
    """A transaction that waits already or is in a block."""

    code = Code.DUP_TRANSACTION_ERROR

    def __init__(self) -> None:
        super().__init__("Dup transaction.")


class WrongReferenceBlock(TransactionRefused):
    """A transaction that refers to a block this chain does not have."""

    code = Code.TAPOS_ERROR

    def __init__(self) -> None:
        super().__init__("Tapos check error.")


class Expired(TransactionRefused):
    """A transaction whose time is over, or further than a day away."""

    code = Code.TRANSACTION_EXPIRATION_ERROR

    def __init__(self) -> None:
        super().__init__("Transaction expired")


class TooBig(TransactionRefused):
    """A transaction with too many bytes."""

    code = Code.TOO_BIG_TRANSACTION_ERROR

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class Busy(TransactionRefused):
    """Too many transactions wait."""

    code = Code.SERVER_BUSY

    def __init__(self) -> None:
        super().__init__("Server busy.")
