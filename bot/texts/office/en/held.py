"""English: decisions about held payments."""

from __future__ import annotations

from bot.texts.en_words import EnglishWords
from bot.texts.office.held import HeldTexts


class EnglishHeld(EnglishWords, HeldTexts):
    """What is asked, and what it means."""

    more_button = "More…"
    assign_button = "To another order…"
    flash_button = "Energy for the sender"
    credit_sender_button = "Credit to the sending address"
    credit_other_button = "Credit to somebody else…"
    keep_button = "It is my own money"
    _which_order = "Which order does it pay? Send me its number, such as 1001."
    _which_user = "Whose is it? Send me their Telegram id or @username."
    _no_such_user = "The shop has never met anybody of that id or name."
    _fits = "Orders that it could be meant for, the likeliest first:"
    _customer = "Customer: "

    def _pays(self, order: str, trx: str) -> str:
        return f"Pays {order}: {trx}"

    def _assign(self, trx: str, order: str) -> str:
        return f"Let {trx} TRX pay {order}?"

    _assigned_then = (
        "The energy goes out at once. What is too much goes to the balance of the order's customer."
    )

    def _flash(self, trx: str) -> str:
        return f"Turn {trx} TRX into energy for the sender?"

    _flash_then = (
        "As many whole transfers as it buys, at today's price; the rest is credited to the sender."
    )

    def _credit_other(self, trx: str, who: str) -> str:
        return f"Credit {trx} TRX to user {who}?"

    _credit_other_then = "They hear of it, and can spend it or have it paid out. This is final."

    def _credit_sender(self, trx: str) -> str:
        return f"Credit {trx} TRX to the sending address?"

    _credit_sender_then = (
        "Whoever proves the address gets it, and the customer asked so far does not."
    )

    def _keep(self, trx: str) -> str:
        return f"Book {trx} TRX as your own money?"

    _keep_then = "No customer gets anything for it. This is final."
