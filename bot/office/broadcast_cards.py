"""Cards about broadcasts."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.enums import ButtonStyle

from bot.callbacks import Nothing
from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.taps import Aim, LookAtBroadcast, NewBroadcast, Room, Steer, Steering
from bot.screen import Card
from bot.texts.office import OfficeTexts
from services.broadcasts import Activity, Broadcast, BroadcastState
from services.customers import Language

_ANY: tuple[Language | None, ...] = (None, *Language)


def room(texts: OfficeTexts, earlier: Sequence[Broadcast], total: int) -> Card:
    rows = [
        [button(texts.broadcast.earlier_button(each), LookAtBroadcast(broadcast=each.id).pack())]
        for each in earlier
    ]
    new = button(texts.broadcast.new_button, NewBroadcast().pack(), ButtonStyle.PRIMARY)
    return Card(
        texts.broadcast.room(len(earlier), total),
        keyboard([new], *rows, [cards.back(texts.common)]),
    )


def ask(texts: OfficeTexts) -> Card:
    return cards.asked(texts.common, texts.broadcast.ask())


def cannot_copy(texts: OfficeTexts) -> Card:
    """What came instead of a message that can be sent on; the question stays open."""
    return cards.asked(texts.common, texts.broadcast.cannot_copy())


def draft(texts: OfficeTexts, shown: Broadcast) -> Card:
    """For whom? What is chosen is marked."""
    words = texts.broadcast
    # What is chosen does nothing.
    languages = [
        button(
            words.language_button(each, chosen=each is shown.language),
            Nothing().pack()
            if each is shown.language
            else Aim(broadcast=shown.id, language=each, activity=shown.activity).pack(),
        )
        for each in _ANY
    ]
    activities = [
        button(
            words.activity_button(each, chosen=each is shown.activity),
            Nothing().pack()
            if each is shown.activity
            else Aim(broadcast=shown.id, language=shown.language, activity=each).pack(),
        )
        for each in Activity
    ]
    send = button(
        words.send_button(shown.people),
        Steer(broadcast=shown.id, do=Steering.START).pack(),
        ButtonStyle.PRIMARY,
    )
    preview = button(words.preview_button, Steer(broadcast=shown.id, do=Steering.PREVIEW).pack())
    return Card(
        words.draft(shown),
        keyboard(
            languages[:2],
            languages[2:],
            activities[:2],
            activities[2:],
            [preview],
            [send] if shown.people else [],
            [cards.back(texts.common, Room.BROADCAST)],
        ),
    )


def broadcast(texts: OfficeTexts, shown: Broadcast) -> Card:
    """A draft and its choices; once it was started, how far it is and what can be done."""
    if shown.state is BroadcastState.DRAFT:
        return draft(texts, shown)
    words = texts.broadcast
    offered = {
        BroadcastState.SENDING: [(words.pause_button, Steering.PAUSE)],
        BroadcastState.PAUSED: [(words.go_on_button, Steering.GO_ON)],
    }.get(shown.state, [])
    if offered:
        offered.append((words.cancel_button, Steering.CANCEL))
    row = [button(label, Steer(broadcast=shown.id, do=do).pack()) for label, do in offered]
    return Card(words.progress(shown), keyboard(row, [cards.back(texts.common, Room.BROADCAST)]))
