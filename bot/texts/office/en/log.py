"""English: the log."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.en.alerts import EnglishAlerts
from bot.texts.office.en.risk import EnglishRisk
from bot.texts.office.en.settings import EnglishSettings
from bot.texts.office.log import LogTexts


class EnglishLog(EnglishWords, LogTexts):
    """Who did what."""

    newest_button = "« Newest"
    older_button = "Older ›"
    by_person_button = "Of one person"
    by_subject_button = "About one thing"
    everything_button = "Everything"
    same_person_button = "All of this person"
    same_subject_button = "All about this"

    _acts: ClassVar = {
        "retry order": "look for energy again",
        "deliver by another pool": "deliver by another pool",
        "refund order": "refund the order",
        "credit order": "credit the order",
        "extend order": "give more time",
        "end order": "end the rental",
        "assign payment": "give the payment to an order",
        "deliver for payment": "deliver for the payment",
        "flash payment": "energy for the payer",
        "credit payment": "credit the payment",
        "credit payment to another": "credit the payment to somebody else",
        "refund payment": "refund the payment",
        "keep payment": "keep the payment as one's own",
        "approve refund": "approve the refund",
        "pool_enable": "sell from the pool",
        "pool_drain": "stop selling from the pool",
        "pool_disable": "disable the pool",
        "pool_terms": "change the pool's terms",
        "pool_add": "add the pool",
        "price_change": "change the price",
        "price_remove": "take the duration off sale",
        "adjust": "change the balance",
        "ban": "ban",
        "unban": "lift the ban",
        "note": "write a note",
        "limit": "set a bound of their own",
        "make_key": "make a key for a program",
        "revoke_key": "revoke a program's key",
        "broadcast": "start the broadcast",
        "cancel_broadcast": "cancel the broadcast",
        "begin_maintenance": "stop new orders",
        "end_maintenance": "take orders again",
        "word_maintenance": "change what customers read",
        "blacklist": "put on the blacklist",
        "unlist": "take off the blacklist",
        "allow_order": "allow the order",
        "refuse_order": "refuse the order",
        "change_setting": "change the setting",
        "reset_setting": "take the setting back to the file's value",
        "acknowledge_alert": "look after the alert",
        "pause_broadcast": "pause the broadcast",
        "go_on_broadcast": "go on with the broadcast",
        "exported": "take the books away",
        "refused": "was refused",
    }
    _roles: ClassVar = {
        "owner": "owner",
        "operator": "operator",
        "support": "support",
        "viewer": "viewer",
        "stranger": "stranger",
    }
    _subjects: ClassVar = {
        "order": "Order",
        "payment": "Payment",
        "refund": "Refund",
        "pool": "Pool",
        "price": "Price",
        "user": "Customer",
        "address": "Address",
        "transaction": "Transaction",
        "setting": "Setting",
        "broadcast": "Broadcast",
        "alert": "Alert",
        "maintenance": "Maintenance",
    }
    _settings: ClassVar = EnglishSettings.names
    _alert_titles: ClassVar = EnglishAlerts.titles
    _fields: ClassVar = {
        "status": "State",
        "state": "State",
        "sun": "Amount",
        "user": "Customer",
        "order": "Order",
        "compensation": "The money",
        "pool": "Pool",
        "hours": "Hours given",
        "expires_at": "Ends",
        "ended_at": "Ended",
        "percent": "Share given back, %",
        "risk": "Reasons",
        "risk_decision": "Decision",
        "listed": "On the blacklist",
        "closed": "New orders stopped",
        "since": "Since",
        "by": "By",
        "messages": "Customers read",
        "people": "People",
        "language": "Language",
        "activity": "For whom",
        "remaining": "Not written to",
        "balance_sun": "Balance",
        "banned": "Banned",
        "note": "Note",
        "day": "Orders in a day",
        "open": "Unpaid orders",
        "approved": "Approved",
        "waits_for": "Waits for",
        "sent_sun": "Sent",
        "to": "To",
        "address": "Address",
        "permission_id": "Permission",
        "key_address": "Key",
        "reserve_sun": "Reserve",
        "cap_sun": "Cap per delegation",
        "hourly_delegations": "Delegations in an hour",
        "priority": "Priority",
        "cost_sun": "Cost",
        "price.hours": "Hours",
        "price.sun": "Per energy",
        "price.minimum": "Minimum",
        "price.steps": "Steps",
        "price.start": "From",
        "price": "Price",
        "from": "From",
        "rows": "Rows",
        "key": "Key",
        "name": "Name",
        "scopes": "May",
        "networks": "Only from",
    }
    _values: ClassVar = {
        **{str(reason): told for reason, told in EnglishRisk.reasons.items()},
        "yes": "yes",
        "no": "no",
        "allowed": "allowed",
        "refused": "refused",
        "refund": "goes back",
        "credit": "on the balance",
        "hold": "held",
        "enabled": "on sale",
        "draining": "not on sale",
        "disabled": "disabled",
        "draft": "draft",
        "sending": "being sent",
        "paused": "paused",
        "done": "done",
        "over_cap": "more than the cap",
        "no_wallet": "no wallet",
        "daily_cap": "the day's cap",
        "wallet_empty": "money in the wallet",
        "expired": "expired",
        "all": "everybody",
        "lately": "here within 30 days",
        "paid": "paid",
        "never_paid": "never paid",
        "zh": "Chinese",
        "en": "English",
        "ru": "Russian",
        "pending": "not paid",
        "processing": "being delivered",
        "completed": "completed",
        "failed": "failed",
        "cancelled": "cancelled",
        "seen": "seen, not confirmed",
        "orphaned": "left the chain",
        "matched": "given to an order",
        "flash": "to become energy",
        "delivered": "delivered",
        "credited": "on a balance",
        "held": "held",
        "refunding": "on its way back",
        "refunded": "refunded",
        "dust": "too small",
        "own": "the shop's own",
        "lost": "lost for good",
        "read": "look",
        "order": "order",
        "spend": "pay from the balance",
        "webhooks": "webhooks",
    }
    _books: ClassVar = {
        "orders": "Orders",
        "payments": "Payments",
        "ledger": "Ledger",
    }
    _spans: ClassVar = {
        "day": "day",
        "week": "week",
        "month": "month",
    }
    _languages: ClassVar = {
        "zh": "Chinese",
        "en": "English",
        "ru": "Russian",
    }

    _log = "The log, newest first"
    _nothing_yet = "Nothing stands here yet."
    _program = "the program"
    _button = "Button"
    _whose = "Whose? Choose one of the staff, or write anybody's Telegram id or @username."
    _about_what = "About what? Write what you have: order 1001, an address, a setting."
    _which_subject = "Several things are called like that. Which one?"
    _why = "Why: "
    _changed = "Before → after"

    def _of_person(self, who: str) -> str:
        return f"Only what {who} did."

    def _about(self, subject: str) -> str:
        return f"Only about: {subject}"

    def _export(self, book: str, span: str, day: str) -> str:
        return f"{book}, {span} of {day}"

    def _nobody_did(self, words: str) -> str:
        return f"Nothing in the log is about “{words}”. Write something else, or go back."

    def _nobody_is(self, words: str) -> str:
        return f"The shop knows nobody called “{words}”. Write an id or a @username, or go back."

    def _more_changes(self, left_out: int) -> str:
        return f"… and {left_out} more"
