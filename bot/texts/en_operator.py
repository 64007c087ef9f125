"""English: for the people who run the shop."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text

from bot.texts.alarm_card import AlarmCard
from bot.texts.en_words import EnglishWords, count_of
from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from bot.texts.pool_card import PoolCard
from bot.texts.refund_card import RefundCard
from services.held import ChoiceFault, HeldPayment
from services.order_ends import Compensation
from services.order_views import OrderView
from services.refunds import Refund, RefundWait

_HELD_REASONS = {
    "no_order": "no order asks for this amount",
    "ambiguous": "its sender has several open orders",
    "late": "it came after the time to pay",
    "cancelled": "its order was cancelled before",
    "paid_twice": "its order is paid already",
    "underpaid": "it is less than its order costs",
    "order_closed": "its order is closed",
    "undeliverable": "its order could not be delivered",
    "wrong_address": "it came to an address of ours where nobody is asked to pay",
    "by_contract": "a contract sent it",
    "sender_is_exchange": "it comes from an exchange",
    "sender_cannot_receive": "its sender cannot receive energy",
    "sender_frozen": "USDT's issuer has frozen the sender, who could use no energy",
    "too_little": "it is not enough for one transfer",
    "no_energy": "there was no energy for it",
    "too_often": "energy was sent there too often within an hour",
    "maintenance": "it came during maintenance",
    "declined": "a rule about risk turned it down",
    "banned": "its sender is banned, or rented for somebody who is",
}
_FAILURES = {
    "no_energy": "no pool had the energy in time",
    "not_read_back": "the energy was sent, but the receiver does not have it",
    "payment_lost": "its payment left the chain",
    "rental_over": "the rental it should extend was over",
    "risk": "one of the staff turned it down",
    "by_staff": "somebody of the shop ended it",
}
_COMPENSATIONS = {
    Compensation.REFUND: "The money goes back to its sender by itself.",
    Compensation.CREDIT: "The money is on the customer's balance.",
    Compensation.HOLD: "The money waits for you: /held",
    None: "There is no money to give back.",
}
_WAITS = {
    RefundWait.NO_WALLET: "there is no refund wallet. Send exactly this amount by hand, from any "
    "address of the shop: I see it on the chain.",
    RefundWait.OVER_CAP: "it is above the cap for one refund, so it needs your word.",
    RefundWait.DAILY_CAP: "the limit of the day is used up. It goes out tomorrow by itself.",
    RefundWait.WALLET_EMPTY: "the refund wallet holds too little. Top it up, and it goes out by "
    "itself.",
    RefundWait.REFUSED: "the network refused it. It is sent again by itself.",
    RefundWait.EXPIRED: "the network did not take it in time. It is sent again by itself.",
}

_DECIDED = {
    "held": "It still waits.",
    "credited": "It has been credited.",
    "refunding": "It is on its way back to its sender.",
    "own": "It is booked as your own.",
    "flash": "It becomes energy for its sender in a moment.",
    "refunded": "It has been sent back to its sender.",
    "matched": "It pays an order.",
    "delivered": "It paid an order.",
}


class EnglishOperator(EnglishWords, RefundCard, AlarmCard, PoolCard):
    """What the operator reads."""

    # Buttons

    credit_button = "Credit to the customer"
    refund_button = "Refund to the sender"
    do_it_button = "Yes, do it"
    all_held_button = "All held payments"

    def deliver_button(self, transfers: int) -> str:
        return f"Deliver {count_of(transfers, 'transfer')}"

    def look_at_held_button(self, payment: HeldPayment) -> str:
        return f"#{payment.id}: {self.about_trx(payment.amount_sun)}"

    def approve_button(self, refund: Refund) -> str:
        return f"Approve #{refund.id}: {self.about_trx(refund.sent_sun)}"

    # Held payments

    def _payment_is_held(self, trx: str) -> str:
        return f"💰 Payment held: {trx} TRX"

    def _held_because(self, reason: str) -> str:
        return f"Why: {reason}."

    def _held_reason(self, reason: str) -> str:
        return _HELD_REASONS.get(reason, reason)

    def _probably_for(self, order_number: int) -> str:
        return f"Probably meant for order #{order_number}."

    _sent_from = "From "
    _sent_to = "To "
    _nobodys_payment = "Nobody knows whose it is; no customer has been told anything."

    def _of_user(self, user_id: int) -> str:
        return f"Of user {user_id}."

    def _user_was_asked(self, user_id: int, until: Text) -> Text:
        return Text(f"User {user_id} was asked and has until ", until)

    def _payment_id(self, payment_id: int) -> str:
        return f"Payment id: {payment_id}"

    def _payment_commands(self, payment_id: int) -> str:
        return (
            f"Payment id: {payment_id}. To an order: /assign {payment_id} and its number. "
            f"Your own money: /keep {payment_id}"
        )

    def _credit_user(self, trx: str, user_id: int) -> str:
        return f"Credit {trx} TRX to user {user_id}?"

    _user_hears_of_it = "They hear of it, and can pay with it or have it paid out."

    def _credit_sender(self, trx: str) -> str:
        return f"Credit {trx} TRX to the sending address?"

    def _who_proves_it(self, sender: Text) -> Text:
        return Text("Whoever proves ", sender, " gets it.")

    def _send_back(self, trx: str) -> str:
        return f"Send {trx} TRX back?"

    def _back_to(self, sender: Text, fee: str) -> Text:
        return Text(
            "To ",
            sender,
            f"; {fee} TRX are kept for the network's fee. What is sent cannot be called back.",
        )

    def _deliver(self, transfers: int) -> str:
        return f"Deliver energy for {count_of(transfers, 'transfer')}?"

    def _delivered_for(self, trx: str) -> str:
        return f"It is paid from these {trx} TRX; what is left is credited."

    def _cannot_be_undone(self, payment_id: int) -> str:
        return f"Payment id: {payment_id}. This cannot be undone."

    def _payment(self, payment_id: int, trx: str) -> str:
        return f"Payment {payment_id}: {trx} TRX"

    def _became(self, status: str) -> str:
        return _DECIDED.get(status, "It has left the chain.")

    def assigned(self, payment: HeldPayment, order_number: int) -> Text:
        return lines(
            Bold(f"✅ Payment {payment.id} pays order #{order_number}."),
            "The energy is on its way; what was too much is on the customer's balance.",
        )

    def assign_usage(self) -> Text:
        return lines(
            "Please name the payment and the order: /assign 12 1001",
            "The payment's id is on its card: /held",
        )

    def kept(self, payment: HeldPayment) -> Text:
        return Text(
            f"✅ Payment {payment.id}: {exact_trx(payment.amount_sun)} TRX are booked as your own."
        )

    def keep_usage(self) -> Text:
        return lines(
            "Please name the payment that is your own money: /keep 12",
            "Its id is on its card: /held",
        )

    def choice_refused(self, fault: ChoiceFault) -> str:
        match fault:
            case ChoiceFault.DECIDED:
                return "This payment does not wait any more, or the chain is deciding about it."
            case ChoiceFault.NO_SUCH_ORDER:
                return "There is no unpaid order with this number."
            case ChoiceFault.NOT_POSSIBLE:
                return (
                    "Not possible: there is no such payment, it is less than the order needs, "
                    "or another payment for the order is in sight."
                )
            case ChoiceFault.NOT_YOURS | ChoiceFault.NO_CUSTOMER:
                return "Not possible: nobody knows whose payment it is."

    # Orders

    def _could_not_be_delivered(self, order_number: int) -> str:
        return f"🛟 Order #{order_number} could not be delivered"

    def _failed_because(self, failure: str | None) -> str:
        return f"Why: {_FAILURES.get(failure or '', failure or 'unknown')}"

    def _goods_were_for(self, order: OrderView) -> str:
        return f"{self._goods(order)} for"

    def _was_paid(self, trx: str, user_id: int | None) -> str:
        if not user_id:
            return f"Paid: {trx} TRX."
        return f"Paid: {trx} TRX by user {user_id}. The customer has been told."

    def _where_the_money_is(self, compensation: Compensation | None) -> str:
        return _COMPENSATIONS[compensation]

    # Refunds

    _because = "Why: "

    def _refund_waits(self, refund_id: int, trx: str) -> str:
        return f"↩️ Refund {refund_id} waits: {trx} TRX"

    def _refund_waits_for(self, reason: RefundWait) -> str:
        return _WAITS[reason]

    _refund_is_sent = "sent, being confirmed."
    _refund_is_sent_soon = "it is sent in a moment."

    _refunds = "Refunds"
    _no_refunds = "Nothing is on its way back to anybody."
    _refunds_under_way = "Refunds under way, the oldest first"

    def _refund_line(self, refund: Refund, place: Text, since: str, state: str) -> Text:
        amount = exact_trx(refund.sent_sun)
        return Text(f"#{refund.id}: {amount} TRX to ", place, f" · {since}: {state}")

    def _send_above_the_cap(self, trx: str) -> str:
        return f"Send {trx} TRX, though it is above the cap?"

    def _refund_is_final(self, refund_id: int) -> str:
        return f"Refund {refund_id}. What is sent cannot be called back."

    def refund_approved(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ Refund {refund.id} is approved: {exact_trx(refund.sent_sun)} TRX"),
            "It is sent as soon as the limit of the day and the wallet allow: /refunds",
        )

    refund_not_waiting = "This refund does not wait for your word any more: /refunds"

    # Alarms

    def _payment_left(self, trx: str) -> str:
        return f"⚠️ A confirmed payment left the chain: {trx} TRX"

    _nothing_is_sent_for_it = "Nothing more is sent for it until it is back or can never be."

    def _payment_left_for_good(self, trx: str) -> str:
        return f"🚨 A payment left the chain for good: {trx} TRX"

    def _given_is_lost(self, trx: str) -> str:
        return f"What had been given for it already is lost: {trx} TRX."

    _nothing_is_lost = "Nothing had been given for it, so nothing is lost."

    _somebody_uses_a_key = "🚨 Somebody else uses a key of the shop"
    _take_its_permission = (
        "This transaction was signed with it, but not by this program. Unless it was you: take "
        "the permission from the key now, by the account's owner, and move the money."
    )
    _account = "Account "

    _books_differ = "🚨 The books differ from the chain"

    def _and_more(self, left_out: int) -> str:
        return f"… and {left_out} more."

    _the_whole_of_it = "The whole of it: "

    # Pools

    _pool = "Pool "
    _pool_is_out = "⚠️ A pool is out: nothing is sold from it"
    _the_others_go_on = (
        "Running rentals go on, and the other pools sell. It comes back by itself once this is "
        "mended."
    )

    def _key_is_missing(self, key: Text) -> Text:
        return Text("The program has not got its key ", key, ": energy-flash keys add")

    _no_such_account = "The chain knows no such account. Is the address right?"

    def _may_not_delegate(self, permission: str, key: Text) -> Text:
        return Text(
            f"Permission {permission} does not let the key ",
            key,
            " delegate any more. Did you revoke it? Grant it again.",
        )

    _delegations_refused = (
        "The network refused its last delegations. It is tried again every minute."
    )
    _no_bandwidth_to_delegate = (
        "It has neither bandwidth nor TRX for two more transactions. Send it a few TRX, or stake "
        "some for bandwidth."
    )
    _stake_does_not_come_back = "⚠️ A pool cannot take its stake back"

    def _rentals_wait(self, rentals: int) -> str:
        if rentals == 1:
            return "Waiting for it: 1 rental that is over. Its energy is not sold again meanwhile."
        return (
            f"Waiting for it: {count_of(rentals, 'rental')} that are over. "
            "Their energy is not sold again meanwhile."
        )

    _no_bandwidth_to_reclaim = (
        "It has neither bandwidth nor TRX for the transaction. Send it a few TRX, or stake some "
        "for bandwidth."
    )
    _key_not_accepted = (
        "The network does not accept its key. Give the key its permission back; this command says "
        "what is missing:"
    )
    _reclaimed_by_itself = (
        "I try again by myself, within a quarter of an hour, and say nothing more once it works."
    )

    # The overview

    _operator = "Operator"
    _all_messages_out = "All messages are out."

    def _messages_wait(self, messages: int) -> str:
        return f"{count_of(messages, 'message')} waiting to be sent."

    _no_payment_held = "No payment is held."

    def _payments_held(self, payments: int, trx: str) -> str:
        return f"Held: {count_of(payments, 'payment')}, {trx} TRX. The newest:"

    def _held_payment(self, payment_id: int, trx: str, time: str, reason: str) -> str:
        return f"#{payment_id}: {trx} TRX, {time}: {reason}"

    _more_for_the_operator = (
        "New held payments and failed orders arrive here by themselves.",
        "/find  an order, by whatever names it",
        "/refunds  money on its way back",
        "/assign  let a held payment pay an order",
        "/keep  a held payment is your own money",
    )
