"""Cards about money that is with us: payments that wait for a word, balances, refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiogram.enums import ButtonStyle
from aiogram.utils.formatting import Text

from bot.callbacks import Choose, PayOut, PayOutNow, Place, Prove
from bot.keyboards import back_to_menu, button, copying, going, keyboard, rent_button, to_balance
from bot.screen import Card
from bot.texts import Texts
from bot.texts.figures import short_address
from chain.addresses import Address
from services.balances import Balance
from services.held import Choice, HeldPayment
from services.refunds import Refund


def payment_choice(texts: Texts, payment: HeldPayment) -> Card:
    """What its customer may do with a payment; once it is decided, what was done."""
    if payment.status != "held":
        return payment_decided(texts, payment)
    labels = {
        Choice.DELIVER: texts.deliver_less_button(payment.transfers),
        Choice.CREDIT: texts.keep_button,
        Choice.REFUND: texts.send_back_button(payment.amount_sun - payment.refund_fee_sun),
    }
    rows = [
        [button(labels[choice], Choose(payment=payment.id, choice=choice).pack())]
        for choice in payment.possible
    ]
    return Card(texts.payment_choice(payment), keyboard(*rows))


def payment_decided(texts: Texts, payment: HeldPayment) -> Card:
    return Card(texts.payment_decided(payment), keyboard([rent_button(texts)], [to_balance(texts)]))


def payment_credited(texts: Texts, payment: HeldPayment) -> Card:
    return Card(
        texts.payment_credited(payment), keyboard([rent_button(texts)], [to_balance(texts)])
    )


def balance_adjusted(texts: Texts, details: Mapping[str, Any]) -> Card:
    return Card(
        texts.balance_adjusted(int(details["sun"]), int(details["balance_sun"])),
        keyboard([rent_button(texts)], [to_balance(texts)]),
    )


def webhook_disabled(texts: Texts, details: Mapping[str, Any]) -> Card:
    return Card(texts.webhook_disabled(str(details["url"]), str(details["why"])))


def refund_waits(texts: Texts, refund: Refund) -> Card:
    return Card(texts.refund_waits(refund), keyboard([to_balance(texts)]))


def refund_done(texts: Texts, refund: Refund) -> Card:
    return Card(texts.refund_done(refund))


def balance(texts: Texts, state: Balance, refunds: tuple[Refund, ...]) -> Card:
    pay_out = [going(texts.pay_out_button, Place.PAY_OUT)] if state.sun else []
    return Card(
        texts.balance(state, refunds),
        keyboard(
            [rent_button(texts)],
            [*pay_out, going(texts.prove_button, Place.PROVE)],
            [back_to_menu(texts)],
        ),
    )


# Paying out


def pay_out_places(texts: Texts, sun: int, fee_sun: int, places: Sequence[Address]) -> Card:
    """Where to? Without a place, how to get one; with too little money, why not."""
    back = going(texts.back_button, Place.BALANCE)
    prove = going(texts.prove_button, Place.PROVE)
    if sun <= fee_sun:
        return Card(texts.too_little_to_pay_out(sun, fee_sun), keyboard([back]))
    if not places:
        return Card(texts.no_place_to_pay_out(), keyboard([prove], [back]))
    rows = [[button(short_address(place), PayOut(to=place).pack())] for place in places]
    return Card(texts.pay_out_places(sun, fee_sun), keyboard(*rows, [prove], [back]))


def pay_out_confirm(texts: Texts, to: Address, sun: int, fee_sun: int) -> Card:
    return Card(
        texts.pay_out_confirm(to, sun, fee_sun),
        keyboard(
            [
                button(
                    texts.pay_out_now_button(sun),
                    PayOutNow(to=to, sun=sun).pack(),
                    ButtonStyle.SUCCESS,
                )
            ],
            [going(texts.back_button, Place.PAY_OUT)],
        ),
    )


def pay_out_done(texts: Texts, refund: Refund) -> Card:
    return Card(texts.pay_out_done(refund), keyboard([to_balance(texts)]))


# Proving an address


def ask_proved_address(texts: Texts, saved: Sequence[Address]) -> Card:
    rows = [[button(short_address(each), Prove(address=each).pack())] for each in saved]
    return Card(
        texts.ask_proved_address(has_saved=bool(saved)),
        keyboard(*rows, [going(texts.back_button, Place.BALANCE)]),
    )


def ask_signature(texts: Texts, address: Address, proof: str) -> Card:
    return Card(
        texts.ask_signature(address, proof),
        keyboard(
            [copying(texts.copy_proof_button, proof, ButtonStyle.PRIMARY)],
            [going(texts.back_button, Place.PROVE)],
        ),
    )


def proof_refused(texts: Texts, text: Text) -> Card:
    """What was wrong with an answer; the question above it still stands."""
    return Card(text, keyboard([to_balance(texts)]))


def proved(texts: Texts, address: Address, claimed_sun: int) -> Card:
    return Card(
        texts.proved(address, claimed_sun), keyboard([rent_button(texts)], [to_balance(texts)])
    )
