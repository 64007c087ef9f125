"""English: orders, for the people who run the shop."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.orders import OrdersTexts
from services.acts import Act
from services.order_ends import Compensation
from services.order_history import What
from services.order_views import Stage


class EnglishOrders(EnglishWords, OrdersTexts):
    """An order's card, its time line, and what can be done with it."""

    open_button = "Open the order"
    find_button = "Find…"
    times_button = "Time line"
    again_button = "Look again"
    not_now = "The order has changed meanwhile, and this is not possible now. Nothing was done."
    chain_is_silent = "No TRON node answers now. Nothing was done; try again in a moment."
    _doings: ClassVar = {
        "retry": "Look for energy again",
        "pool": "Deliver by another pool…",
        "refund": "Refund to the payer",
        "credit": "Credit to the customer",
        "extend": "More time for nothing…",
        "end": "End now, nothing back",
        "end_with_share": "End now, with the share",
    }
    _stages: ClassVar = {
        Stage.AWAITING: "unpaid",
        Stage.UNDERPAID: "paid in part",
        Stage.SEEN: "payment seen",
        Stage.PAID: "paid",
        Stage.DELIVERED: "runs",
        Stage.ENDED: "over",
        Stage.EXPIRED: "expired",
        Stage.CANCELLED: "cancelled",
        Stage.FAILED: "failed",
    }
    _statuses: ClassVar = {
        "pending": "unpaid",
        "paid": "paid",
        "processing": "under way",
        "completed": "done",
        "failed": "failed",
        "expired": "expired",
        "cancelled": "cancelled",
    }
    _payments: ClassVar = {
        "seen": "seen, not confirmed",
        "orphaned": "its block left the chain",
        "matched": "matched",
        "flash": "becomes energy",
        "delivered": "delivered for",
        "credited": "credited",
        "held": "held",
        "refunding": "on its way back",
        "refunded": "refunded",
        "dust": "too little to count",
        "own": "the shop's own",
        "lost": "left the chain for good",
    }
    _transactions: ClassVar = {
        "signed": "signed",
        "sent": "sent",
        "included": "in a block",
        "dead": "can never be in a block",
        "rejected": "refused",
    }
    _messages: ClassVar = {"waiting": "waits", "sent": "sent", "dropped": "dropped"}
    _notices: ClassVar = {
        "order_seen": "payment in sight",
        "order_underpaid": "a part came",
        "order_paid": "paid",
        "order_delivered": "delivered",
        "order_extended": "lasts longer",
        "order_ending": "ends soon",
        "order_ended": "rental over",
        "order_expired": "not paid in time",
        "order_failed": "not delivered",
        "payment_choice": "what to do with the money?",
        "payment_credited": "money credited",
        "refund_waits": "refund waits",
        "refund_done": "refund sent",
        "admin_payment_held": "to the shop: payment held",
        "admin_order_failed": "to the shop: not delivered",
        "admin_refund_waits": "to the shop: refund waits",
        "admin_payment_lost": "to the shop: payment left the chain",
    }
    _accounts: ClassVar = {
        "chain": "address",
        "payer": "payer",
        "user": "customer",
        "orders": "orders",
        "revenue": "revenue",
        "held": "held",
        "refunds": "refunds",
        "owner": "owner",
        "fees": "fees",
        "losses": "losses",
        "dust": "dust",
    }
    _acts: ClassVar = {
        Act.RETRY_ORDER: "tried again",
        Act.DELIVER_BY_POOL: "another pool",
        Act.REFUND_ORDER: "refunded",
        Act.CREDIT_ORDER: "credited",
        Act.EXTEND_ORDER: "time given",
        Act.END_ORDER: "ended",
        Act.ASSIGN_PAYMENT: "payment assigned",
        Act.DELIVER_PAYMENT: "delivered for it",
        Act.FLASH_PAYMENT: "energy for the sender",
        Act.CREDIT_PAYMENT: "payment credited",
        Act.CREDIT_PAYMENT_TO: "credited to another",
        Act.REFUND_PAYMENT: "payment refunded",
        Act.KEEP_PAYMENT: "kept as own money",
    }
    _whats: ClassVar = {
        What.ORDERED: "Ordered",
        What.PAYMENT: "Payment",
        What.PAID: "Paid",
        What.DELEGATE: "Delegation",
        What.UNDELEGATE: "Return",
        What.TRANSFER: "Refund",
        What.DELIVERED: "Delivered",
        What.EXTENSION: "Extension",
        What.BOOKED: "Booked",
        What.MESSAGE: "Message",
        What.DECISION: "The shop",
        What.ENDED_EARLY: "Ended early",
        What.RUNS_OUT: "Time over",
        What.ENDED: "All taken back",
    }
    _failures: ClassVar = {
        "no_energy": "no pool had the energy in time",
        "not_read_back": "the receiver did not get the energy",
        "payment_lost": "its payment left the chain",
        "rental_over": "the rental it should extend was over",
        "by_staff": "somebody of the shop ended it",
    }
    _compensations: ClassVar = {
        Compensation.REFUND: "the money goes back",
        Compensation.CREDIT: "the money is on the balance",
        Compensation.HOLD: "the money was held",
    }
    _newest = "Orders, the newest first"
    _no_orders = "There is no order yet."
    _several = "Found, the newest first"
    _nothing_found = "I found no such order."
    _can_find = (
        "I can look for an order's number or id, a transaction, a TRON address, a Telegram id or "
        "a @username. Paste it as it is: /find"
    )
    _ask_what = "What do you look for?"
    _done = "✅ Done."
    _customer = "Customer "
    _unknown_customer = "Nobody knows who paid it."
    _price = "Price "
    _came = "came "
    _from_balance = "from the balance "
    _until = "Until "
    _failed = "Why: "
    _history_of = "What happened to "
    _by_program = "by API key "
    _which_pool = "Which pool shall deliver it?"
    _no_pool = "No pool can deliver all of it now. Other ways stand on the order's card."

    def _waits(self, trx: str) -> str:
        return f"Of its money {trx} TRX wait."

    def _hours(self, most: int) -> str:
        return f"How many hours more, for nothing? Send me a whole number from 1 to {most}."

    def _retry(self, order: str) -> str:
        return f"Look for energy for {order} again?"

    _retry_then = "It is delivered as soon as a pool has the energy; its patience begins anew."

    def _retry_anew(self, trx: str) -> str:
        return f"The {trx} TRX that are held for it pay a new order of the same."

    def _by_pool(self, order: str, energy: str) -> str:
        return f"Deliver {energy} energy of {order} from this pool?"

    _on_its_way_soon = "Nothing of it is out yet. It is signed at once and cannot be called back."

    def _refund(self, trx: str, order: str) -> str:
        return f"Send {trx} TRX of {order} back to the payer?"

    def _refund_of_balance(self, trx: str) -> str:
        return f"{trx} TRX more came from the balance and go back there."

    def _credit(self, trx: str, order: str) -> str:
        return f"Put {trx} TRX of {order} on the balance?"

    _order_ends = "The order ends, and no energy is delivered."
    _is_told = "The customer hears of it."

    def _extend(self, order: str, duration: str) -> str:
        return f"Give {order} {duration} more for nothing?"

    def _extend_then(self, until: str, energy: str) -> str:
        return f"It then lasts until {until}. Its {energy} energy is not sold meanwhile."

    def _end(self, order: str, left: str) -> str:
        return f"Take the rental of {order} back now, {left} before its end?"

    _nothing_back = "Nothing is credited for it."

    def _at_most_back(self, trx: str, percent: int) -> str:
        return f"At most {trx} TRX are credited: {percent} % of what was not used."
