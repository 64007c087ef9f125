"""English."""

from __future__ import annotations

from typing import assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.en_money import EnglishMoney
from bot.texts.en_operator import EnglishOperator
from bot.texts.en_time import EnglishTime
from bot.texts.en_words import count_of
from bot.texts.figures import (
    clock,
    exact_trx,
    saved_by_use,
    saved_percent,
)
from bot.texts.notation import lines
from chain.addresses import Address, AddressFault
from services.energy import DestinationFacts, RecipientFacts, TransferNeed
from services.inventory import Outlook
from services.order_ends import Compensation
from services.order_views import OrderView, Origin
from services.quotes import Quote, QuoteFault, TypicalPrice
from services.tokens import USDT


class English(EnglishMoney, EnglishTime, EnglishOperator):
    """The catalogue for English."""

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
        ("available", "What is free now"),
        ("balance", "My balance"),
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
    other_trc20_button = "Another token"
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
        return count_of(transfers, "transfer")

    def shortfall_button(self, own_energy: int) -> str:
        return f"Count in my own {self.number(own_energy)}"

    def whole_button(self) -> str:
        return "Leave my own energy out"

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

    def available(self, outlook: Outlook, transfers: int) -> Text:
        if not transfers:
            head, then = (
                "All energy is rented out right now.",
                "It comes back by itself when rentals end and when used energy recovers.",
            )
        else:
            head = f"Free now: {self.number(outlook.now)} energy"
            then = f"One order can be for up to {count_of(transfers, 'transfer')}."
        return lines(
            Bold(head),
            then,
            "If nobody rents more:",
            *(
                f"in {count_of(hours, 'hour')}: {self.number(energy)}"
                for hours, energy in outlook.later.items()
            ),
        )

    def help(self, flash_address: Address | None = None) -> Text:
        return lines(
            Bold("How it works"),
            "",
            "Sending USDT on TRON takes energy. A wallet without energy burns TRX instead. "
            "Here you rent the energy for less.",
            "",
            "1. Tell me which wallet will send the USDT.",
            "2. Pay the exact amount in TRX, from any wallet of your own, or from your balance.",
            "3. Seconds later the energy is there. Send your USDT before the rental ends.",
            "",
            *self._flash(flash_address),
            Text(
                Bold("No money gets lost."),
                " Too much goes to your balance. For too little, or for what fits no order, I ask "
                "you what to do. /balance shows what you have here and pays it out.",
            ),
            "",
            Text(
                Bold("Please do not pay from an exchange."),
                " Exchanges change the amount and pay late, so I cannot tell that it is you. "
                "It has happened? The exact amount counts all the same; any other is recorded, and "
                "the operator can find it.",
            ),
            "",
            Text(
                "I ",
                Bold("never"),
                " ask for private keys or seed phrases. Anyone who does is a thief.",
            ),
            "",
            "/rent  rent energy",
            "/orders  your orders",
            "/balance  your balance, refunds, your addresses",
            "/language  语言 · язык",
            "/cancel  back to the menu",
        )

    def _flash(self, address: Address | None) -> list[Text | str]:
        if address is None:
            return []
        return [
            Bold("Even shorter"),
            "Send TRX from the wallet that needs the energy, without any order, to",
            self.address(address),
            self._rest_of_flash(),
            "",
        ]

    @staticmethod
    def _rest_of_flash() -> str:
        return (
            "It becomes energy for that wallet, for as many transfers as it pays. The rest goes "
            "to your balance, once you have proved the address there: /balance"
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
                    f"This address has {count_of(found_length, 'character')}, not 34.",
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
            case QuoteFault.SENDER_FROZEN:
                what, then = (
                    "The token's issuer has frozen this wallet, so it cannot send any.",
                    "Energy would be of no use to it. Please choose another wallet.",
                )
            case _:
                return self.quote_refused(fault)
        return lines(Bold(what), self.address(address), then)

    def ask_destination(self, facts: RecipientFacts) -> Text:
        symbol = facts.token.symbol
        if facts.token_units is None:
            holds = f"{self.number(facts.energy_free)} energy free."
        else:
            holds = (
                f"{self.tokens(facts.token_units, facts.token)}, "
                f"{self.number(facts.energy_free)} energy free."
            )
        return lines(
            "The energy goes to",
            self.address(facts.address),
            f"On it now: {holds}",
            f"There is no {symbol} on this wallet yet. Rent when it is there, so that no paid "
            "time is lost."
            if facts.token_units == 0
            else None,
            None
            if facts.bandwidth_transfers
            else "Its free bandwidth is used up for today, so a transfer will still burn about "
            "0.35 TRX.",
            "",
            Bold(f"Who will receive the {symbol}?"),
            f"A receiver without any {symbol} takes twice the energy. Choose, or paste the "
            "receiver's address and I will work it out exactly. The amount may stand after it: "
            "T… 250",
        )

    def ask_token(self) -> Text:
        return lines(
            Bold("Which token will you send?"),
            "Paste the address of its TRC-20 contract. The block explorer shows it on the "
            "token's page.",
        )

    def not_trc20(self, address: Address) -> Text:
        return lines(
            Bold("There is no TRC-20 token at this address."),
            self.address(address),
            "Please paste the address of the token's contract, not of a wallet.",
        )

    def amount_unclear(self, symbol: str) -> Text:
        return lines(
            Bold("I cannot read the amount."),
            f"Please send the address alone, or with one amount of {symbol} after it: T… 250",
        )

    def destination_is_sender(self, symbol: str = USDT) -> Text:
        return lines(
            Bold("This is the sending wallet itself."),
            f"Please paste the address that will receive the {symbol}, or choose above.",
        )

    def ask_transfers(
        self, limit: int, symbol: str = USDT, need: TransferNeed | None = None
    ) -> Text:
        about = self._receiver(need.destination, symbol) if need else []
        return lines(
            *about,
            "" if about else None,
            Bold(f"How many {symbol} transfers will you make?"),
            f"Choose, or type a number from 1 to {self.number(limit)}, "
            "or what you want to spend: 20 TRX",
        )

    def _receiver(self, facts: DestinationFacts | None, symbol: str) -> list[str]:
        """What is unusual about a receiver."""
        if facts is None:
            return []
        found = []
        if not facts.activated:
            found.append("The receiver is not active on TRON yet. The transfer works all the same.")
        if facts.is_contract:
            found.append(f"The receiver is a smart contract. Make sure that it takes {symbol}.")
        if not facts.holds_token:
            found.append(f"The receiver has no {symbol} yet: the first transfer takes more energy.")
        return found

    def transfers_refused(self, limit: int) -> Text:
        return Text(
            f"Please type a whole number from 1 to {self.number(limit)}, or an amount like 20 TRX."
        )

    def ask_duration(self) -> Text:
        return lines(
            Bold("For how long?"),
            "What you have not used by then goes back.",
        )

    def quote(self, quote: Quote, budget_sun: int | None = None) -> Text:
        symbol = quote.token.symbol
        transfers = count_of(quote.transfers, "transfer")
        saving = saved_percent(quote.price_sun, quote.burn_sun)
        burning = self.about_trx(quote.burn_sun)
        each = f"That is {self.price(quote.price_per_transfer_sun)} per transfer."
        return lines(
            Text(
                Bold(self.price(quote.price_sun)),
                f" for {transfers}, {self.duration(quote.price.duration)}",
            ),
            self._of_budget(quote, budget_sun),
            each if quote.transfers > 1 else None,
            f"Little energy is free: prices are {quote.surge_percent}% higher for now."
            if quote.surge_percent
            else None,
            f"Without energy you would burn about {burning}: you save {saving}%."
            if saving
            else f"⚠️ This does not pay off: burning takes about {burning}. "
            "A shorter time may be cheaper.",
            f"Bandwidth is short: sending will still burn about "
            f"{self.about_trx(quote.bandwidth_sun)}."
            if quote.bandwidth_sun
            else None,
            "",
            "Energy goes to",
            self.address(quote.recipient),
            Text(f"{symbol} goes to\n", self.address(quote.destination))
            if quote.destination
            else None,
            *self._receiver(quote.destination_facts, symbol),
            f"⚠️ There is no {symbol} on the sending wallet yet." if quote.token_missing else None,
            "",
            f"Energy: {self.number(quote.energy)}{self._made_of(quote)}",
            "An estimate: this transfer cannot be tried out on the chain yet."
            if quote.estimated
            else "Measured on the chain.",
            f"Your own energy: {self.number(quote.own_energy)}, "
            + ("counted in" if quote.energy_own else "not counted in")
            if quote.own_energy
            else None,
            f"Available now: {self.number(quote.available_energy)}",
            Text("⏳ Price expires: ", self.expiry(quote.holds_until)),
        )

    def _of_budget(self, quote: Quote, budget_sun: int | None) -> str | None:
        if budget_sun is None or quote.budget_buys is None:
            return None
        budget = self.about_trx(budget_sun)
        if quote.budget_buys > quote.transfers:
            return f"{budget} would buy more, but one order cannot have more right now."
        return f"The most that {budget} buys."

    def _made_of(self, quote: Quote) -> str:
        """What the energy is for, where it is for more than one thing."""
        first, following = self.number(quote.energy_per_transfer), self.number(quote.energy_next)
        further = quote.transfers - 1
        if not further:
            parts = first
        elif quote.energy_next == quote.energy_per_transfer:
            parts = f"{self.number(quote.transfers)} × {first}"
        else:
            parts = f"first {first}, then {self.number(further)} × {following}"
        if quote.energy_own:
            return f" ({parts}, less {self.number(quote.energy_own)} of your own)"
        return f" ({parts})" if further else ""

    def needs_nothing(self, recipient: Address, transfers: int, symbol: str = USDT) -> Text:
        return lines(
            Bold("Good news: you need nothing from me."),
            self.address(recipient),
            f"already has the energy for {count_of(transfers, 'transfer')}. "
            f"Send your {symbol}; no TRX will be burned for energy.",
        )

    def budget_too_small(self, budget_sun: int, price_sun: int) -> Text:
        return lines(
            Bold(f"{self.about_trx(budget_sun)} is not enough for a transfer."),
            f"One costs {self.price(price_sun)}.",
        )

    def not_enough_energy(self, available: int, transfers_possible: int) -> Text:
        if transfers_possible:
            then = f"It is enough for {count_of(transfers_possible, 'transfer')}."
        else:
            then = "Energy comes back all the time: please look again in a few minutes."
        return lines(
            Bold(f"I have only {self.number(available)} energy at the moment."),
            then,
            "Nothing has been charged.",
        )

    def quote_refused(self, fault: QuoteFault, limit: int = 0) -> Text:
        match fault:
            case QuoteFault.ORDER_TOO_LARGE | QuoteFault.RECEIVER_LIMIT | QuoteFault.DAILY_LIMIT:
                return self._over_limit(fault, limit)
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
            case QuoteFault.SENDER_FROZEN:
                what, then = (
                    "The token's issuer has frozen the sending wallet.",
                    "It cannot send any, so energy would be of no use to it.",
                )
            case QuoteFault.DESTINATION_FROZEN:
                what, then = (
                    "The token's issuer has frozen the receiver.",
                    "What you send there is lost. Please ask the receiver for another address.",
                )
            case QuoteFault.BALANCE_TOO_SMALL:
                what, then = (
                    "The sending wallet has less than you want to send.",
                    "Nothing has been charged. Fill it up first, or name a smaller amount.",
                )
            case QuoteFault.TRANSFER_REVERTS:
                what, then = (
                    "The token's contract turns this transfer down.",
                    "Energy would not help. Please try another receiver; nothing has been charged.",
                )
            case QuoteFault.NOT_TRC20:
                what, then = ("This is no TRC-20 token.", "Please choose another.")
            case QuoteFault.NO_POOLS | QuoteFault.NOT_ENOUGH_ENERGY:
                what, then = (
                    "There is no energy for rent at the moment.",
                    "Nothing has been charged. Please look again in a few minutes.",
                )
            case _:
                what, then = ("This cannot be ordered as it is.", "Please choose again.")
        return lines(Bold(what), then)

    def _over_limit(self, fault: QuoteFault, limit: int) -> Text:
        match fault:
            case QuoteFault.ORDER_TOO_LARGE:
                what, then = (
                    f"One order can be for {self.number(limit)} energy at most.",
                    "Nothing has been charged. Please choose fewer transfers.",
                )
            case QuoteFault.RECEIVER_LIMIT:
                what, then = (
                    f"This wallet got energy {count_of(limit, 'time')} in an hour, the most.",
                    "Nothing has been charged. More is possible an hour after the first of them.",
                )
            case _:
                what, then = (
                    f"You have placed {count_of(limit, 'order')} within a day: that is the most.",
                    "Nothing has been charged. More is possible a day after the first of them.",
                )
        return lines(Bold(what), then)

    def draft_gone(self) -> Text:
        return Text("This form is too old. Let us start again: it takes half a minute.")

    # The card of an order

    def awaiting(self, order: OrderView) -> Text:
        return lines(
            Bold("Send exactly"),
            Text(self.exact(order.due_sun), " TRX"),
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

    def underpaid(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🪙 {exact_trx(order.received_sun)} TRX have arrived and are safe."),
            "The order costs more. Please send the rest, exactly",
            Text(self.exact(order.due_sun), " TRX"),
            "to",
            self.address(order.payment_address),
            Text("⏳ Expires: ", self.expiry(order.pay_until)),
            "",
            "If the rest does not come, I will ask you: keep it on your balance, or send it back."
            if order.origin is Origin.EXTENSION
            else "If the rest does not come, I will ask you: energy for what has arrived, keep it "
            "on your balance, or send it back.",
            "",
            Text(f"Pays for {self._goods(order)} on ", self.address_link(order.recipient), "."),
            "",
            self._footer(order),
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
            Bold(self._paid(order)),
            "It takes a few seconds. I will write when it is done."
            if order.origin is Origin.EXTENSION
            else "It takes a few seconds. I will write when it is there.",
            self._left(order),
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def delivered(self, order: OrderView) -> Text:
        if order.origin is Origin.EXTENSION:
            return lines(
                self.extension_done(order),
                self.extension_end(order),
                self._left(order),
                "",
                self.address(order.recipient),
                "",
                self._footer(order),
            )
        return lines(
            Bold(f"✅ {self.number(order.energy)} energy delivered"),
            self._took(order),
            self._credited(order),
            "",
            Text("On ", self.address(order.recipient)),
            Text("until ", self.until(order.expires_at, order.now)) if order.expires_at else None,
            self.extended_by(order),
            self.came_back(order)
            or f"Enough for {count_of(order.transfers, f'{order.symbol} transfer')}. "
            "You can send now.",
            "",
            self._footer(order),
        )

    def ended(self, order: OrderView) -> Text:
        return lines(
            self.extension_over(order)
            if order.origin is Origin.EXTENSION
            else Bold("🏁 The rental is over"),
            self._use(order),
            self.extended_by(order),
            self.came_back(order),
            "",
            f"{self._goods(order)} on",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def expired(self, order: OrderView) -> Text:
        return lines(
            Bold("⌛ Expired. Please do not pay this any more."),
            f"The rest did not come by {self._deadline(order)}. What had come is safe: I ask you "
            "in a message of its own what to do with it."
            if order.came_in_part
            else f"No payment came by {self._deadline(order)}. Nothing has been charged.",
            "",
            "Paid already? Your money is safe: what came in time still counts, and for anything "
            "later I ask you what to do.",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def cancelled(self, order: OrderView) -> Text:
        return lines(
            Bold("🚫 Cancelled. Please do not pay this any more."),
            "What had come of its price is safe: I ask you in a message of its own what to do "
            "with it."
            if order.came_in_part
            else "Nothing has been charged.",
            "",
            "Paid already? Your money is safe: I will ask you what to do with it.",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def failed(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Your money is safe."),
            f"{self.not_extended(order)} {self._compensation(order)}"
            if order.origin is Origin.EXTENSION
            else f"The energy could not be delivered{self._why(order)}. "
            f"{self._compensation(order)}",
            "",
            f"{self._goods(order)} for",
            self.address(order.recipient),
            "",
            self._footer(order),
        )

    def _paid(self, order: OrderView) -> str:
        transfers = count_of(order.transfers, "transfer")
        match order.origin:
            case Origin.EXTENSION:
                return self.extension_paid(order)
            case Origin.FLASH:
                sent = exact_trx(order.received_sun + order.credited_sun)
                return f"⚡ You sent {sent} TRX: energy for {transfers} is on its way."
            case Origin.LESS:
                return f"⚡ Energy for {transfers} is on its way, for what you had paid."
            case Origin.ASKED if order.balance_sun:
                return "⚡ Paid from your balance. The energy is on its way."
            case Origin.ASKED:
                return "⚡ Paid. The energy is on its way."

    def _left(self, order: OrderView) -> str | None:
        if not order.credited_sun:
            return None
        left = "Left over" if order.origin in (Origin.FLASH, Origin.LESS) else "Paid too much"
        return f"{left}: {exact_trx(order.credited_sun)} TRX, now on your balance."

    def _credited(self, order: OrderView) -> str | None:
        """What came and what is left of it, where that is not what was asked for."""
        left = self._left(order)
        if order.origin is not Origin.FLASH:
            return left
        sent = f"You sent {exact_trx(order.received_sun + order.credited_sun)} TRX."
        return f"{sent} {left}" if left else sent

    def _why(self, order: OrderView) -> str:
        match order.failure:
            case "no_energy":
                return ": there was not enough of it free in time"
            case "not_read_back":
                return ": the network did not show it at your address"
            case _:
                return ""

    def _compensation(self, order: OrderView) -> str:
        """What became of the money; the first words are about it."""
        if order.failure == "payment_lost":
            return (
                "The network took your payment back, with the block that held it: those TRX are "
                "in your wallet again."
                + (" What came from your balance is there again." if order.balance_sun else "")
            )
        match order.compensation:
            case Compensation.REFUND:
                return (
                    "Your payment goes back to the address it came from, all of it. I will write "
                    "when it has arrived."
                )
            case Compensation.CREDIT:
                return (
                    "What you paid is on your balance, all of it: order again with it, or have it "
                    "paid out: /balance"
                )
            case Compensation.HOLD | None:
                return (
                    "Your payment is recorded, and the operator has been told and decides about "
                    "it. There is nothing for you to do."
                )

    def _took(self, order: OrderView) -> str | None:
        if order.delivery_seconds is None or order.origin is Origin.LESS:
            return None
        return f"{count_of(order.delivery_seconds, 'second')} after your payment."

    def _use(self, order: OrderView) -> str | None:
        energy_used = self.known_use(order)
        if energy_used is None:
            return None
        if energy_used == 0:
            return "The energy was not used."
        used = f"Used: {self.number(energy_used)} of {self.number(order.energy)} energy."
        saved = saved_by_use(
            paid_sun=order.paid_for_rental_sun,
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
        if order.origin is Origin.EXTENSION:
            return lines(
                self.extension_done(order),
                self.extension_end(order),
                self._left(order),
                self._proofs(order),
            )
        return lines(
            Text(
                Bold(f"✅ {self.number(order.energy)} energy"),
                " is on ",
                self.address_link(order.recipient),
                *([" until ", self.until(order.expires_at, order.now)] if order.expires_at else []),
                ".",
            ),
            Bold(f"You can send your {order.symbol} now."),
            self._took(order),
            self._credited(order),
            self._proofs(order),
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
            self.came_back(order),
        )

    def expired_news(self, order: OrderView) -> Text:
        if order.came_in_part:
            return lines(
                Bold("🛟 What you paid is safe."),
                f"The rest of order #{order.number} did not come in time, so it has expired. "
                "The next message asks you what to do with the money.",
            )
        return lines(
            Bold(f"⌛ Order #{order.number} has expired unpaid."),
            "Please do not pay it any more. A new one takes two taps.",
        )

    def failed_news(self, order: OrderView) -> Text:
        return lines(
            Bold("🛟 Your money is safe."),
            f"{self.not_extended(order)} {self._compensation(order)}"
            if order.origin is Origin.EXTENSION
            else f"The energy of order #{order.number} could not be delivered{self._why(order)}. "
            f"{self._compensation(order)}",
        )

    def underpaid_news(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🪙 {exact_trx(order.received_sun)} TRX have arrived and are safe."),
            f"For order #{order.number} exactly {exact_trx(order.due_sun)} TRX are still missing. "
            "Its card says where to send them:",
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
        return Text("Stopped. Nothing has changed.")

    def looks_like_transaction(self) -> Text:
        return lines(
            "This looks like a transaction id. There is no need to send it: I find payments by "
            "myself, and the card in /orders shows them. What paid no order is in /balance.",
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
