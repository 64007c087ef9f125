"""English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.en_keys import EnglishKeys
from bot.texts.en_money import EnglishMoney
from bot.texts.en_operator import EnglishOperator
from bot.texts.en_time import EnglishTime
from bot.texts.en_words import count_of
from bot.texts.figures import exact_trx
from bot.texts.menu_card import MenuCard
from bot.texts.notation import lines
from bot.texts.office import OfficeTexts
from bot.texts.office import en as en_office
from bot.texts.order_card import OrderCard
from bot.texts.quote_card import QuoteCard
from chain.addresses import Address, AddressFault
from services.order_views import OrderView
from services.quotes import QuoteFault
from services.tokens import USDT


class English(
    EnglishMoney, EnglishTime, EnglishKeys, EnglishOperator, OrderCard, QuoteCard, MenuCard
):
    """The catalogue for English."""

    @cached_property
    def office(self) -> OfficeTexts:
        return en_office.office(self._explorer_url)

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
        ("api", "Keys for your programs"),
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

    _shop = "Energy Flash"

    def _energy_costs(self, price: Text) -> Text:
        return Text("Energy for one USDT transfer: ", price, ".")

    def _sending_costs(self, price: Text, burning: str) -> Text:
        return Text("Send USDT for ", price, f" instead of {burning}.")

    _pay_here = "Pay here, and seconds later the energy is on your wallet."
    _no_new_orders = "No new orders just now."
    _back_before_long = "The shop is being looked after. Please come back in a while."
    _the_rest_goes_on = "What you have ordered goes on as usual: /orders"
    _all_is_rented_out = (
        "All energy is rented out right now.",
        "It comes back by itself when rentals end and when used energy recovers.",
    )

    def _free_now(self, energy: str) -> str:
        return f"Free now: {energy} energy"

    def _one_order_up_to(self, transfers: int) -> str:
        return f"One order can be for up to {count_of(transfers, 'transfer')}."

    _if_nobody_rents_more = "If nobody rents more:"

    def _in_hours(self, hours: int, energy: str) -> str:
        return f"in {count_of(hours, 'hour')}: {energy}"

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
            "/api  keys for programs of yours",
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

    _energy_will_go_to = "The energy goes to"
    _on_it_now = "On it now: "

    def _energy_free(self, energy: str) -> str:
        return f"{energy} energy free."

    def _no_tokens_yet(self, symbol: str) -> str:
        return (
            f"There is no {symbol} on this wallet yet. Rent when it is there, so that no paid "
            "time is lost."
        )

    _no_bandwidth_today = (
        "Its free bandwidth is used up for today, so a transfer will still burn about 0.35 TRX."
    )

    def _who_receives(self, symbol: str) -> str:
        return f"Who will receive the {symbol}?"

    def _choose_or_paste(self, symbol: str) -> str:
        return (
            f"A receiver without any {symbol} takes twice the energy. Choose, or paste the "
            "receiver's address and I will work it out exactly. The amount may stand after it: "
            "T… 250"
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

    def _how_many_transfers(self, symbol: str) -> str:
        return f"How many {symbol} transfers will you make?"

    def _number_or_budget(self, limit: str) -> str:
        return f"Choose, or type a number from 1 to {limit}, or what you want to spend: 20 TRX"

    _receiver_not_active = (
        "The receiver is not active on TRON yet. The transfer works all the same."
    )

    def _receiver_is_contract(self, symbol: str) -> str:
        return f"The receiver is a smart contract. Make sure that it takes {symbol}."

    def _receiver_has_none(self, symbol: str) -> str:
        return f"The receiver has no {symbol} yet: the first transfer takes more energy."

    def transfers_refused(self, limit: int) -> Text:
        return Text(
            f"Please type a whole number from 1 to {self.number(limit)}, or an amount like 20 TRX."
        )

    def ask_duration(self) -> Text:
        return lines(
            Bold("For how long?"),
            "What you have not used by then goes back.",
        )

    # The quote

    def _for_transfers(self, transfers: int, duration: timedelta) -> str:
        return f" for {count_of(transfers, 'transfer')}, {self.duration(duration)}"

    def _price_of_each(self, price: str) -> str:
        return f"That is {price} per transfer."

    def _surge(self, percent: int) -> str:
        return f"Little energy is free: prices are {percent}% higher for now."

    def _saves(self, burning: str, percent: int) -> str:
        return f"Without energy you would burn about {burning}: you save {percent}%."

    def _does_not_pay_off(self, burning: str) -> str:
        return (
            f"⚠️ This does not pay off: burning takes about {burning}. "
            "A shorter time may be cheaper."
        )

    def _bandwidth_is_short(self, burning: str) -> str:
        return f"Bandwidth is short: sending will still burn about {burning}."

    def _budget_would_buy_more(self, budget: str) -> str:
        return f"{budget} would buy more, but one order cannot have more right now."

    def _budget_buys_this(self, budget: str) -> str:
        return f"The most that {budget} buys."

    _energy_goes_to = "Energy goes to"

    def _tokens_go_to(self, symbol: str) -> str:
        return f"{symbol} goes to"

    def _sender_has_none(self, symbol: str) -> str:
        return f"⚠️ There is no {symbol} on the sending wallet yet."

    def _energy_sold(self, energy: str) -> str:
        return f"Energy: {energy}"

    def _first_then(self, first: str, following: str) -> str:
        return f"first {first}, then {following}"

    def _less_own(self, parts: str, own: str) -> str:
        return f"{parts}, less {own} of your own"

    _estimated = "An estimate: this transfer cannot be tried out on the chain yet."
    _measured = "Measured on the chain."

    def _own_energy(self, energy: str, *, counted: bool) -> str:
        return f"Your own energy: {energy}, {'counted in' if counted else 'not counted in'}"

    def _available_now(self, energy: str) -> str:
        return f"Available now: {energy}"

    _price_expires = "⏳ Price expires: "

    # Where there is no quote

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
            case QuoteFault.NOT_ENOUGH_ENERGY:
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

    _send_exactly = "Send exactly"
    _to_address = "to"
    _expires = "⏳ Expires: "

    def _pays_for(self, order: OrderView, place: Text) -> Text:
        return Text(f"Pays for {self._goods(order)} on ", place, ".")

    _not_from_an_exchange = "Not from an exchange."
    _from_your_own_wallet = " Pay exactly this from your own wallet: that is how I know it is you."

    def _part_has_arrived(self, trx: str) -> str:
        return f"🪙 {trx} TRX have arrived and are safe."

    _send_the_rest = "The order costs more. Please send the rest, exactly"
    _if_no_rest_to_extend = (
        "If the rest does not come, I will ask you: keep it on your balance, or send it back."
    )
    _if_no_rest_to_rent = (
        "If the rest does not come, I will ask you: energy for what has arrived, keep it on your "
        "balance, or send it back."
    )

    _payment_seen = "👀 Payment seen, confirming…"
    _nothing_to_do = "Nothing more for you to do. It takes a few seconds."
    _done_in_seconds = "It takes a few seconds. I will write when it is done."
    _delivered_in_seconds = "It takes a few seconds. I will write when it is there."

    def _energy_delivered(self, energy: str) -> str:
        return f"✅ {energy} energy delivered"

    _on_address = "On "
    _lasts_until = "until "

    def _enough_for(self, transfers: int, symbol: str) -> str:
        return f"Enough for {count_of(transfers, f'{symbol} transfer')}. You can send now."

    _rental_is_over = "🏁 The rental is over"
    _expired_do_not_pay = "⌛ Expired. Please do not pay this any more."

    def _rest_did_not_come(self, deadline: str) -> str:
        return (
            f"The rest did not come by {deadline}. What had come is safe: I ask you in a message "
            "of its own what to do with it."
        )

    def _nothing_came(self, deadline: str) -> str:
        return f"No payment came by {deadline}. Nothing has been charged."

    _paid_before_it_expired = (
        "Paid already? Your money is safe: what came in time still counts, and for anything "
        "later I ask you what to do."
    )
    _cancelled_do_not_pay = "🚫 Cancelled. Please do not pay this any more."
    _part_is_safe = (
        "What had come of its price is safe: I ask you in a message of its own what to do with it."
    )
    _nothing_charged = "Nothing has been charged."
    _paid_before_it_was_cancelled = (
        "Paid already? Your money is safe: I will ask you what to do with it."
    )
    _money_is_safe = "🛟 Your money is safe."

    def _not_delivered(self, why: str) -> str:
        return f"The energy could not be delivered{why}."

    def _goods_for(self, order: OrderView) -> str:
        return f"{self._goods(order)} for"

    def _goods_on(self, order: OrderView) -> str:
        return f"{self._goods(order)} on"

    _from_the_balance = " from the balance"

    # The news

    def _still_missing(self, number: int, trx: str) -> str:
        return (
            f"For order #{number} exactly {trx} TRX are still missing. "
            "Its card says where to send them:"
        )

    def _energy_is_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text:
        return Text(Bold(f"✅ {energy} energy"), " is on ", place, *until, ".")

    def _can_send(self, symbol: str) -> str:
        return f"You can send your {symbol} now."

    def _rental_is_over_on(self, energy: str, place: Text) -> Text:
        return Text(Bold("🏁 The rental is over: "), f"{energy} energy on ", place, ".")

    _what_came_is_safe = "🛟 What you paid is safe."

    def _asked_about_it_next(self, number: int) -> str:
        return (
            f"The rest of order #{number} did not come in time, so it has expired. "
            "The next message asks you what to do with the money."
        )

    def _expired_unpaid(self, number: int) -> str:
        return f"⌛ Order #{number} has expired unpaid."

    _order_again = "Please do not pay it any more. A new one takes two taps."

    def _order_not_delivered(self, number: int, why: str) -> str:
        return f"The energy of order #{number} could not be delivered{why}."

    # What both say

    def _flash_on_its_way(self, trx: str, transfers: int) -> str:
        return f"⚡ You sent {trx} TRX: energy for {count_of(transfers, 'transfer')} is on its way."

    def _less_on_its_way(self, transfers: int) -> str:
        return (
            f"⚡ Energy for {count_of(transfers, 'transfer')} is on its way, for what you had paid."
        )

    _paid_from_balance_on_its_way = "⚡ Paid from your balance. The energy is on its way."
    _paid_on_its_way = "⚡ Paid. The energy is on its way."
    _person_looks_first = "⚡ Paid. Somebody of the shop looks at this order before it goes out."
    _will_be_told = "You need not do anything: I will write as soon as it is decided."

    def _after_payment(self, seconds: int) -> str:
        return f"{count_of(seconds, 'second')} after your payment."

    def _left_over(self, trx: str) -> str:
        return f"Left over: {trx} TRX, now on your balance."

    def _paid_too_much(self, trx: str) -> str:
        return f"Paid too much: {trx} TRX, now on your balance."

    def _you_sent(self, trx: str) -> str:
        return f"You sent {trx} TRX."

    def _you_sent_more(self, trx: str, left: str) -> str:
        return f"You sent {trx} TRX. {left}"

    _not_used = "The energy was not used."

    def _used(self, used: str, energy: str) -> str:
        return f"Used: {used} of {energy} energy."

    def _used_and_saved(self, used: str, energy: str, saved: str) -> str:
        return f"Used: {used} of {energy} energy. You saved about {saved} compared with burning."

    _no_energy_in_time = ": there was not enough of it free in time"
    _not_at_the_address = ": the network did not show it at your address"
    _not_accepted = ": the shop did not accept it"
    _payment_undone = (
        "The network took your payment back, with the block that held it: those TRX are in your "
        "wallet again."
    )
    _balance_is_back = "What came from your balance is there again."
    _payment_goes_back = (
        "Your payment goes back to the address it came from, all of it. I will write when it has "
        "arrived."
    )
    _payment_on_balance = (
        "What you paid is on your balance, all of it: order again with it, or have it paid out: "
        "/balance"
    )
    _operator_decides = (
        "Your payment is recorded, and the operator has been told and decides about it. There is "
        "nothing for you to do."
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
    order_declined = (
        "We cannot take this order. Nothing has been charged. If you did not expect that, please "
        "write to the shop."
    )
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
