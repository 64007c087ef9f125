"""The parameters of a Bot API call, wherever the caller put them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import Upload


class Parameters:
    """Named values, all of them text as on the wire, and uploaded files by part name."""

    def __init__(
        self, values: Mapping[str, str], uploads: Mapping[str, Upload] | None = None
    ) -> None:
        self._values = values
        self._uploads = uploads or {}

    def text(self, name: str) -> str | None:
        return self._values.get(name)

    def flag(self, name: str) -> bool:
        return self._values.get(name, "").lower() in ("true", "yes", "1")

    def integer(self, name: str, default: int = 0) -> int:
        """A number; anything unreadable counts as the default, as on the real server."""
        try:
            return int(self._values.get(name, ""))
        except ValueError:
            return default

    def json(self, name: str, what: str) -> Any:
        """A JSON value, None when absent; `what` names it in the complaint."""
        text = self._values.get(name)
        if not text:
            return None
        try:
            value = json.loads(text)
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise bad_request(f"can't parse {what} JSON object") from error
        return value

    def chat_id(self, name: str = "chat_id") -> int:
        """The chat meant; raises BotApiError when it is missing or can be no private chat."""
        text = (self._values.get(name) or "").strip()
        if not text:
            raise bad_request(f"{name} is empty")
        try:
            return int(text)
        except ValueError as error:
            raise bad_request("chat not found") from error

    def chat_id_if_given(self) -> int | None:
        try:
            return int(self._values.get("chat_id", ""))
        except ValueError:
            return None

    def message_id(self) -> int:
        number = self.integer("message_id")
        if number <= 0:
            raise bad_request("message identifier is not specified")
        return number

    def file(self, name: str) -> Upload | str | None:
        """An uploaded part, or the text given instead (file id, address, attach:// reference)."""
        if name in self._uploads:
            return self._uploads[name]
        return self.attached(self._values.get(name))

    def attached(self, reference: str | None) -> Upload | str | None:
        """What `attach://<part>` refers to; other text is returned as it is."""
        if reference is None or not reference.startswith("attach://"):
            return reference
        return self._uploads.get(reference.removeprefix("attach://"))


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


async def read_parameters(request: web.Request) -> Parameters:
    """Query string and body (JSON, form or multipart) together; the body wins.

    Raises BotApiError for a body that cannot be read.
    """
    try:
        return await _read(request)
    except (ValueError, RecursionError) as error:
        raise bad_request("can't read the request's parameters") from error


async def _read(request: web.Request) -> Parameters:
    values = dict(request.query)
    uploads: dict[str, Upload] = {}
    kind = request.content_type
    if kind == "application/json":
        body = await request.read()
        fields = json.loads(body) if body else {}
        if not isinstance(fields, dict):
            raise bad_request("expected JSON object")
        values |= {name: _as_text(value) for name, value in fields.items() if value is not None}
    elif kind == "multipart/form-data":
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            content = bytes(await part.read())
            if part.filename is None:
                values[part.name] = content.decode()
            else:
                uploads[part.name] = Upload(content, part.filename)
    elif kind == "application/x-www-form-urlencoded":
        values |= dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    for value in values.values():
        value.encode()
    return Parameters(values, uploads)
