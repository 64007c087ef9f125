from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from chain.errors import MalformedAnswer
from chain.internal_transfers import InternalTransfer, parse_internal_transfers
from tests.chain.samples import recording

INFO: dict[str, Any] = recording("token", "TRX paid through a contract receipt")["response"]


def read(infos: Any, transactions: int | None = None) -> tuple[InternalTransfer, ...]:
    content = json.dumps(infos).encode()
    return parse_internal_transfers(content, block_number=182, transactions=transactions)


def info(*internal: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The recorded info, of which the one internal transaction was changed in these ways."""
    recorded = deepcopy(INFO)
    (one,) = recorded["internal_transactions"]
    return recorded | {"internal_transactions": [one | each for each in internal]} | changes


def hexed(text: str) -> str:
    return text.encode().hex()


def test_positions_count_what_did_not_move_too() -> None:
    first, second = read(
        [
            info({"rejected": True}, {}, {"callValueInfo": [{}]}, {"note": hexed("suicide")}),
        ]
    )
    assert (first.position, second.position) == (2, 4)
    assert first.amount_sun == second.amount_sun == 2_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"rejected": True},
        {"callValueInfo": []},
        {"callValueInfo": [{}]},
        {"callValueInfo": [{"callValue": 5, "tokenId": "1000001"}]},
        {"callValueInfo": [{"callValue": -5}]},
        {"callValueInfo": ...},
        # What a contract stakes, lends or takes back has an amount and a receiver, and moves none.
        {"note": hexed("delegateResourceOfEnergy")},
        {"note": hexed("unDelegateResourceOfEnergy")},
        {"note": hexed("freezeV2ForEnergy")},
        {"note": "delegateResourceOfBandwidth"},
        {"note": ...},
        {"transferTo_address": INFO["internal_transactions"][0]["caller_address"]},
        {"transferTo_address": ""},
        {"transferTo_address": ...},
        {"caller_address": "00"},
    ],
)
def test_what_moves_no_trx_is_no_transfer(change: dict[str, Any]) -> None:
    one = info(change)
    internal = one["internal_transactions"][0]
    for name, value in change.items():
        if value is ...:
            del internal[name]
    assert read([one]) == ()


@pytest.mark.parametrize("note", ["call", hexed("call"), hexed("create"), hexed("suicide")])
def test_what_moves_trx_is_a_transfer(note: str) -> None:
    (transfer,) = read(
        [info({"note": note, "callValueInfo": [{"callValue": 3}, {"tokenId": "1"}]})]
    )
    assert transfer.amount_sun == 3


@pytest.mark.parametrize("receipt", [{}, {"result": "REVERT"}, {"result": "OUT_OF_ENERGY"}])
def test_a_call_that_failed_moved_nothing(receipt: dict[str, Any]) -> None:
    assert read([info({}, receipt=receipt)]) == ()


def test_no_contract_no_transfer() -> None:
    assert read([]) == ()
    without = {name: INFO[name] for name in ("id", "blockNumber", "receipt")}
    assert read([without, INFO], 2) == read([INFO])


@pytest.mark.parametrize(
    ("answer", "transactions"),
    [
        ({}, None),
        (None, None),
        ([None], None),
        ([{}], None),
        ([info(id="ab")], None),
        ([info(id="AB" * 32)], None),
        ([info(blockNumber=183)], None),
        ([info(blockNumber="182")], None),
        ([info({"callValueInfo": [{"callValue": "5"}]})], None),
        ([info({"rejected": "no"})], None),
        ([INFO], 2),
        ([INFO, INFO], 1),
        ([], 1),
    ],
)
def test_an_answer_that_cannot_be_right_is_an_error(answer: Any, transactions: int | None) -> None:
    with pytest.raises(MalformedAnswer):
        read(answer, transactions)
