"""What pressing a button does on the person's side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import UserCannot
from sandbox.telegram.keyboards import Rows


@dataclass(frozen=True)
class CallbackSent:
    """The bot is asked; its answer arrives as a CallbackAnswer with this id."""

    query_id: str
    data: str

    def as_json(self) -> dict[str, Any]:
        return {"action": "callback", "query_id": self.query_id, "data": self.data}


@dataclass(frozen=True)
class TextCopied:
    """The client copies the text; the bot hears nothing."""

    text: str

    def as_json(self) -> dict[str, Any]:
        return {"action": "copy_text", "text": self.text}


@dataclass(frozen=True)
class LinkOpened:
    """The client opens the link; the bot hears nothing."""

    url: str

    def as_json(self) -> dict[str, Any]:
        return {"action": "url", "url": self.url}


@dataclass(frozen=True)
class NothingHappens:
    """A disabled button, or one that only works elsewhere in Telegram."""

    def as_json(self) -> dict[str, Any]:
        return {"action": "none"}


Click = CallbackSent | TextCopied | LinkOpened | NothingHappens


def find_button(keyboard: Rows, wanted: str) -> dict[str, Any]:
    """The button with that callback data, else with that label; raises UserCannot."""
    buttons = [button for row in keyboard for button in row]
    for field in ("callback_data", "text"):
        for button in buttons:
            if button.get(field) == wanted:
                return button
    labels = ", ".join(repr(button["text"]) for button in buttons) or "no buttons"
    raise UserCannot(f"there is no button {wanted!r} under this message; it has {labels}")
