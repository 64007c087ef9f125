"""Keyboards under messages: what Telegram accepts, stores and echoes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.links import InvalidLink, checked_link

LARGEST_CALLBACK_DATA_BYTES = 64
LONGEST_COPY_TEXT = 256
MOST_BUTTONS = 100
STYLES = ("primary", "success", "danger")

Rows = list[list[dict[str, Any]]]


@dataclass(frozen=True)
class Markup:
    """A reply markup: buttons under the message, or what replaces the person's own keyboard.

    `inline` is what the Bot API echoes; `reply_rows` are the labels of a reply keyboard, an empty
    tuple when the bot removes it, None when the message says nothing about it.
    """

    inline: Rows | None = None
    reply_rows: tuple[tuple[str, ...], ...] | None = None


def parse_markup(value: Any) -> Markup:
    """Reads `reply_markup`; raises BotApiError with Telegram's reason."""
    if value is None or value == "":
        return Markup()
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in value:
        return Markup(inline=_inline(value["inline_keyboard"]) or None)
    for flag in (
        "force_reply",
        "remove_keyboard",
        "resize_keyboard",
        "one_time_keyboard",
        "is_persistent",
        "selective",
    ):
        if flag in value and not isinstance(value[flag], bool):
            raise bad_request(f'Field "{flag}" must be of type Boolean')
    if "keyboard" in value:
        return Markup(reply_rows=_reply(value["keyboard"]))
    if value.get("remove_keyboard"):
        return Markup(reply_rows=())
    return Markup()


def _inline(rows: Any) -> Rows:
    if not isinstance(rows, list):
        raise bad_request('Field "inline_keyboard" must be of type Array')
    keyboard: Rows = []
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(
                "can't parse inline keyboard: InlineKeyboardButton rows must be of type Array"
            )
        if row:
            keyboard.append([_button(button) for button in row])
    if sum(len(row) for row in keyboard) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return keyboard


def _reply(rows: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(rows, list):
        raise bad_request('Field "keyboard" must be of type Array')
    labels = []
    for row in rows:
        if not isinstance(row, list):
            raise bad_request("can't parse keyboard: KeyboardButton rows must be of type Array")
        texts = []
        for button in row:
            text = button.get("text") if isinstance(button, dict) else button
            if not isinstance(text, str):
                raise bad_request("can't parse keyboard button: Can't find field \"text\"")
            texts.append(text)
        if texts:
            labels.append(tuple(texts))
    return tuple(labels)


def _unreadable(reason: str) -> BotApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise _unreadable("InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise _unreadable('Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise _unreadable('Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("BUTTON_INVALID")
    shown: dict[str, Any] = {"text": button["text"].strip()}
    style = button.get("style")
    if style:
        if style not in STYLES:
            raise _unreadable("Invalid button style specified")
        shown["style"] = style
    if button.get("icon_custom_emoji_id"):
        shown["icon_custom_emoji_id"] = button["icon_custom_emoji_id"]
    shown.update(_action(button))
    return shown


def _action(button: Mapping[str, Any]) -> dict[str, Any]:
    """What the button does: the first of the actions that is given."""
    for field, read in _ACTIONS.items():
        value = button.get(field)
        if value is not None and value != "" and value is not False:
            return read(value)
    raise _unreadable("Text buttons are unallowed in the inline keyboard")


def _url(value: Any) -> dict[str, Any]:
    try:
        return {"url": checked_link(str(value))}
    except InvalidLink as error:
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: {error}") from error


def _callback_data(value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        raise _unreadable('Field "callback_data" must be of type String')
    if len(value.encode()) > LARGEST_CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return {"callback_data": value}


def _copy_text(value: Any) -> dict[str, Any]:
    text = value.get("text") if isinstance(value, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_COPY_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"copy_text": {"text": text}}


def _web_app(value: Any) -> dict[str, Any]:
    url = str(value.get("url", "")) if isinstance(value, dict) else ""
    if not url.lower().startswith("https://"):
        raise bad_request(
            f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        )
    return {"web_app": {"url": url}}


def _login(_value: Any) -> dict[str, Any]:
    # A bot whose domain was never registered with BotFather.
    raise bad_request("BOT_DOMAIN_INVALID")


def _only_elsewhere(_value: Any) -> dict[str, Any]:
    # Pay and game buttons need an invoice or a game to stand under.
    raise bad_request("BUTTON_TYPE_INVALID")


def _echo(field: str) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {field: value}


_ACTIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "url": _url,
    "callback_data": _callback_data,
    "copy_text": _copy_text,
    "web_app": _web_app,
    "login_url": _login,
    "switch_inline_query": _echo("switch_inline_query"),
    "switch_inline_query_current_chat": _echo("switch_inline_query_current_chat"),
    "switch_inline_query_chosen_chat": _echo("switch_inline_query_chosen_chat"),
    "callback_game": _only_elsewhere,
    "pay": _only_elsewhere,
    "disabled": _echo("disabled"),
}
