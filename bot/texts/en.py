"""English."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import (
    clock,
    days_hours_minutes,
    exact_trx,
    saved_by_use,
    saved_percent,
)
from bot.texts.notation import Notation, lines
from chain.addresses import Address, AddressFault
from services.customers import Language
from services.energy import RecipientFacts
from services.held import HeldMoney, HeldPayment
from services.orders import OrderView
from services.quotes import Quote, QuoteFault, TypicalPrice

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TRANSFER_BANDWIDTH = 345

_HELD_REASONS = {
    "no_order": "no order asks for this amount",
    "late": "it came after the time to pay",
    "cancelled": "its order was cancelled before",
    "paid_twice": "its order is paid already",
    "own_transfer": "it comes from one of our own wallets",
    "order_closed": "its order is closed",
    "undeliverable": "its order could not be delivered",
}
_FAILURES = {
    "no_energy": "no pool had the energy in time",
    "not_read_back": "the energy was sent, but the receiver does not have it",
}


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


class English(Notation):
    """The catalogue for English."""

    language = Language.EN
    language_name = "English"

    def duration(self, length: timedelta) -> str:
        days, hours, minutes = days_hours_minutes(length)
        parts = [
            _count(count, noun)
            for count, noun in ((days, "day"), (hours, "hour"), (minutes, "minute"))
            if count
        ]
        return " ".join(parts)

    def day(self, moment: datetime) -> str:
        return f"{moment.day} {_MONTHS[moment.month - 1]}"

    # What Telegram shows around the chat

    description = (
        "⚡ Rent TRON energy and send USDT without burning TRX.\n\n"
        "Pay a little TRX, and seconds later the energy is on your wallet. "
        "I never ask for keys or seed phrases."
    )
    short_description = "Rent TRON energy in seconds and send USDT for less TRX."
    commands = (
        ("rent", "Rent energy"),
        ("orders", "My orders"),
        ("language", "Language · 语言 · Язык"),
        ("help", "How it works"),
        ("cancel", "Stop and go back to the menu"),
    )

    # Buttons

    rent_button = "⚡ Rent energy"
    orders_button = "My orders"
    language_button = "Language"
    help_button = "Help"
    menu_button = "Menu"
    back_button = "‹ Back"
    retry_button = "Try again"
    other_wallet_button = "Another wallet"
    use_address_button = "Yes, this one"
    holder_button = "Has USDT already"
    newcomer_button = "No USDT yet, or not sure"
    copy_address_button = "Copy address"
    refresh_button = "🔄 Refresh"
    cancel_order_button = "Cancel order"
    rent_again_button = "⚡ Rent again"
    open_bot_button = "Open the private chat"

    def confirm_button(self, price_sun: int) -> str:
        return f"Order for {self.price(price_sun)}"

    def copy_amount_button(self, amount_sun: int) -> str:
        return f"Copy {exact_trx(amount_sun)}"

    def transfers_button(self, transfers: int) -> str:
        return _count(transfers, "transfer")

    # Around a sale

    def menu(self, typical: TypicalPrice | None) -> Text:
        offer = None
        if typical is not None:
            price = Bold(self.price(typical.price_sun))
            offer = Text("Energy for one USDT transfer: ", price, ".")
            if typical.burn_sun > typical.price_sun:
                burning = self.about_trx(typical.burn_sun)
                offer = Text("Send USDT for ", price, f" instead of {burning}.")
        return lines(
            Text("⚡ ", Bold("Energy Flash")),
            offer,
            "Pay here, and seconds later the energy is on your wallet.",
        )

    def help(self) -> Text:
        return lines(
            Bold("How it works"),
            "",
            "Sending USDT on TRON takes energy. A wallet without energy burns TRX instead. "
            "Here you rent the energy for less.",
            "",
            "1. Tell me which wallet will send the USDT.",
            "2. Pay the exact amount in TRX, from any wallet of your own.",
            "3. Seconds later the energy is there. Send your USDT before the rental ends.",
            "",
            Text(
                Bold("Please do not pay from an exchange."),
                " Exchanges change the amount and pay late, so I may not recognise the payment.",
            ),
            "",
            "No money gets lost: a payment I cannot match is recorded, and the operator looks "
            "at it.",
            "",
            Text(
                "I ",
                Bold("never"),
                " ask for private keys or seed phrases. Anyone who does is a thief.",
            ),
            "",
            "/rent  rent energy",
            "/orders  your orders",
            "/language  语言 · язык",
            "/cancel  back to the menu",
        )

    def choose_language(self) -> Text:
        return Text("Which language do you prefer?")

    # From address to quote

    def ask_sender(self, *, has_saved: bool) -> Text:
        return lines(
            Bold("Which wallet will send the USDT?"),
            "Paste its TRON address. The energy goes there.",
            "Or tap one you have used before." if has_saved else None,
        )

    def address_refused(self, fault: AddressFault, found_length: int) -> Text:
        match fault:
            case AddressFault.EMPTY:
                what, then = (
                    "I see no TRON address here.",
                    "It starts with T and has 34 characters. Please paste it.",
                )
            case AddressFault.LENGTH:
                what, then = (
                    f"This address has {_count(found_length, 'character')}, not 34.",
                    "Please copy it from your wallet and paste all of it.",
                )
            case AddressFault.ALPHABET:
                what, then = (
                    "This has a character that TRON addresses never have, such as 0, O, I or l.",
                    "Please copy it from your wallet instead of typing it.",
                )
            case AddressFault.CHECKSUM:
                what, then = (
                    "A character in this address is mistyped: its checksum does not fit.",
                    "Please copy it from your wallet instead of typing it.",
                )
            case AddressFault.NOT_TRON:
                what, then = (
                    "This address belongs to another network.",
                    "A TRON address starts with T. Please copy the one of your TRON wallet.",
                )
            case _:
                assert_never(fault)
        return lines(Bold(what), then)

    def address_ethereum(self) -> Text:
        return lines(
            Bold("This is an Ethereum or BNB Chain address (0x…)."),
            "Please switch your wallet to TRON (TRC20) and copy the address that starts with T.",
        )

    def address_in_hex(self, address: Address) -> Text:
        return lines(
            "You sent an address in its technical form. In its usual form it is",
            self.address(address),
            "Is this the wallet?",
        )

    def wallet_refused(self, fault: QuoteFault, address: Address) -> Text:
        match fault:
            case QuoteFault.NOT_ACTIVATED:
                what, then = (
                    "This wallet is not active on TRON yet, so it cannot receive energy.",
                    "Send it a little TRX first (1 TRX is enough), then come back.",
                )
            case QuoteFault.IS_CONTRACT:
                what, then = (
                    "This is a smart contract, and contracts cannot receive rented energy.",
                    "Please give me the wallet that will send the USDT.",
                )
            case QuoteFault.IS_OURS:
                what, then = (
                    "This is one of our own addresses.",
                    "Please give me yours: the wallet that will send the USDT.",
                )
            case _:
                return self.quote_refused(fault)
        return lines(Bold(what), self.address(address), then)

    def ask_destination(self, facts: RecipientFacts) -> Text:
        return lines(
            "The energy goes to",
            self.address(facts.address),
            f"On it now: {self.usdt(facts.token_micro)}, "
            f"{self.number(facts.energy_free)} energy free.",
            None
            if facts.token_micro
            else "There is no USDT on this wallet yet. Rent when it is there, so that no paid "
            "time is lost.",
            None
            if facts.bandwidth_free >= _TRANSFER_BANDWIDTH
            else "Its free bandwidth is used up for today, so a transfer will still burn about "
            "0.35 TRX.",
            "",
            Bold("Who will receive the USDT?"),
            "A receiver without any USDT takes twice the energy. Choose, or paste the "
            "receiver's address and I will work it out exactly.",
        )

    def destination_is_sender(self) -> Text:
        return lines(
            Bold("This is the sending wallet itself."),
            "Please paste the address that will receive the USDT, or choose above.",
        )

    def ask_transfers(self, limit: int) -> Text:
        return lines(
            Bold("How many USDT transfers will you make?"),
            f"Choose, or type a number from 1 to {self.number(limit)}.",
        )

    def transfers_refused(self, limit: int) -> Text:
        return Text(f"Please type a whole number from 1 to {self.number(limit)}.")

    def ask_duration(self) -> Text:
        return lines(
            Bold("For how long?"),
            "What you have not used by then goes back.",
        )

    def quote(self, quote: Quote) -> Text:
        transfers = _count(quote.transfers, "transfer")
        saving = saved_percent(quote.price_sun, quote.burn_sun)
        burning = self.about_trx(quote.burn_sun)
        return lines(
            Text(
                Bold(self.price(quote.price_sun)),
                f" for {transfers}, {self.duration(quote.price.duration)}",
            ),
            f"That is {self.price(quote.price_per_transfer_sun)} per transfer."
            if quote.transfers > 1
            else None,
            f"Without energy you would burn about {burning}: you save {saving}%."
            if saving
            else f"⚠️ This does not pay off: burning takes about {burning}. "
            "A shorter time may be cheaper.",
            "",
            "Energy goes to",
            self.address(quote.recipient),
            Text("USDT goes to\n", self.address(quote.destination)) if quote.destination else None,
            "",
            f"Energy: {self.number(quote.energy)}"
            + (
                f" ({quote.transfers} × {self.number(quote.energy_per_transfer)})"
                if quote.transfers > 1
                else ""
            )
            + (", measured on the chain" if quote.estimated_from_chain else ""),
            f"Available now: {self.number(quote.available_energy)}",
            Text("⏳ Price expires: ", self.expiry(quote.holds_until)),
        )

    def needs_nothing(self, quote: Quote) -> Text:
        return lines(
            Bold("Good news: you need nothing from me."),
            self.address(quote.recipient),
            f"already has the energy for {_count(quote.transfers, 'transfer')}. "
            "Send your USDT; no TRX will be burned for energy.",
        )

    def not_enough_energy(self, available: int, transfers_possible: int) -> Text:
        if transfers_possible:
            then = f"It is enough for {_count(transfers_possible, 'transfer')}."
        else:
            then = "Energy comes back all the time: please look again in a few minutes."
        return lines(
            Bold(f"I have only {self.number(available)} energy at the moment."),
            then,
            "Nothing has been charged.",
        )

    def quote_refused(self, fault: QuoteFault) -> Text:
        match fault:
            case QuoteFault.CHAIN_UNAVAILABLE:
                what, then = (
                    "I cannot reach the TRON network right now.",
                    "Nothing has been charged. Tap the button in half a minute.",
                )
            case QuoteFault.TOO_MANY_OPEN_ORDERS:
                what, then = (
                    "You have several unpaid orders.",
                    "Please pay or cancel one of them first.",
                )
            case QuoteFault.PRICE_GONE:
                what, then = ("The price list has just changed.", "Please choose again.")
            case QuoteFault.DESTINATION_IS_RECIPIENT:
                return self.destination_is_sender()
            case QuoteFault.NO_POOLS | QuoteFault.NOT_ENOUGH_ENERGY:
                what, then = (
                    "There is no energy for rent at the moment.",
                    "Nothing has been charged. Please look again in a few minutes.",
                )
            case _:
                what, then = ("This cannot be ordered as it is.", "Please choose again.")
        return lines(Bold(what), then)

    def draft_gone(self) -> Text:
        return Text("This form is too old. Let us start again: it takes half a minute.")

    # The card of an order

    def awaiting(self, order: OrderView) -> Text:
        return lines(
            Bold("Send exactly"),
            Text(self.exact(order.amount_sun), " TRX"),
            "to",
            self.address(order.payment_address),
            Text("⏳ Expires: ", self.expiry(order.pay_until)),
            "",
            Text(f"Pays for {self._goods(order)} on ", self.address_link(order.recipient), "."),
            "",
            Text(
                "⚠️ ",
                Bold("Not from an exchange."),
                " Pay exactly this from your own wallet: that is how I know it is you.",
            ),
            f"Order #{order.number}",
        )

    def seen(self, order: OrderView) -> Text:
        return lines(
            Bold("👀 Payment seen, confirming…"),
            "Nothing more for you to do. It takes a few seconds.",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def paid(self, order: OrderView) -> Text:
        return lines(
            Bold("⚡ Paid. The energy is on its way."),
            "It takes a few seconds. I will write when it is there.",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def delivered(self, order: OrderView) -> Text:
        return lines(
            Bold(f"✅ {self.number(order.energy)} energy delivered"),
            self._took(order),
            "",
            Text("On ", self.address(order.recipient)),
            Text("until ", self.until(order.expires_at, order.now)) if order.expires_at else None,
            f"Enough for {_count(order.transfers, 'USDT transfer')}. You can send now.",
            "",
            self._footer(order),
        )

    def ended(self, order: OrderView) -> Text:
        return lines(
            Bold("🏁 The rental is over"),
            self._use(order),
            "",
            f"{self._goods(order)} on",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def expired(self, order: OrderView) -> Text:
        return lines(
            Bold("⌛ Expired. Please do not pay this any more."),
            f"No payment came by {self._deadline(order)}. Nothing has been charged.",
            "",
            "Paid already? Your money is safe: I record every payment, and the operator looks "
            "at those that came late.",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def cancelled(self, order: OrderView) -> Text:
        return lines(
            Bold("🚫 Cancelled. Please do not pay this any more."),
            "Nothing has been charged.",
            "",
            "Paid already? Your money is safe: I record every payment, and the operator looks "
            "at it.",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def failed(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Your money is safe."),
            "The energy could not be delivered. Your payment is recorded, and the operator has "
            "been told: it will be delivered or paid back. There is nothing for you to do.",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def _goods(self, order: OrderView) -> str:
        return (
            f"{self.number(order.energy)} energy ({_count(order.transfers, 'transfer')}, "
            f"{self.duration(order.duration)})"
        )

    def _footer(self, order: OrderView) -> Text:
        return lines(
            self.proofs(order, "Payment", "Delegation", "Return"),
            f"Order #{order.number} · {exact_trx(order.amount_sun)} TRX",
        )

    def _took(self, order: OrderView) -> str | None:
        if order.delivery_seconds is None:
            return None
        return f"{_count(order.delivery_seconds, 'second')} after your payment."

    def _use(self, order: OrderView) -> str | None:
        energy_used = self.known_use(order)
        if energy_used is None:
            return None
        if energy_used == 0:
            return "The energy was not used."
        used = f"Used: {self.number(energy_used)} of {self.number(order.energy)} energy."
        saved = saved_by_use(
            paid_sun=order.amount_sun,
            burn_sun=order.burn_sun,
            energy=order.energy,
            energy_used=energy_used,
        )
        if not saved:
            return used
        return f"{used} You saved about {self.about_trx(saved)} compared with burning."

    def _deadline(self, order: OrderView) -> str:
        if order.pay_until.date() == order.now.date():
            return clock(order.pay_until)
        return f"{self.day(order.pay_until)}, {clock(order.pay_until)}"

    # The news

    def delivered_news(self, order: OrderView) -> Text:
        return lines(
            Text(
                Bold(f"✅ {self.number(order.energy)} energy"),
                " is on ",
                self.address_link(order.recipient),
                *([" until ", self.until(order.expires_at, order.now)] if order.expires_at else []),
                ".",
            ),
            Bold("You can send your USDT now."),
            self._took(order),
            self.proofs(order, "Payment", "Delegation", "Return"),
        )

    def ended_news(self, order: OrderView) -> Text:
        return lines(
            Text(
                Bold("🏁 The rental is over: "),
                f"{self.number(order.energy)} energy on ",
                self.address_link(order.recipient),
                ".",
            ),
            self._use(order),
        )

    def expired_news(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⌛ Order #{order.number} has expired unpaid."),
            "Please do not pay it any more. A new one takes two taps.",
        )

    def failed_news(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Your money is safe."),
            f"The energy of order #{order.number} could not be delivered. The operator has been "
            "told: it will be delivered or paid back. There is nothing for you to do.",
        )

    # The list of orders

    def orders(self, page: int, pages: int) -> Text:
        return lines(
            Bold("My orders"),
            "Tap one to open it." if pages == 1 else f"Page {page} of {pages}. Tap one to open it.",
        )

    def no_orders(self) -> Text:
        return lines(Bold("No orders yet."), "The first one takes half a minute.")

    # Toasts

    up_to_date = "Up to date."
    nothing_seen_yet = "Up to date: no payment yet. It shows here seconds after you send it."
    payment_is_in = "Your payment has already arrived, so this order goes on."
    order_is_closed = "This order is not waiting for payment any more."
    order_unknown = "I do not find this order among yours. /orders shows them all."
    button_outdated = "This button is out of date. /start opens the menu."
    quote_lapsed = "This price has expired. Here is the current one."
    too_many_open_orders = "You have several unpaid orders. Please pay or cancel one of them first."
    energy_just_sold = "Someone has just rented this energy. Nothing has been charged."
    too_fast = "That was quick! One moment, please."
    language_chosen = "English it is."

    # Answers to what nobody expected

    def words_only(self) -> Text:
        return lines(
            "I can only read text.",
            "Please paste the TRON address as text, or use the buttons.",
        )

    def not_understood(self) -> Text:
        return lines(
            "I understand buttons and TRON addresses.",
            "Paste the address of the wallet that will send USDT, or choose:",
        )

    def command_unknown(self) -> Text:
        return Text("I do not know this command. This is what I can do:")

    def nothing_to_cancel(self) -> Text:
        return Text("There is nothing to cancel. An unpaid order is cancelled on its card: /orders")

    def wizard_cancelled(self) -> Text:
        return Text("Stopped. Nothing was ordered.")

    def looks_like_transaction(self) -> Text:
        return lines(
            "This looks like a transaction id. There is no need to send it: I find payments by "
            "myself, and the card in /orders shows them.",
            "",
            Text(
                Bold("Is it a private key?"),
                " Then delete the message and move your money to a new wallet. "
                "Never show a key to anyone.",
            ),
        )

    def looks_like_secret(self) -> Text:
        return lines(
            Bold("This looks like a seed phrase. Please delete the message now."),
            "Never send it to anyone: who has it owns the wallet. I need only an address, "
            "which starts with T. If the phrase is real, move your money to a new wallet.",
        )

    def private_chats_only(self) -> Text:
        return Text("I sell only in private chats, so that nobody else sees your orders.")

    def banned(self) -> str:
        return "This account cannot place orders here. Payments already made stay on record."

    def trouble(self, reference: str) -> str:
        return (
            "Something on my side did not work. Your orders and your money are safe. "
            f"Please tap again in a minute. (Reference {reference})"
        )

    # For the operator

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
            "The money is booked as held; no customer has been told anything.",
        )

    def order_failed(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🛟 Order #{order.number} could not be delivered"),
            f"Why: {_FAILURES.get(order.failure or '', order.failure or 'unknown')}",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            f"Paid: {exact_trx(order.amount_sun)} TRX by user {order.user_id}. "
            "The customer has been told that the money is safe.",
            self.proofs(order, "Payment", "Delegation", "Return"),
        )

    def admin(self, waiting_notices: int, held: HeldMoney) -> Text:
        return lines(
            Bold("Operator"),
            "All messages are out."
            if waiting_notices == 0
            else f"{_count(waiting_notices, 'message')} waiting to be sent.",
            "No payment is held."
            if held.count == 0
            else f"Held: {_count(held.count, 'payment')}, {exact_trx(held.total_sun)} TRX."
            " The newest:",
            *(self._held_line(payment) for payment in held.newest),
            "New held payments and failed orders arrive here by themselves.",
        )

    def _held_line(self, payment: HeldPayment) -> Text:
        meant_for = f" (order #{payment.order_number})" if payment.order_number else ""
        return Text(
            f"· {exact_trx(payment.amount_sun)} TRX, {self.day_and_time(payment.time)} UTC: ",
            f"{_HELD_REASONS.get(payment.reason, payment.reason)}{meant_for} · ",
            self.transaction_link("Transaction", payment.txid),
        )
