"""How the bot presents itself: commands, descriptions, the menu button."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.journal import Journal, as_text

_COMMAND = re.compile(r"^[a-z0-9_]{1,32}$")
_LANGUAGE = re.compile(r"^(?:[a-z]{2})?$")
_MOST_COMMANDS = 100
_LONGEST_COMMAND_DESCRIPTION = 256
LONGEST = {"name": 64, "description": 512, "short_description": 120}
_SCOPES_WITHOUT_CHAT = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
)

Command = dict[str, str]


class BotProfile:
    """Texts and commands per scope and language; `knows_chat` says whether a chat exists."""

    def __init__(self, journal: Journal, knows_chat: Callable[[int], bool]) -> None:
        self._journal = journal
        self._knows_chat = knows_chat

    def _scope(self, scope: Any) -> str:
        if scope is None:
            return "default"
        if not isinstance(scope, dict):
            raise bad_request("BotCommandScope must be an Object")
        kind = scope.get("type")
        if kind in _SCOPES_WITHOUT_CHAT:
            return str(kind)
        if kind in ("chat", "chat_administrators", "chat_member"):
            try:
                chat_id = int(scope["chat_id"])
            except KeyError as error:
                raise bad_request(
                    "can't parse BotCommandScope: Can't find field \"chat_id\""
                ) from error
            except (TypeError, ValueError) as error:
                raise bad_request("chat not found") from error
            if not self._knows_chat(chat_id):
                raise bad_request("chat not found")
            if kind != "chat":
                raise bad_request("can't use specified scope in private chats")
            return f"chat {chat_id}"
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")

    def _language(self, code: str | None) -> str:
        if not _LANGUAGE.match(code or ""):
            raise bad_request("invalid language code specified")
        return code or ""

    def set_commands(self, commands: Any, scope: Any, language_code: str | None) -> None:
        """Replaces the commands of one scope and language; an empty list removes them."""
        if not isinstance(commands, list):
            raise bad_request("expected an Array of BotCommand")
        if len(commands) > _MOST_COMMANDS:
            raise bad_request("too many bot commands specified")
        checked = [self._command(command) for command in commands]
        where, language = self._scope(scope), self._language(language_code)
        if not checked:
            self.delete_commands(scope, language_code)
            return
        self._journal.write(
            "INSERT INTO commands VALUES (?, ?, ?)"
            " ON CONFLICT (scope, language_code) DO UPDATE SET record = excluded.record",
            (where, language, as_text(checked)),
        )

    def _command(self, command: Any) -> Command:
        if not isinstance(command, dict):
            raise _unreadable("expected an Object")
        for field in ("command", "description"):
            if not isinstance(command.get(field), str):
                raise _unreadable(f'Can\'t find field "{field}"')
        name = command["command"].strip().removeprefix("/")
        description = command["description"].strip()
        if not _COMMAND.match(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= _LONGEST_COMMAND_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        return {"command": name, "description": description}

    def delete_commands(self, scope: Any, language_code: str | None) -> None:
        self._journal.write(
            "DELETE FROM commands WHERE scope = ? AND language_code = ?",
            (self._scope(scope), self._language(language_code)),
        )

    def commands(self, scope: Any, language_code: str | None) -> list[Command]:
        """Exactly what was set for that scope and language."""
        return self._stored(self._scope(scope), self._language(language_code)) or []

    def _stored(self, scope: str, language_code: str) -> list[Command] | None:
        row = self._journal.row(
            "SELECT record FROM commands WHERE scope = ? AND language_code = ?",
            (scope, language_code),
        )
        return None if row is None else json.loads(row["record"])

    def commands_shown(self, user_id: int, language_code: str | None) -> list[Command]:
        """What the person's client suggests: the narrowest scope first, their language first."""
        language = (language_code or "")[:2].lower()
        for scope in (f"chat {user_id}", "all_private_chats", "default"):
            for code in dict.fromkeys((language, "")):
                stored = self._stored(scope, code)
                if stored is not None:
                    return stored
        return []

    def set_text(self, kind: str, text: str | None, language_code: str | None) -> None:
        """Sets `name`, `description` or `short_description`; empty removes it."""
        value = (text or "").strip()
        if len(value) > LONGEST[kind]:
            raise bad_request(f"bot {kind.replace('_', ' ')} is too long")
        self._journal.set_fact(f"{kind} {self._language(language_code)}", value)

    def text(self, kind: str, language_code: str | None) -> str:
        """The text for that language, else the one for all."""
        language = self._language(language_code)
        return str(self._journal.fact(f"{kind} {language}") or self._journal.fact(f"{kind} ") or "")

    def set_menu_button(self, chat_id: int | None, button: Any) -> None:
        value = {"type": "default"} if button is None else button
        if not isinstance(value, dict):
            raise bad_request("MenuButton must be an Object")
        if value.get("type") not in ("default", "commands", "web_app"):
            raise bad_request("can't parse menu button: MenuButton has unsupported type")
        if chat_id is not None and not self._knows_chat(chat_id):
            raise bad_request("chat not found")
        if value["type"] == "web_app":
            url = str((value.get("web_app") or {}).get("url", ""))
            if not url.startswith("https://"):
                raise bad_request(
                    f"menu button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
                )
        self._journal.set_fact(f"menu_button {chat_id or ''}", value)

    def menu_button(self, chat_id: int | None) -> dict[str, Any]:
        if chat_id is not None and not self._knows_chat(chat_id):
            raise bad_request("chat not found")
        own = self._journal.fact(f"menu_button {chat_id}") if chat_id else None
        if own is None or (own["type"] == "default" and chat_id):
            own = self._journal.fact("menu_button ")
        button: dict[str, Any] = own if own is not None else {"type": "default"}
        return {"type": "commands"} if button["type"] == "default" else button


def _unreadable(reason: str) -> BotApiError:
    return bad_request(f"can't parse BotCommand: {reason}")
