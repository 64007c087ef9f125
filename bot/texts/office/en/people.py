"""English: people."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords, count_of
from bot.texts.office.people import PeopleTexts
from services.customers import Language
from services.order_views import Stage
from services.people import Bound, Person


class EnglishPeople(EnglishWords, PeopleTexts):
    """Finding people, their card, and what is done about them."""

    adjust_button = "Change the balance"
    ban_button = "Ban"
    unban_button = "Lift the ban"
    note_button = "Note"
    orders_button = "All orders"
    cannot_ban_staff = "They work in the shop. Take their role away in the settings first."
    nobody_like_that = "Nobody like that has talked to the bot."
    _ask = (
        "Whom are you looking for?",
        "Send a Telegram id, an @username, a first name, a TRON address or the number of an order.",
    )
    _found = "Whom do you mean?"
    _more = "… and more. A username or an id finds one person."
    _languages: ClassVar = {
        Language.ZH: "Chinese",
        Language.EN: "English",
        Language.RU: "Russian",
    }
    _stages: ClassVar = {
        Stage.AWAITING: "waits for payment",
        Stage.UNDERPAID: "paid in part",
        Stage.SEEN: "payment seen",
        Stage.PAID: "paid",
        Stage.DELIVERED: "delivered",
        Stage.ENDED: "ended",
        Stage.EXPIRED: "lapsed",
        Stage.CANCELLED: "cancelled",
        Stage.FAILED: "not delivered",
    }
    _bounds: ClassVar = {Bound.DAY: "Orders in a day", Bound.OPEN: "Unpaid orders at once"}
    _bound_buttons: ClassVar = {Bound.DAY: "Orders in a day…", Bound.OPEN: "Unpaid orders…"}
    _language = "Language"
    _since = "Here since"
    _seen = "Last here"
    _blocked = "Has blocked the bot"
    _banned = "Banned"
    _because = "Why"
    _note = "Note"
    _balance = "Balance, TRX"
    _spent = "Spent"
    _orders = "Orders"
    _latest = "Latest orders"
    _addresses = "Addresses"
    _proved = "proved"
    _paid_from = "Paid from"
    _own_bounds = "Bounds of their own"
    _no_orders = "No orders yet."
    _ask_amount = (
        "By how much does the balance change?",
        "Send TRX with a sign, such as +5 or -0.25: at most six digits after the point.",
    )
    _amount_unclear = "I cannot read an amount there."
    _not_below_zero = "A balance does not fall below zero."
    _ask_note = "What should the staff know? Send - to take the note away."
    _note_taken_away = "The note is taken away."
    _ask_bound: ClassVar = {
        Bound.DAY: "How many orders in a day? Send - for everybody's bound.",
        Bound.OPEN: "How many unpaid orders at once? Send - for everybody's bound.",
    }
    _bound_unclear = "Send a whole number from 0 to 1,000,000, or - for everybody's bound."
    _everybodys = "as for everybody"
    _note_will_be = "The note will be:"
    _will_hear = "It is booked against the owner's money, and they are told."
    _ban_means = (
        "They can order nothing more, and use no button.",
        "What they send without an order is held for you.",
    )
    _unban_means = "They can order again."

    def _counts(self, person: Person) -> str:
        return (
            f"{self.number(person.orders)}, of which {self.number(person.delivered)} delivered, "
            f"{self.number(person.under_way)} under way, {self.number(person.waiting)} unpaid"
        )

    def _banned_by(self, actor_id: int) -> str:
        return f"by {actor_id}"

    def _orders_of(self, name: str, page: int, pages: int) -> str:
        return f"Orders of {name}" + (f", page {page} of {pages}" if pages > 1 else "")

    def _balance_becomes(self, before: str, after: str) -> str:
        return f"The balance goes from {before} to {after} TRX."

    def _goes_on(self, waiting: int, under_way: int) -> str:
        return (
            f"What they have goes on: {count_of(waiting, 'unpaid order')}, "
            f"{self.number(under_way)} under way."
        )

    def _bound_becomes(self, bound: str, before: str, after: str) -> str:
        return f"{bound}: {before} → {after}"
