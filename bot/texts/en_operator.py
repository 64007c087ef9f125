"""English: for the people who run the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.en_words import EnglishWords, count_of
from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from services.held import Choice, ChoiceFault, HeldMoney, HeldPayment
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
}
_FAILURES = {
    "no_energy": "no pool had the energy in time",
    "not_read_back": "the energy was sent, but the receiver does not have it",
    "payment_lost": "its payment left the chain",
    "rental_over": "the rental it should extend was over",
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


class EnglishOperator(EnglishWords):
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

    def payment_held(self, payment: HeldPayment) -> Text:
        return lines(
            Bold(f"💰 Payment held: {exact_trx(payment.amount_sun)} TRX"),
            f"Why: {_HELD_REASONS.get(payment.reason, payment.reason)}."
            + (
                f" Probably meant for order #{payment.order_number}."
                if payment.order_number
                else ""
            ),
            Text("From ", self.address(payment.sender)),
            Text("To ", self.address_link(payment.receiver)),
            Text(
                f"{self.day_and_time(payment.time)} UTC · ",
                self.transaction_link("Transaction", payment.txid),
            ),
            self._whose(payment),
            f"Payment id: {payment.id}. To an order: /assign {payment.id} and its number. "
            f"Your own money: /keep {payment.id}",
        )

    def _whose(self, payment: HeldPayment) -> Text | str:
        if payment.user_id is None:
            return "Nobody knows whose it is; no customer has been told anything."
        if payment.choose_until is None:
            return f"Of user {payment.user_id}."
        return Text(
            f"User {payment.user_id} was asked and has until ", self.moment(payment.choose_until)
        )

    def held_confirm(self, payment: HeldPayment, choice: Choice) -> Text:
        amount, fee = exact_trx(payment.amount_sun), exact_trx(payment.refund_fee_sun)
        match choice:
            case Choice.CREDIT:
                if payment.user_id is not None:
                    what = f"Credit {amount} TRX to user {payment.user_id}?"
                    then = Text("They hear of it, and can pay with it or have it paid out.")
                else:
                    what = f"Credit {amount} TRX to the sending address?"
                    then = Text("Whoever proves ", self.address_link(payment.sender), " gets it.")
            case Choice.REFUND:
                what = f"Send {exact_trx(payment.amount_sun - payment.refund_fee_sun)} TRX back?"
                then = Text(
                    "To ",
                    self.address_link(payment.sender),
                    f"; {fee} TRX are kept for the network's fee. "
                    "What is sent cannot be called back.",
                )
            case Choice.DELIVER:
                what = f"Deliver energy for {count_of(payment.transfers, 'transfer')}?"
                then = Text(f"It is paid from these {amount} TRX; what is left is credited.")
            case _:
                assert_never(choice)
        return lines(Bold(what), then, f"Payment id: {payment.id}. This cannot be undone.")

    def held_decided(self, payment: HeldPayment) -> Text:
        done = {
            "held": "It still waits.",
            "credited": "It has been credited.",
            "refunding": "It is on its way back to its sender.",
            "refunded": "It has been sent back to its sender.",
            "matched": "It pays an order.",
            "delivered": "It paid an order.",
        }
        return lines(
            Bold(f"Payment {payment.id}: {exact_trx(payment.amount_sun)} TRX"),
            done.get(payment.status, "It has left the chain."),
            self.transaction_link("Transaction", payment.txid),
        )

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

    def order_failed(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🛟 Order #{order.number} could not be delivered"),
            f"Why: {_FAILURES.get(order.failure or '', order.failure or 'unknown')}",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            f"Paid: {exact_trx(order.amount_sun)} TRX"
            + (f" by user {order.user_id}. The customer has been told." if order.user_id else "."),
            _COMPENSATIONS[order.compensation],
            self._proofs(order),
        )

    # Refunds

    def refund_stuck(self, refund: Refund) -> Text:
        return lines(
            Bold(f"↩️ Refund {refund.id} waits: {exact_trx(refund.sent_sun)} TRX"),
            f"Why: {self._waiting(refund)}",
            Text("To ", self.address(refund.to)),
            f"Of user {refund.user_id}." if refund.user_id else None,
        )

    def refunds(self, refunds: Sequence[Refund]) -> Text:
        if not refunds:
            return lines(Bold("Refunds"), "Nothing is on its way back to anybody.")
        return lines(
            Bold("Refunds under way, the oldest first"),
            *(
                Text(
                    f"#{refund.id}: {exact_trx(refund.sent_sun)} TRX to ",
                    self.address_link(refund.to),
                    f" · {self.day_and_time(refund.requested_at)} UTC: {self._waiting(refund)}",
                )
                for refund in refunds
            ),
        )

    def _waiting(self, refund: Refund) -> str:
        if refund.waits_for is not None:
            return _WAITS[refund.waits_for]
        return "sent, being confirmed." if refund.txid else "it is sent in a moment."

    def refund_confirm(self, refund: Refund) -> Text:
        return lines(
            Bold(f"Send {exact_trx(refund.sent_sun)} TRX, though it is above the cap?"),
            Text("To ", self.address(refund.to)),
            f"Refund {refund.id}. What is sent cannot be called back.",
        )

    def refund_approved(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ Refund {refund.id} is approved: {exact_trx(refund.sent_sun)} TRX"),
            "It is sent as soon as the limit of the day and the wallet allow: /refunds",
        )

    refund_not_waiting = "This refund does not wait for your word any more: /refunds"

    # Alarms

    def payment_lost(self, payment: HeldPayment, lost_sun: int | None) -> Text:
        if lost_sun is None:
            what = f"⚠️ A confirmed payment left the chain: {exact_trx(payment.amount_sun)} TRX"
            then = "Nothing more is sent for it until it is back or can never be."
        else:
            what = f"🚨 A payment left the chain for good: {exact_trx(payment.amount_sun)} TRX"
            then = (
                f"What had been given for it already is lost: {exact_trx(lost_sun)} TRX."
                if lost_sun
                else "Nothing had been given for it, so nothing is lost."
            )
        return lines(
            Bold(what),
            then,
            Text("From ", self.address(payment.sender)),
            Text(
                f"Payment id: {payment.id}"
                + (f" · order #{payment.order_number} · " if payment.order_number else " · "),
                self.transaction_link("Transaction", payment.txid),
            ),
        )

    def unknown_transaction(self, details: Mapping[str, Any]) -> Text:
        amount, receiver = details.get("amount_sun"), details.get("receiver")
        return lines(
            Bold("🚨 Somebody else uses a key of the shop"),
            "This transaction was signed with it, but not by this program. Unless it was you: "
            "take the permission from the key now, by the account's owner, and move the money.",
            Text("Account ", self.address(str(details.get("owner", "?")))),
            f"{details.get('kind', '?')}"
            + (f", {exact_trx(int(amount))} TRX" if amount is not None else ""),
            Text("To ", self.address(str(receiver))) if receiver else None,
            self.transaction_link("Transaction", str(details.get("txid", ""))),
        )

    def books_differ(self, differences: Sequence[str], count: int) -> Text:
        left_out = count - len(differences)
        return lines(
            Bold("🚨 The books differ from the chain"),
            *differences,
            f"… and {left_out} more." if left_out > 0 else None,
            Text("The whole of it: ", self.copied("energy-flash audit")),
        )

    # Pools

    def pool_out(self, details: Mapping[str, Any]) -> Text:
        return lines(
            Bold("⚠️ A pool is out: nothing is sold from it"),
            Text("Pool ", self.address(str(details.get("pool", "?")))),
            self._pool_trouble(details),
            "Running rentals go on, and the other pools sell. It comes back by itself once this "
            "is mended.",
        )

    def _pool_trouble(self, details: Mapping[str, Any]) -> Text:
        key = self.address(str(details.get("key_address", "?")))
        permission = details.get("permission_id", "?")
        match details.get("trouble"):
            case "no_key":
                return Text("The program has not got its key ", key, ": energy-flash keys add")
            case "not_activated":
                return Text("The chain knows no such account. Is the address right?")
            case "no_permission":
                return Text(
                    f"Permission {permission} does not let the key ",
                    key,
                    " delegate any more. Did you revoke it? Grant it again.",
                )
            case "failing":
                return Text(
                    "The network refused its last delegations. It is tried again every minute."
                )
            case "no_bandwidth":
                return Text(
                    "It has neither bandwidth nor TRX for two more transactions. Send it a few "
                    "TRX, or stake some for bandwidth."
                )
            case other:
                return Text(str(other))

    def pool_well(self, details: Mapping[str, Any]) -> Text:
        return lines(
            Bold("✅ A pool is back: it sells again"),
            Text("Pool ", self.address(str(details.get("pool", "?")))),
        )

    def reclaims_refused(self, pool: str, rentals: int, *, no_bandwidth: bool) -> Text:
        return lines(
            Bold("⚠️ A pool cannot take its stake back"),
            Text("Pool ", self.address(pool)),
            f"Waiting for it: {count_of(rentals, 'rental')} that are over. Their energy is not "
            "sold again meanwhile."
            if rentals != 1
            else "Waiting for it: 1 rental that is over. Its energy is not sold again meanwhile.",
            "It has neither bandwidth nor TRX for the transaction. Send it a few TRX, or stake "
            "some for bandwidth."
            if no_bandwidth
            else "The network does not accept its key. Give the key its permission back; what is "
            "missing says the following command.",
            None if no_bandwidth else self.copied("energy-flash check"),
            "I try again by myself, within a quarter of an hour, and say nothing more once it "
            "works.",
        )

    # The overview

    def admin(self, waiting_notices: int, held: HeldMoney) -> Text:
        return lines(
            Bold("Operator"),
            "All messages are out."
            if waiting_notices == 0
            else f"{count_of(waiting_notices, 'message')} waiting to be sent.",
            "No payment is held."
            if held.count == 0
            else f"Held: {count_of(held.count, 'payment')}, {exact_trx(held.total_sun)} TRX."
            " The newest:",
            *(self._held_line(payment) for payment in held.newest),
            "New held payments and failed orders arrive here by themselves.",
            "/refunds  money on its way back",
            "/assign  let a held payment pay an order",
            "/keep  a held payment is your own money",
        )

    def _held_line(self, payment: HeldPayment) -> Text:
        meant_for = f" (order #{payment.order_number})" if payment.order_number else ""
        return Text(
            f"#{payment.id}: {exact_trx(payment.amount_sun)} TRX, "
            f"{self.day_and_time(payment.time)} UTC: "
            f"{_HELD_REASONS.get(payment.reason, payment.reason)}{meant_for} · ",
            self.transaction_link("Transaction", payment.txid),
        )
