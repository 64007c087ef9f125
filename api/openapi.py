"""The description of the API, which programs are written by (OpenAPI 3.1), and its page.

FastAPI writes it from the routes; added here is what it does not know of: the shape of problems,
in the place of its own, and what is true of every answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.answers import PROBLEM_JSON, problem_example
from api.examples import NULL
from api.problems import STATUS, Code

_REF = {"$ref": "#/components/schemas/Problem"}

DESCRIPTION = """\
Rent energy for TRON addresses from a program. Send your key as `Authorization: Bearer ef_key_…`;
make one in the shop's bot by /api.

Amounts are in TRX with at most 6 decimals, exact; send them as numbers or as text. Times are those
of TRON's blocks, in UTC. Every answer has `success`; what goes wrong has a stable `code`, a
sentence in the language of `Accept-Language` (en, zh), and RFC 9457's members. Every answer names
its request in `X-Request-Id`, and says by `RateLimit-…` how many more may come.

What changes something takes an `Idempotency-Key`: the same request with the same key is done once.
"""

TAGS = (
    {"name": "specification", "description": "Orders from the amount to the delegation."},
    {"name": "orders", "description": "Orders placed, prolonged, ended, cancelled."},
    {"name": "shop", "description": "Prices, what is to be had, how it went."},
    {"name": "balance", "description": "What the customer has with the shop."},
    {"name": "webhooks", "description": "News of orders, brought to your server."},
    {"name": "operations", "description": "For machines that look after the program."},
)

_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "What went wrong (RFC 9457). Decide by `code`; show `error` to people.",
    "required": ["success", "error", "code", "type", "title", "status", "detail", "instance"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string", "description": "What went wrong, in a sentence."},
        "code": {"type": "string", "enum": [code.value for code in Code]},
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "enum": sorted(set(STATUS.values()))},
        "detail": {"type": "string", "description": "The same as error."},
        "instance": {"type": ["string", "null"], "description": "The request's id."},
        "facts": {
            "type": "object",
            "description": "Figures that belong to the code.",
            "additionalProperties": True,
        },
        "errors": {
            "type": "array",
            "description": "With invalid_request: what is wrong with which value.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


def describe(app: FastAPI) -> None:
    """Let the application describe itself as it is."""
    # A bound method is replaced by a function: FastAPI's own way to change the description.
    app.openapi = _description(app.openapi)  # type: ignore[method-assign]


def _description(written: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    described: dict[str, Any] = {}

    def description() -> dict[str, Any]:
        if not described:
            described.update(_with_nulls(_with_problems(written())))
        return described

    return description


def _with_nulls(value: Any) -> Any:
    """The same with the nulls of the examples, which FastAPI would have left away."""
    if isinstance(value, dict):
        return {name: _with_nulls(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_nulls(each) for each in value]
    return None if value == NULL else value


def _with_problems(found: dict[str, Any]) -> dict[str, Any]:
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    for path in found["paths"].values():
        for operation in path.values():
            operation["summary"] = _first_sentence(operation["description"])
            _with_problems_of_all(operation["responses"])
    for event in found.get("webhooks", {}).values():
        for operation in event.values():
            # FastAPI takes the receiver for a route of ours, which would say what is invalid.
            operation["responses"].pop("422", None)
    return found


def _first_sentence(description: str) -> str:
    """What a list of operations says of one: its first sentence."""
    return re.split(r"(?<=[a-z0-9])[.:;](?=\s|$)", " ".join(description.split()), maxsplit=1)[0]


def operation_id(route: APIRoute) -> str:
    """How generated clients call an operation: ``post_orders_extend``."""
    [method] = (each.lower() for each in route.methods or ())
    path = re.sub(r"\{[^}]*\}", "", route.path.removeprefix("/api/energy-flash"))
    words = re.findall(r"[a-z]+", path)
    one = "_one" if route.path.endswith("}") else ""
    return "_".join((method, *words)) + one


def _with_problems_of_all(responses: dict[str, Any]) -> None:
    """What any request may be answered, whatever it is for."""
    invalid = responses.get("422")
    if invalid is not None and PROBLEM_JSON not in invalid["content"]:
        invalid["description"] = "Something in the request is not right; `errors` says what."
        invalid["content"] = _problem(Code.INVALID_REQUEST)
    responses.setdefault(
        "default",
        {
            "description": "Anything else that goes wrong: too often (429), too large, too slow.",
            "content": _problem(Code.TOO_MANY_REQUESTS),
        },
    )


def _problem(code: Code) -> dict[str, Any]:
    return {PROBLEM_JSON: {"schema": _REF, "example": problem_example(code)}}
