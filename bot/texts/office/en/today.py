"""English: the card of today."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.today import TodayTexts
from services.figures import Wrong


class EnglishToday(EnglishWords, TodayTexts):
    """How the shop is doing."""

    refresh_button = "🔄 Refresh"
    _units: ClassVar = ("h", "min", "s")
    _well = "All is well"
    _look_at = "Look at this"
    _wrong: ClassVar = {
        Wrong.NODES_SILENT: "No TRON node answers",
        Wrong.SCANNER_BEHIND: "The scanner is behind the chain",
        Wrong.POOLS_OUT: "Pools that cannot be sold from",
        Wrong.ALERTS_OPEN: "Open alerts",
        Wrong.PAYMENTS_HELD: "Payments held for a decision",
        Wrong.REFUNDS_WAIT: "Refunds not sent yet",
        Wrong.NOTICES_LATE: "Messages that wait for too long",
    }
    _states: ClassVar = {
        "pending": "waiting for payment",
        "paid": "paid",
        "processing": "being delivered",
        "completed": "delivered",
        "failed": "failed",
        "expired": "expired",
        "cancelled": "cancelled",
    }
    _today = "Today"
    _now = "Now"
    _orders = "Orders"
    _revenue = "Revenue"
    _success = "Delivered of what was paid"
    _delivery = "From payment to energy"
    _half = "half within "
    _most = "95 % within "
    _free_energy = "Free energy"
    _one_order = "Most in one order"
    _wallet = "Refund wallet"
    _no_wallet = "not set up; refunds are sent by hand"
    _scanner = "Behind the chain"
    _blocks = "blocks:"
    _held = "Held payments"
    _refunds = "Refunds waiting"
    _messages = "Messages waiting"
    _alerts = "Open alerts"
    _silent = "no node answers"
    _unread = "Nothing was read of the chain yet."
