"""A local Telegram Bot API: the chats of a few people with one bot, and Telegram's rules for them.

`LocalTelegram` holds the chats, messages, updates and files and knows the rules; `bot_api_app`
serves the bot's side over HTTP as api.telegram.org does; `TelegramFaults` breaks it on request.
"""

from __future__ import annotations

from sandbox.telegram.chats import Bot, User
from sandbox.telegram.clicks import CallbackSent, Click, LinkOpened, NothingHappens, TextCopied
from sandbox.telegram.errors import BotApiError, UserCannot
from sandbox.telegram.faults import Fault, FaultKind, TelegramFaults
from sandbox.telegram.feed import CallbackAnswer, Change, ChatAction, MessageChange
from sandbox.telegram.flood import GROUP_MESSAGES, FloodLimit
from sandbox.telegram.groups import Group, Membership
from sandbox.telegram.http import bot_api_app
from sandbox.telegram.local import LocalTelegram

__all__ = [
    "GROUP_MESSAGES",
    "Bot",
    "BotApiError",
    "CallbackAnswer",
    "CallbackSent",
    "Change",
    "ChatAction",
    "Click",
    "Fault",
    "FaultKind",
    "FloodLimit",
    "Group",
    "LinkOpened",
    "LocalTelegram",
    "Membership",
    "MessageChange",
    "NothingHappens",
    "TelegramFaults",
    "TextCopied",
    "User",
    "UserCannot",
    "bot_api_app",
]
