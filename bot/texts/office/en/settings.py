"""English: settings that may be changed while the shop runs."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.en_words import EnglishWords, count_of
from bot.texts.office.settings import SettingsTexts


class EnglishSettings(EnglishWords, SettingsTexts):
    """The list, one setting, and the question for another value."""

    change_button = "Change it"
    switch_on_button = "Switch it on"
    switch_off_button = "Switch it off"
    reset_button = "Back to the file's value"
    is_so_already = "It is so already. Nothing was done."

    names: ClassVar = {
        "payment.minutes": "Time to pay",
        "payment.quote_minutes": "A price holds",
        "payment.grace_minutes": "Grace after it",
        "payment.open_orders": "Unpaid orders each",
        "payment.tolerance_percent": "Tolerance",
        "payment.flash": "Flash rentals",
        "energy.margin_percent": "Energy margin",
        "energy.early_end_percent": "Back for ending early",
        "energy.ending_notice_minutes": "Notice of the end",
        "limits.order_energy": "Energy per order",
        "limits.receiver_hour": "Orders per receiver",
        "limits.user_day": "Orders per customer",
        "refunds.per_refund_sun": "Refund by itself up to",
        "refunds.daily_sun": "Refunds in a day",
    }
    _what_it_does: ClassVar = {
        "payment.minutes": "How long a new order waits for its payment.",
        "payment.quote_minutes": "How long a quoted price holds.",
        "payment.grace_minutes": "How long after the time to pay an order's price still holds.",
        "payment.open_orders": "The most unpaid orders that one customer may have at a time.",
        "payment.tolerance_percent": "How far the amount of a payer who is known may be off.",
        "payment.flash": "Whether TRX without an order becomes energy for its sender.",
        "energy.margin_percent": "What is added to the energy that a transfer takes.",
        "energy.early_end_percent": "The share of what is unused that comes back; 0: nothing.",
        "energy.ending_notice_minutes": "How long before the end a customer is warned; 0: never.",
        "limits.order_energy": "The most energy in one order.",
        "limits.receiver_hour": "The most orders in an hour for one receiver.",
        "limits.user_day": "The most orders of one customer in a day.",
        "refunds.per_refund_sun": "A larger refund waits for a word of yours.",
        "refunds.daily_sun": "The most that is sent back in one day, UTC.",
    }
    _settings = "Settings that may change while the shop runs"
    _at_once = "What you change counts at once, in every process, and after a restart."
    _changed_mark = " · changed here"
    _on = "on"
    _off = "off"

    def _minutes(self, count: int) -> str:
        return count_of(count, "minute")

    def _energy(self, energy: str) -> str:
        return f"{energy} energy"

    def _is_now(self, value: str) -> str:
        return f"Now: {value}"

    def _from_the_file(self) -> str:
        return "From the configuration file."

    def _changed_by(self, by: int, at: Text, in_file: str) -> Text:
        return Text(f"Changed here by {by}, ", at, f". In the file: {in_file}.")

    def _may_be(self, least: str, most: str) -> str:
        return f"It can be from {least} to {most}. Please write it as a number."

    _how_much = "What should it be?"
    _in_trx = "Write it in TRX."
    _in_minutes = "Write it in minutes."
    _in_percent = "Write it in per cent."
    _as_a_number = "Write a number."
