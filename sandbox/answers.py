"""How the control API answers: JSON, and errors that say what is wrong and what is expected."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web


class Refusal(Exception):
    """A request that cannot be fulfilled: HTTP status, a code for programs, a text for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def answer(body: dict[str, Any], status: int = 200) -> web.Response:
    """JSON that no cache keeps."""
    return web.json_response(
        body,
        status=status,
        headers={"Cache-Control": "no-store"},
        dumps=lambda value: json.dumps(value, ensure_ascii=False),
    )


def error(status: int, code: str, message: str) -> web.Response:
    """`{"error": {"code", "message"}}`."""
    return answer({"error": {"code": code, "message": message}}, status)


def listed(names: Iterable[object]) -> str:
    """What could have been said, for a message."""
    return ", ".join(str(name) for name in names)


def sentence(fault: Exception) -> str:
    """What an exception says, as a sentence."""
    text = str(fault)
    return f"{text[:1].upper()}{text[1:]}."
