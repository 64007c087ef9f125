"""What a node says to a transaction that it is asked to build, and that nobody signs.

It validates the transaction against the newest state, as it would when it is broadcast, except for
the signature, the resources that pay for it, and its age.
"""

from __future__ import annotations

import json

from chain import answers
from chain.errors import MalformedAnswer, Refused

_INVALID = "ContractValidateException"


def read_dry_run(content: bytes) -> None:
    """``delegateresource`` and its like: nothing, if the network would take it.

    Raises `Refused` with the network's text if it would not, `MalformedAnswer` for anything else.
    """
    try:
        answer = answers.mapping(json.loads(content), "a dry run")
    except ValueError as error:
        raise MalformedAnswer(f"not JSON: {error}") from error
    told = answers.text(answer, "Error")
    if _INVALID in told:
        raise Refused("CONTRACT_VALIDATE_ERROR", told.rpartition(" : ")[2])
    if not answers.text(answer, "txID"):
        raise MalformedAnswer("a dry run without a transaction")
