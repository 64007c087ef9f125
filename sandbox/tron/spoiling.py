"""Answers that are not what they should be: wrong ids, wrong shapes, a provider's own pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

WRONG_TXID = "ab" * 32
"""The id of no transaction."""

JSON_TYPE = "application/json;charset=utf-8"
_TXID = re.compile(r"[0-9a-f]{64}\Z")
_PAGE = (
    "<!DOCTYPE html><html><head><title>One moment, please</title></head>"
    "<body><h1>Checking your browser</h1></body></html>"
)
_TEXT = "upstream connect error or disconnect/reset before headers"


class Shape(StrEnum):
    """What an answer with status 200 is turned into.

    LIST: a list with the answer in it. NUMBER, NULL, EMPTY: `7`, `null`, `{}` in its place.
    STRINGS: the same answer with texts for its numbers and truth values. NUMBERS: with numbers for
    its texts. HTML, TEXT: no JSON at all.
    """

    LIST = "list"
    NUMBER = "number"
    NULL = "null"
    EMPTY = "empty"
    STRINGS = "strings"
    NUMBERS = "numbers"
    HTML = "html"
    TEXT = "text"


def reshaped(text: str, shape: Shape) -> tuple[str, str]:
    """The answer `text` in another shape, and its content type."""
    if shape is Shape.HTML:
        return _PAGE, "text/html;charset=utf-8"
    if shape is Shape.TEXT:
        return _TEXT, "text/plain;charset=utf-8"
    answer = _SHAPES[shape](json.loads(text) if text else None)
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")), JSON_TYPE


def with_wrong_txid(answer: Any) -> Any:
    """The same answer, with another id wherever it names a transaction by its id."""
    if isinstance(answer, Mapping):
        return {
            # `id` is also what a permission has: a number.
            name: WRONG_TXID
            if name in {"txID", "txid"} or (name == "id" and _is_txid(value))
            else with_wrong_txid(value)
            for name, value in answer.items()
        }
    if isinstance(answer, list):
        return [with_wrong_txid(value) for value in answer]
    return answer


def _is_txid(value: object) -> bool:
    return isinstance(value, str) and _TXID.match(value) is not None


def _turned(answer: Any, turn: Callable[[Any], Any]) -> Any:
    """The answer with `turn` applied to each value that holds no others."""
    if isinstance(answer, dict):
        return {name: _turned(value, turn) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_turned(value, turn) for value in answer]
    return turn(answer)


_SHAPES: Mapping[Shape, Callable[[Any], Any]] = {
    Shape.LIST: lambda answer: [answer],
    Shape.NUMBER: lambda _: 7,
    Shape.NULL: lambda _: None,
    Shape.EMPTY: lambda _: {},
    Shape.STRINGS: lambda answer: _turned(
        answer, lambda value: value if isinstance(value, str) else json.dumps(value)
    ),
    Shape.NUMBERS: lambda answer: _turned(
        answer, lambda value: 7 if isinstance(value, str) else value
    ),
}
