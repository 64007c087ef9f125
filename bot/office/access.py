"""Who gets into the office: the one door for its commands and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aiogram.types import CallbackQuery, Message
from pydantic import ValidationError

from bot.office.taps import OFFICE, OfficeTap
from services.staff import Actor, Right

COMMANDS: Mapping[str, Right] = {
    "admin": Right.LOOK,
    "held": Right.LOOK,
    "refunds": Right.LOOK,
    "assign": Right.SERVE,
    "keep": Right.PAY,
    "find": Right.LOOK,
    "pools": Right.LOOK,
    "addpool": Right.POOLS,
    "prices": Right.LOOK,
    "user": Right.PEOPLE,
    "broadcast": Right.BROADCAST,
    "maintenance": Right.LOOK,
    "log": Right.LOG,
    "risk": Right.LOOK,
    "settings": Right.SETTINGS,
    "alerts": Right.LOOK,
    "report": Right.LOOK,
}
"""Every command of the office, and what one has to be allowed, to say it."""


def kinds(kind: type[OfficeTap] = OfficeTap) -> Iterator[type[OfficeTap]]:
    """Every kind of button that the office has."""
    for each in kind.__subclasses__():
        yield each
        yield from kinds(each)


def tap_of(data: str | None) -> OfficeTap | None:
    """The tap of the office that some data is; None if it is none."""
    if not data or not data.startswith(OFFICE):
        return None
    prefix = data.split(":", 1)[0]
    for kind in kinds():
        if kind.__prefix__ == prefix:
            try:
                return kind.unpack(data)
            except (TypeError, ValueError, ValidationError):
                return None
    return None


def may_tap(query: CallbackQuery, actor: Actor | None = None) -> bool:
    """A filter: the tap is one of the office, and this person may tap it."""
    tap = tap_of(query.data)
    return actor is not None and tap is not None and actor.may(tap.right)


def command_of(message: Message) -> str | None:
    """The office's command that a message begins with."""
    first = (message.text or message.caption or "").split(maxsplit=1)
    if not first or not first[0].startswith("/"):
        return None
    command = first[0][1:].partition("@")[0].lower()
    return command if command in COMMANDS else None


def may_say(message: Message, actor: Actor | None = None) -> bool:
    """A filter: one of the staff; and if it is a command of the office, they may say it."""
    if actor is None:
        return False
    command = command_of(message)
    return command is None or actor.may(COMMANDS[command])


def is_of_the_office(event: Message | CallbackQuery) -> bool:
    """A filter: a command or a button of the office, whoever it comes from."""
    if isinstance(event, CallbackQuery):
        return (event.data or "").startswith(OFFICE)
    return command_of(event) is not None
