"""English: alerts, and what groups hear of deliveries."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.alerts import AlertTexts
from services.alerts import AlertKind


class EnglishAlerts(EnglishWords, AlertTexts):
    """What is wrong, who looks after it, and that it is over."""

    acknowledge_button = "I am on it"
    acknowledged_toast = "It is yours now. Nobody is reminded again until it is over."
    nothing_to_acknowledge = "Somebody looks after it already, or it is over."

    def acknowledge_number_button(self, alert_id: int) -> str:
        return f"I am on it: #{alert_id}"

    def _nobody_looks(self, lasted: str) -> str:
        return f"For {lasted}, and nobody looks after it"

    def _looked_after(self, who: str, since: str) -> str:
        return f"👌 {who} is on it, since {since}"

    def _over_after(self, lasted: str) -> str:
        return f"✅ Over after {lasted}"

    _somebody = "User"
    _alerts = "🔔 Alerts"
    _none_open = "✅ Nothing is wrong"
    _closed_lately = "Over in the last 3 days"

    def _seen(self, times: int) -> str:
        return f"found {self.number(times)} times"

    def _more(self, count: int) -> str:
        return f"… and {self.number(count)} more"

    def _seconds(self, seconds: int) -> str:
        return f"{seconds} s"

    def _delivered_in(self, energy: str, duration: str, took: str) -> str:
        return f"⚡ {energy} energy · {duration} · delivered in {took}"

    _transactions: ClassVar = {
        "dead": "came too late for any block",
        "rejected": "was refused by the network",
        "unknown": "cannot be found",
    }
    titles: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: "The chain cannot be read",
        AlertKind.SCANNER_BEHIND: "The shop is behind the chain",
        AlertKind.DELEGATION_FAILED: "A delegation failed",
        AlertKind.ORDER_FAILED: "An order could not be delivered",
        AlertKind.POOL_OUT: "A pool is out",
        AlertKind.LOW_ENERGY: "Little energy is free",
        AlertKind.RECLAIMS_REFUSED: "A pool cannot take its stake back",
        AlertKind.PAYMENT_HELD: "A payment is held",
        AlertKind.PAYMENT_ADRIFT: "A payment left the chain",
        AlertKind.PAYMENT_LOST: "A payment is lost",
        AlertKind.REFUND_WAITS: "A refund waits",
        AlertKind.BOOKS_DIFFER: "The books differ from the chain",
        AlertKind.UNKNOWN_TRANSACTION: "Somebody else uses a key of the shop",
        AlertKind.CPU_BUSY: "The processors are busy",
        AlertKind.MEMORY_FULL: "The memory is full",
        AlertKind.TELEGRAM_CONFLICT: "Another program runs this bot",
        AlertKind.MESSAGES_REFUSED: "Chats refuse the bot's messages",
        AlertKind.GROUP_MOVED: "A group has a new id",
        AlertKind.DATABASE_DOWN: "The database was away",
        AlertKind.REDIS_DOWN: "Redis is away",
    }
    _causes: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: (
            "🚨 The chain cannot be read",
            "No TRON node gave a usable answer, {failures} times in a row: {error}",
            "Payments are not seen and paid orders wait until one answers again. Nothing is lost.",
            "Look at the nodes in the configuration, and at the network: energy-flash check",
        ),
        AlertKind.SCANNER_BEHIND: (
            "⚠️ The shop is behind the chain",
            "{blocks} blocks are not read yet; the newest block has been the same for {seconds} s.",
            "Customers see their payments late, and get their energy late.",
            "A node may have stopped, or be too slow: name another one first under tron.nodes.",
        ),
        AlertKind.DELEGATION_FAILED: (
            "⚠️ A delegation for order #{order} failed",
            "Its transaction {state}. {answer}",
            (
                "The customer waits: it is tried again by itself, from another pool too, "
                "as long as the order has time."
            ),
            "Pool {pool}: /alerts tells if it is out.",
        ),
        AlertKind.ORDER_FAILED: (
            "🛟 An order could not be delivered",
            "Its customer has been told.",
        ),
        AlertKind.LOW_ENERGY: (
            "⚠️ Little energy is free: {free}",
            (
                "That is less than {least}. If nothing more is sold it is {in_1} in 1 "
                "hour, {in_6} in 6 hours, {in_24} in 24 hours."
            ),
            "Customers may find nothing to buy.",
            "Stake more, or add a pool: energy-flash pools add",
        ),
        AlertKind.PAYMENT_HELD: (
            "💰 A payment is held",
            "Its sender waits. Decide: /held",
        ),
        AlertKind.PAYMENT_ADRIFT: (
            "⚠️ A confirmed payment left the chain",
            "Nothing more is sent for it until it is back or can never be.",
        ),
        AlertKind.PAYMENT_LOST: (
            "🚨 A payment left the chain for good",
            "What is not delivered for it is undone.",
        ),
        AlertKind.REFUND_WAITS: (
            "↩️ A refund waits",
            "Its customer waits for the money: /refunds",
        ),
        AlertKind.CPU_BUSY: (
            "⚠️ The processors are busy: {percent} %",
            "For {minutes} minutes or longer, by all that runs on the machine.",
            "Answers and deliveries get slow.",
            "See what else runs there, or take a larger machine.",
        ),
        AlertKind.MEMORY_FULL: (
            "⚠️ The memory is full: {percent} %",
            "For {minutes} minutes or longer, by all that runs on the machine.",
            "When it runs out the shop is killed. It would lose nothing, but it would be closed.",
            "See what else runs there, or take a larger machine.",
        ),
        AlertKind.TELEGRAM_CONFLICT: (
            "🚨 Another program runs this bot",
            "Telegram says that somebody else asks for the bot's messages (409).",
            "Customers get answers only now and then, and some from the other program.",
            (
                "Stop the other one. If you know of no other, somebody has the token: get a "
                "new one from @BotFather."
            ),
        ),
        AlertKind.MESSAGES_REFUSED: (
            "⚠️ Chats refuse the bot's messages",
            "{refused} of {of} in ten minutes came back (403).",
            "Customers do not hear of their orders; the orders themselves go on.",
            (
                "If many people did not just block the bot, Telegram may have limited it. See "
                "@BotFather and @SpamBot."
            ),
        ),
        AlertKind.GROUP_MOVED: (
            "⚠️ Telegram gave a group a new id: {new}",
            "It became a supergroup. The configuration still has the old id, {old}.",
            "The shop goes on with the new one, but finds it anew after each start.",
            "Set {new} in the place of {old}: telegram.alerts_chat or telegram.orders_chat.",
        ),
        AlertKind.DATABASE_DOWN: (
            "🚨 The database was away for {seconds} s",
            (
                "Meanwhile nothing was sold, and nobody was answered. Nothing is lost: "
                "what had come is done now."
            ),
            "If it happens again, look at its server and at the disk.",
        ),
        AlertKind.REDIS_DOWN: (
            "🚨 Redis is away",
            "It does not answer: {error}",
            "Customers get no answers; orders that are paid are delivered all the same.",
            "Start its server again; an embedded one starts by itself.",
        ),
    }
