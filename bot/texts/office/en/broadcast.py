"""English: broadcasts."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords, count_of
from bot.texts.office.broadcast import BroadcastTexts
from services.broadcasts import Activity, BroadcastState
from services.customers import Language


class EnglishBroadcast(EnglishWords, BroadcastTexts):
    """Composing a broadcast, how far it is, and the earlier ones."""

    new_button = "New broadcast"
    preview_button = "Show it to me again"
    pause_button = "Pause"
    go_on_button = "Go on"
    cancel_button = "Cancel…"
    not_copied = "Telegram does not find the message any more. Write a new one."
    not_possible = "That is not possible any more. This is how it is now."
    _room = ("📣 Broadcasts", "One message to many people, as you write it.")
    _none_yet = "There has been no broadcast yet."
    _ask = (
        "Send the message as it should arrive.",
        (
            "Text, a picture, a video or anything else: one message, with its formatting. "
            "Do not delete it in this chat before everybody has it."
        ),
    )
    _cannot_copy = "Telegram does not let me send this on."
    _draft = ("Above is what they will read.", "For whom?")
    _languages: ClassVar = {
        None: "All languages",
        Language.ZH: "Chinese",
        Language.EN: "English",
        Language.RU: "Russian",
    }
    _activities: ClassVar = {
        Activity.ALL: "Everybody",
        Activity.LATELY: "Here within 30 days",
        Activity.PAID: "Have paid",
        Activity.NEVER_PAID: "Never paid",
    }
    _states: ClassVar = {
        BroadcastState.DRAFT: "a draft",
        BroadcastState.SENDING: "being sent",
        BroadcastState.PAUSED: "paused",
        BroadcastState.CANCELLED: "cancelled",
        BroadcastState.DONE: "done",
    }
    _for_whom = "To"
    _arrived = "Delivered"
    _blocked = "Blocked the bot"
    _undelivered = "Not delivered"
    _remaining = "Remaining"
    _message_gone = (
        "The message is not in the chat any more, so there is nothing to send. "
        "Cancel this one and write a new one."
    )
    _notices_first = "News about orders go first."

    def send_button(self, people: int) -> str:
        return f"Send to {self._people(people)}…"

    def _and_more(self, count: int) -> str:
        return f"… and {self.number(count)} more."

    def _people(self, count: int) -> str:
        return f"{self.number(count)} {'person' if count == 1 else 'people'}"

    def _start_means(self, people: int, minutes: int) -> tuple[str, ...]:
        return (
            f"Send it to {self._people(people)}?",
            (
                f"It takes about {count_of(minutes, 'minute')}. You can pause or cancel it, "
                "but not take back what has arrived."
            ),
        )

    def _cancel_means(self, had: int, remaining: int) -> tuple[str, ...]:
        return (
            "End this broadcast for good?",
            (
                f"{self._people(had)} had it; {self.number(remaining)} will not get it. "
                "It is paused meanwhile."
            ),
        )
