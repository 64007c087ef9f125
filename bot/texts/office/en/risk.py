"""English: risk."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.en_words import EnglishWords, count_of
from bot.texts.office.risk import RiskTexts
from services.risk import Outcome, RiskReason


class EnglishRisk(EnglishWords, RiskTexts):
    """The rules, orders that wait, and whom nothing is sold to."""

    allow_button = "Deliver it"
    refuse_button = "Turn it down"
    list_somebody_button = "Find or add on the blacklist"
    unlist_button = "Take off the blacklist"
    whom_unclear = "I see no TRON address and no Telegram id in that. Please send one of them."

    _rules = "The rules (config.toml, [risk])"
    reasons: ClassVar = {
        RiskReason.ADDRESS_LISTED: "address on the blacklist",
        RiskReason.USER_LISTED: "customer on the blacklist",
        RiskReason.USER_HOUR: "many orders of one customer in an hour",
        RiskReason.USER_DAY: "many orders of one customer in a day",
        RiskReason.ADDRESS_HOUR: "many orders for one receiver in an hour",
        RiskReason.ADDRESS_DAY: "many orders for one receiver in a day",
        RiskReason.ORDER_SIZE: "large order",
        RiskReason.FRESH_AND_BIG: "large for a new customer",
        RiskReason.NO_TOKENS: "the wallet has none of the token",
        RiskReason.FROM_EXCHANGE: "paid by an exchange",
        RiskReason.FROM_CONTRACT: "paid by a smart contract",
        RiskReason.UNDONE: "many cancelled or paid back in a month",
    }
    _outcomes: ClassVar = {
        Outcome.ALLOW: "allow",
        Outcome.ASK: "ask you",
        Outcome.REFUSE: "turn down",
    }

    def _more_than(self, threshold: str) -> str:
        return f"more than {threshold}"

    def _of_at_least(self, orders: int) -> str:
        return f"of at least {count_of(orders, 'order')}"

    def _before(self, orders: int) -> str:
        return f"before {count_of(orders, 'delivered order')}"

    _orders_wait = "Orders that wait for your word"
    _no_order_waits = "No order waits for your word."
    _blacklist = "Blacklist"
    _nobody_listed = "Nobody is on it."

    def _and_more(self, left_out: int) -> str:
        return f"… and {left_out} more"

    def _user(self, user_id: int) -> str:
        return f"user {user_id}"

    def _waits_for_you(self, number: int) -> str:
        return f"🔎 Order #{number} is paid and waits for your word."

    _decided: ClassVar = {"allowed": "it may be delivered.", "refused": "it was turned down."}
    _because_of = "Why it was stopped:"

    def _paid_by(self, trx: str, user_id: int | None) -> str:
        return f"{trx} TRX, {'unknown customer' if user_id is None else self._user(user_id)}"

    def _only_until(self, moment: Text) -> Text:
        return Text(
            "Its rental ends ", moment, ". If nobody has allowed it by then, the money goes back."
        )

    def _listed_by(self, by: int) -> str:
        return f"Put there by {by}"

    _whom = "Whom? Send a TRON address, or the Telegram id of a customer."

    def _nothing_sold_to(self, whom: Text) -> Text:
        return Text("Nothing is sold any more to ", whom, ". What is paid already goes on.")

    def _sold_again_to(self, whom: Text) -> Text:
        return Text("Energy is sold again to ", whom, ".")

    def _delivered_now(self, energy: str) -> str:
        return f"{energy} energy go out at once, to"

    def _money_goes_back(self, trx: str) -> str:
        return (
            f"It is not delivered. Its {trx} TRX go where the money of failed orders goes, and "
            "the customer is told."
        )
