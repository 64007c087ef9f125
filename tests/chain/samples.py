"""Vectors and recordings as the tests use them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
VECTORS: dict[str, Any] = json.loads((_HERE / "vectors.json").read_text())
TRANSACTIONS: list[dict[str, Any]] = VECTORS["transactions"]
SIGNED = [vector for vector in TRANSACTIONS if "signed_tx_hex" in vector]


def recordings(topic: str) -> list[dict[str, Any]]:
    """The recorded exchanges of a topic, in the order they happened."""
    found: list[dict[str, Any]] = json.loads((_HERE / "recordings" / f"{topic}.json").read_text())
    return found


def recording(topic: str, name: str) -> dict[str, Any]:
    """One recorded exchange."""
    return next(entry for entry in recordings(topic) if entry["name"] == name)


def block_json(
    number: int,
    transactions: list[dict[str, Any]] | None = None,
    *,
    branch: int = 0,
    parent_branch: int | None = None,
) -> dict[str, Any]:
    """A block as java-tron writes it, on a chain whose ids follow from number and branch."""
    header: dict[str, Any] = {
        "parentHash": block_id(number - 1, branch if parent_branch is None else parent_branch),
        "timestamp": 1_795_435_000_000 + 3000 * number,
        "version": 32,
    }
    if number:
        header["number"] = number
    block = {"blockID": block_id(number, branch), "block_header": {"raw_data": header}}
    return block | ({"transactions": transactions} if transactions else {})


def block_id(number: int, branch: int = 0) -> str:
    """The id that `block_json` gives to a block."""
    return f"{max(number, 0):016x}{branch:048x}"


def transaction_json(
    vector: dict[str, Any], result: str | None = "SUCCESS", **changes: Any
) -> dict[str, Any]:
    """A transaction in a block as java-tron writes it, made of a vector."""
    return {
        "ret": [{"contractRet": result}] if result else [],
        "signature": [vector.get("signature", "00" * 65)],
        "txID": vector["txID"],
        "raw_data": vector["raw_data"],
        "raw_data_hex": vector["raw_data_hex"],
    } | changes


def vector(name: str) -> dict[str, Any]:
    """A transaction vector by its name."""
    return next(each for each in TRANSACTIONS if each["name"] == name)
