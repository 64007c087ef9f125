"""English: balances, payments that wait for a word, refunds."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text

from bot.texts.en_words import EnglishWords, count_of
from bot.texts.figures import exact_trx
from bot.texts.money_card import MoneyCard
from bot.texts.notation import lines
from chain.addresses import Address
from services.refunds import Refund, RefundFault, RefundWait

_WHY = {
    "ambiguous": "You have several open orders, and this amount fits none of them exactly.",
    "late": "It came after the time to pay was over.",
    "cancelled": "Its order had been cancelled.",
    "paid_twice": "Its order had been paid already.",
    "underpaid": "It was less than the order costs.",
    "order_closed": "Its order is closed.",
    "by_contract": "A smart contract sent it, and contracts cannot use energy.",
    "sender_is_exchange": "It came from an exchange, where energy would be lost.",
    "sender_cannot_receive": "The address it came from cannot receive energy.",
    "sender_frozen": "USDT's issuer has frozen this wallet: energy would be of no use to it.",
    "wrong_address": "It went to an address where no orders are paid.",
    "undeliverable": "Its energy could not be delivered.",
    "no_energy": "There was no energy for it.",
    "too_often": "Energy was sent to this wallet too often within an hour.",
    "maintenance": "The shop took no new orders when it came.",
    "declined": "The shop could not take it as an order.",
    "too_little": "It is not enough for one transfer.",
    "banned": "This account cannot rent any more.",
}
_WAITS = {
    RefundWait.NO_WALLET: "the operator sends it by hand",
    RefundWait.OVER_CAP: "a large sum, so the operator looks at it first",
    RefundWait.DAILY_CAP: "today's limit is used up, it goes out tomorrow",
    RefundWait.WALLET_EMPTY: "the operator has been asked to top up the wallet it is sent from",
    RefundWait.REFUSED: "the network refused it, it is sent again",
    RefundWait.EXPIRED: "the network did not take it in time, it is sent again",
}
_MOVEMENTS = {
    "paid": "paid too much",
    "assigned": "left over",
    "released": "payment kept",
    "credited": "payment kept",
    "prepaid": "paid from the balance",
    "undeliverable": "not delivered",
    "refund": "paid out",
    "claimed": "from an address you proved",
    "left the chain": "a payment that left the chain",
    "ended_early": "a rental you ended early",
    "adjusted": "changed by the shop",
}


class EnglishMoney(EnglishWords, MoneyCard):
    """What customers read about money that is with us."""

    # Buttons

    balance_button = "Balance"
    pay_out_button = "Pay out…"
    prove_button = "Prove an address"
    copy_proof_button = "Copy the text"
    keep_button = "Keep on my balance"

    def pay_from_balance_button(self, sun: int) -> str:
        return f"Pay from balance ({self.price(sun)})"

    def deliver_less_button(self, transfers: int) -> str:
        return f"Deliver energy for {count_of(transfers, 'transfer')}"

    def send_back_button(self, sent_sun: int) -> str:
        return f"Send {self.down_trx(sent_sun)} back"

    def pay_out_now_button(self, sun: int) -> str:
        return f"Yes, pay out {exact_trx(sun)} TRX"

    # Toasts

    balance_too_small = "Your balance does not hold that much any more. Nothing was taken from it."
    payment_being_confirmed = (
        "A payment for this order is just being confirmed. Please look again in a few seconds."
    )
    paid_from_balance = "Paid from your balance."
    choice_unknown = "I do not find this payment among yours. /balance shows what you have here."
    choice_not_possible = "That is not possible any more. These are the ways that are."
    choice_not_now = (
        "The network is still deciding about this payment. Please tap again in a few minutes."
    )
    balance_has_changed = "Your balance has changed. This is how it is now."

    # A payment that pays no order

    def _your_trx_are_safe(self, trx: str) -> str:
        return f"🛟 Your {trx} TRX are safe."

    def _why_held(self, reason: str) -> str:
        return _WHY.get(reason, "No order asks for this amount.")

    _what_shall_i_do = "What shall I do with it?"

    def _way_to_deliver(self, transfers: int) -> str:
        return (
            f"• Deliver: energy for {count_of(transfers, 'transfer')} now, "
            "and what is left goes to your balance."
        )

    _way_to_keep = "• Keep it here: it pays your next order at once."

    def _way_back(self, trx: str, sender: Text, fee: str) -> Text:
        return Text(
            f"• Send it back: {trx} TRX to ",
            sender,
            f"; {fee} TRX are kept for the network's fee.",
        )

    def _kept_by_itself(self, until: Text) -> Text:
        return Text("If I hear nothing by ", until, ", I keep it on your balance.")

    _is_credited = ("✅ It is on your balance.", "It pays your next order at once: /balance")
    _is_refunded_now = ("✅ It is on its way back.", "I will write when it has arrived.")
    _is_refunded = "✅ It has been sent back."
    _pays_for_energy = ("✅ It pays for energy.", "The order has a card of its own: /orders")
    _is_taken_back = (
        "The network has taken this payment back.",
        "The TRX are in the wallet you paid from.",
    )

    def _is_on_your_balance(self, trx: str) -> str:
        return f"💰 {trx} TRX are on your balance."

    def _why_credited(self, reason: str) -> str:
        return _WHY.get(reason, "No order asked for this amount.")

    _pays_the_next_order = "It pays your next order at once, or you have it paid out: /balance"

    # Refunds

    def _goes_back_later(self, place: Text) -> Text:
        return Text("They go back to ", place, ", but it takes a while:")

    def _nothing_to_do_meanwhile(self, wait: str) -> str:
        return f"{wait}. There is nothing for you to do; I will write."

    def _was_sent_to_you(self, trx: str) -> str:
        return f"✅ {trx} TRX have been sent to you."

    _money_is_at = "They are at "

    def _waits_for(self, reason: RefundWait) -> str:
        return _WAITS[reason]

    _sent_being_confirmed = "sent, the network is confirming it"
    _sent_in_a_moment = "it is sent in a moment"

    # The balance

    def _adjusted(self, change: str) -> str:
        return f"💰 The shop changed your balance by {change} TRX."

    def _now_holds(self, trx: str) -> str:
        return f"It holds {trx} TRX now: /balance"

    _webhook_is_off = "🔌 Your webhook is off"
    _webhook_said_gone = "Its server answered 410: it wants no more events."
    _webhook_took_nothing = "Its server has taken no event for days."
    _webhook_on_again = (
        "Once it answers, enable the webhook over the API: what waited is sent then."
    )

    _your_balance = "💰 Your balance: "
    _balance_pays = "It pays an order at once, without a transfer."
    _what_is_kept_here = "What you pay too much, or what pays no order, is kept here for you."
    _lately = "Lately"
    _on_its_way_to_you = "On its way to you"

    def _under_way(self, trx: str, place: Text, wait: str) -> Text:
        return Text(f"{trx} TRX to ", place, f": {wait}")

    def _moved_by(self, event: str) -> str:
        return _MOVEMENTS.get(event, event)

    # Paying out

    def pay_out_places(self, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"Where shall I send your {exact_trx(sun)} TRX?"),
            "All of the balance is paid out. "
            f"{exact_trx(fee_sun)} TRX are kept for the network's fee.",
            "",
            Text(
                "⚠️ ",
                Bold("Never to an exchange:"),
                " there it may never be credited to you.",
            ),
            "These are the addresses that you proved or paid from.",
        )

    def no_place_to_pay_out(self) -> Text:
        return lines(
            Bold("Which wallet is yours?"),
            "I send money only to addresses that you have proved to be yours or paid from.",
            "Please prove one: it takes a minute.",
        )

    def too_little_to_pay_out(self, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"Your balance is {exact_trx(sun)} TRX."),
            f"Paying out costs {exact_trx(fee_sun)} TRX for the network's fee, so nothing would "
            "arrive. You can still pay with it.",
        )

    def pay_out_confirm(self, to: Address, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"Pay out {exact_trx(sun)} TRX?"),
            f"{exact_trx(sun - fee_sun)} TRX arrive at",
            self.address(to),
            f"{exact_trx(fee_sun)} TRX are kept for the network's fee. Your balance is 0 after "
            "that. What is sent cannot be called back.",
        )

    def pay_out_done(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ {exact_trx(refund.sent_sun)} TRX are on their way."),
            "To",
            self.address(refund.to),
            "I will write when they have arrived. It takes about a minute.",
        )

    def pay_out_refused(self, fault: RefundFault) -> str:
        match fault:
            case RefundFault.NOT_ENOUGH:
                return self.balance_has_changed
            case RefundFault.TOO_LITTLE:
                return "That is less than the network's fee, so nothing would arrive."
            case RefundFault.ADDRESS_NOT_PROVED:
                return "I can pay out only to addresses that you proved or paid from."

    # Proving an address

    def ask_proved_address(self, *, has_saved: bool) -> Text:
        return lines(
            Bold("Which address is yours?"),
            "Paste it, or tap one." if has_saved else "Please paste it.",
            "You sign a short text with its wallet. Then its payments are recognised as yours, "
            "and what they left here goes to your balance. It costs nothing.",
        )

    def ask_signature(self, address: Address, proof: str) -> Text:
        return lines(
            Bold("Please sign exactly this text"),
            self.copied(proof),
            "",
            Text("with the wallet ", self.address_link(address), ", and paste the signature here."),
            "TronLink signs when a page asks it to (signMessageV2): open one you trust in its "
            "browser, paste the text, sign, and copy the result, which begins with 0x.",
            "",
            "A signature moves no money. I never need your private key or seed phrase.",
        )

    def signature_missing(self) -> Text:
        return lines(
            Bold("I see no signature here."),
            "It begins with 0x and has 130 more characters (0–9, a–f). Please paste all of it.",
        )

    def not_proved(self, address: Address) -> Text:
        return lines(
            Bold("This signature does not fit."),
            Text("It is of another text, or not by the wallet ", self.address_link(address), "."),
            "Please copy the text above as it is, sign it with that wallet, and paste the result.",
        )

    def address_of_another(self, address: Address) -> Text:
        return lines(
            Bold("Somebody else has proved this address already."),
            self.address(address),
            "If it is yours alone, your key may be known to others: move your money to a new "
            "wallet.",
        )

    def proved(self, address: Address, claimed_sun: int) -> Text:
        return lines(
            Bold("✅ Proved: this address is yours."),
            self.address(address),
            f"{exact_trx(claimed_sun)} TRX that it had left here are on your balance now."
            if claimed_sun
            else "Its payments are recognised as yours from now on.",
        )
