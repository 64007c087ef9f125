"""The Bot API's methods: from the parameters of a call to the bot's side of the local Telegram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.telegram.bot_side import NewMedia, Sending
from sandbox.telegram.errors import bad_request
from sandbox.telegram.keyboards import Markup, parse_markup
from sandbox.telegram.links import InvalidLink, checked_link
from sandbox.telegram.local import LocalTelegram
from sandbox.telegram.parameters import Parameters
from sandbox.telegram.rules import FormattedText, message_caption, message_text

Method = Callable[[LocalTelegram, Parameters], Any]

METHODS: dict[str, Method] = {}


def _method(method: Method) -> Method:
    """Registers `send_message` as sendMessage; names are compared without case."""
    METHODS[method.__name__.replace("_", "")] = method
    return method


@_method
def get_me(telegram: LocalTelegram, _call: Parameters) -> dict[str, Any]:
    return {
        **telegram.bot.as_json(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_guest_queries": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
    }


@_method
def log_out(_telegram: LocalTelegram, _call: Parameters) -> bool:
    return True


@_method
def close(_telegram: LocalTelegram, _call: Parameters) -> bool:
    return True


# Sending


def _markup(call: Parameters) -> Markup:
    return parse_markup(call.json("reply_markup", "reply keyboard markup"))


def _sending(call: Parameters) -> Sending:
    if call.text("business_connection_id"):
        raise bad_request("business connection not found")
    if call.integer("message_thread_id"):
        raise bad_request("message thread not found")
    if call.flag("allow_paid_broadcast"):
        raise bad_request("FLOODSKIP_NOT_ALLOWED")
    reply_to = call.integer("reply_to_message_id") or None
    may_be_missing = call.flag("allow_sending_without_reply")
    reply = call.json("reply_parameters", "reply parameters")
    if reply is not None:
        if not isinstance(reply, dict) or "message_id" not in reply:
            raise bad_request('can\'t find field "message_id"')
        try:
            reply_to = int(reply["message_id"])
        except (TypeError, ValueError) as error:
            raise bad_request('Field "message_id" must be a valid Number') from error
        may_be_missing = bool(reply.get("allow_sending_without_reply", False))
    return Sending(
        markup=_markup(call),
        reply_to=reply_to,
        reply_may_be_missing=may_be_missing,
        effect_id=call.text("message_effect_id") or None,
        protected=call.flag("protect_content"),
        silent=call.flag("disable_notification"),
    )


def _text(call: Parameters) -> FormattedText:
    return message_text(
        call.text("text"), call.text("parse_mode"), call.json("entities", "entities")
    )


def _caption(call: Parameters) -> FormattedText:
    return message_caption(
        call.text("caption"),
        call.text("parse_mode"),
        call.json("caption_entities", "caption entities"),
    )


def _link_preview(call: Parameters) -> dict[str, Any] | None:
    options = call.json("link_preview_options", "link preview options")
    if options is None:
        return {"is_disabled": True} if call.flag("disable_web_page_preview") else None
    if not isinstance(options, dict):
        raise bad_request("object expected as link preview options")
    for flag in ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"):
        if flag in options and not isinstance(options[flag], bool):
            raise bad_request(f'Field "{flag}" must be of type Boolean')
    if options.get("url"):
        try:
            checked_link(str(options["url"]))
        except InvalidLink as error:
            raise bad_request("WEBPAGE_URL_INVALID") from error
    return {name: value for name, value in options.items() if value} or None


def _media(call: Parameters, kind: str) -> NewMedia:
    return _new_media(kind, call.file(kind))


def _new_media(kind: str, source: Any) -> NewMedia:
    if not source:
        raise bad_request(f"there is no {kind} in the request")
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    return NewMedia(kind, source)


@_method
def send_message(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    text = _text(call)
    return telegram.bot_side.send_text(call.chat_id(), text, _sending(call), _link_preview(call))


@_method
def send_photo(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    media = _media(call, "photo")
    return telegram.bot_side.send_media(call.chat_id(), media, _caption(call), _sending(call))


@_method
def send_document(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    media = _media(call, "document")
    return telegram.bot_side.send_media(call.chat_id(), media, _caption(call), _sending(call))


@_method
def copy_message(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    caption = _caption(call) if call.text("caption") is not None else None
    return telegram.bot_side.copy(
        call.chat_id(), call.chat_id("from_chat_id"), call.message_id(), caption, _sending(call)
    )


@_method
def send_chat_action(telegram: LocalTelegram, call: Parameters) -> bool:
    telegram.bot_side.chat_action(call.chat_id(), call.text("action") or "")
    return True


# Editing and deleting


@_method
def edit_message_text(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    text = _text(call)
    return telegram.bot_side.edit_text(
        call.chat_id(), call.message_id(), text, _markup(call), _link_preview(call)
    )


@_method
def edit_message_caption(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    caption = _caption(call)
    return telegram.bot_side.edit_caption(call.chat_id(), call.message_id(), caption, _markup(call))


@_method
def edit_message_media(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    media = call.json("media", "input media")
    if not isinstance(media, dict):
        raise bad_request("expected an Object as InputMedia")
    kind = media.get("type")
    if kind not in ("photo", "document"):
        raise bad_request(f'type "{kind}" is unsupported' if kind else 'Can\'t find field "type"')
    if not isinstance(media.get("media"), str) or not media["media"]:
        raise bad_request("media not found")
    new = _new_media(kind, call.attached(media["media"]))
    caption = message_caption(
        media.get("caption"), media.get("parse_mode"), media.get("caption_entities")
    )
    return telegram.bot_side.edit_media(
        call.chat_id(), call.message_id(), new, caption, _markup(call)
    )


@_method
def edit_message_reply_markup(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    return telegram.bot_side.edit_keyboard(call.chat_id(), call.message_id(), _markup(call))


@_method
def delete_message(telegram: LocalTelegram, call: Parameters) -> bool:
    telegram.bot_side.delete(call.chat_id(), call.message_id())
    return True


@_method
def answer_callback_query(telegram: LocalTelegram, call: Parameters) -> bool:
    telegram.bot_side.answer_callback(
        call.text("callback_query_id") or "",
        call.text("text"),
        call.flag("show_alert"),
        call.text("url"),
    )
    return True


# Chats and files


@_method
def pin_chat_message(telegram: LocalTelegram, call: Parameters) -> bool:
    telegram.bot_side.pin(call.chat_id(), call.message_id())
    return True


@_method
def unpin_chat_message(telegram: LocalTelegram, call: Parameters) -> bool:
    telegram.bot_side.unpin(call.chat_id(), call.integer("message_id"))
    return True


@_method
def get_chat(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    return telegram.bot_side.chat(call.chat_id())


@_method
def get_file(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    return telegram.bot_side.file(call.text("file_id") or "")


# The bot's profile


def _scope(call: Parameters) -> Any:
    return call.json("scope", "BotCommandScope")


@_method
def set_my_commands(telegram: LocalTelegram, call: Parameters) -> bool:
    commands = call.json("commands", "commands")
    telegram.profile.set_commands(commands or [], _scope(call), call.text("language_code"))
    return True


@_method
def get_my_commands(telegram: LocalTelegram, call: Parameters) -> list[dict[str, str]]:
    return telegram.profile.commands(_scope(call), call.text("language_code"))


@_method
def delete_my_commands(telegram: LocalTelegram, call: Parameters) -> bool:
    telegram.profile.delete_commands(_scope(call), call.text("language_code"))
    return True


def _register_profile_text(kind: str) -> None:
    def write(telegram: LocalTelegram, call: Parameters) -> bool:
        telegram.profile.set_text(kind, call.text(kind), call.text("language_code"))
        return True

    def read(telegram: LocalTelegram, call: Parameters) -> dict[str, str]:
        return {kind: telegram.profile.text(kind, call.text("language_code"))}

    plain = kind.replace("_", "")
    METHODS[f"setmy{plain}"] = write
    METHODS[f"getmy{plain}"] = read


for _kind in ("name", "description", "short_description"):
    _register_profile_text(_kind)


@_method
def set_chat_menu_button(telegram: LocalTelegram, call: Parameters) -> bool:
    telegram.profile.set_menu_button(
        call.chat_id_if_given(), call.json("menu_button", "menu button")
    )
    return True


@_method
def get_chat_menu_button(telegram: LocalTelegram, call: Parameters) -> dict[str, Any]:
    return telegram.profile.menu_button(call.chat_id_if_given())
