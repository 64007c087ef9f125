"""English: doors, reasons, confirmations."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.common import CommonTexts
from services.acts import ActFault


class EnglishCommon(EnglishWords, CommonTexts):
    """What all areas say."""

    back_button = "‹ Back"
    never_mind_button = "Never mind"
    no_reason_button = "No reason needed"
    do_it_button = "Yes, do it"
    commands = (
        ("admin", "How the shop is doing"),
        ("alerts", "What is wrong now"),
        ("find", "Find an order"),
        ("held", "Payments that wait for a decision"),
        ("refunds", "Money on its way back"),
        ("pools", "Pools: what is free, lent, wrong"),
        ("addpool", "Add a pool"),
        ("prices", "Prices: on offer, planned, before"),
        ("user", "Look somebody up"),
        ("broadcast", "Write to many people"),
        ("report", "What a day, week or month brought"),
        ("maintenance", "Stop and take orders"),
        ("risk", "Rules about risk, and orders that wait"),
        ("settings", "What can be changed while it runs"),
        ("log", "Who did what"),
    )
    _rooms: ClassVar = {
        "orders": "Orders",
        "held": "Held payments",
        "refunds": "Refunds",
        "pools": "Pools",
        "prices": "Prices",
        "users": "People",
        "broadcast": "Broadcast",
        "maintenance": "Maintenance",
        "risk": "Risk",
        "settings": "Settings",
        "log": "Log",
        "alerts": "Alerts",
        "reports": "Reports",
    }
    _why = "Why? A few words are enough; they stand in the log."
    _because = "Why: "
    _left = "Nothing was done."
    _refused: ClassVar = {
        ActFault.NOT_ALLOWED: "Your role in the shop does not allow that. It was written down.",
        ActFault.GONE: "This question was answered already, or it is too old. Nothing was done; "
        "begin again.",
        ActFault.NO_REASON: "This needs a reason. Nothing was done.",
    }
