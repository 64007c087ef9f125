"""English: a rental's time, which can be extended and ended early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.utils.formatting import Bold, Text

from bot.texts.en_words import EnglishWords
from bot.texts.notation import lines
from bot.texts.time_card import TimeCard
from services.early_ends import EarlyEndFault
from services.extensions import ExtensionFault
from services.order_views import OrderView


class EnglishTime(EnglishWords, TimeCard):
    """What customers read about more and less time."""

    # Buttons

    extend_button = "⏳ Extend"
    end_now_button = "End now…"
    end_now_confirm_button = "Yes, end it now"
    keep_rental_button = "No, let it run"

    # Toasts

    rental_ends_now = "Done. The energy is going back."

    def extension_refused(self, fault: ExtensionFault) -> str:
        match fault:
            case ExtensionFault.NOT_YOURS:
                return "I do not find this order among yours. /orders shows them all."
            case ExtensionFault.NOT_RUNNING:
                return "This rental is over, so it cannot be extended. You can rent again."
            case ExtensionFault.ALREADY_OPEN:
                return "An extension of this rental is open already. This is its card."
            case ExtensionFault.PRICE_GONE:
                return "The price has just changed. These are the current ones."
            case ExtensionFault.CHAIN_UNAVAILABLE:
                return "I cannot reach the TRON network right now. Please tap again in a minute."
            case ExtensionFault.DECLINED:
                return (
                    "We cannot take this extension. Nothing has been charged, and your rental goes "
                    "on as before. If you did not expect that, please write to the shop."
                )
            case ExtensionFault.BANNED:
                return "This account cannot place orders here. What you paid for goes on."

    def early_end_refused(self, fault: EarlyEndFault) -> str:
        match fault:
            case EarlyEndFault.NOT_YOURS:
                return "I do not find this order among yours. /orders shows them all."
            case EarlyEndFault.NOT_OFFERED:
                return "Rentals here last until their end. Nothing has changed."
            case EarlyEndFault.NOT_RUNNING:
                return "This rental is over already."
            case EarlyEndFault.EXTENSION_OPEN:
                return (
                    "An extension of this rental is open. Please cancel it first, or wait a "
                    "moment if it is paid."
                )
            case EarlyEndFault.UNSETTLED:
                return "The network is just settling this rental. Please tap again in a minute."
            case EarlyEndFault.CHAIN_UNAVAILABLE:
                return "I cannot reach the TRON network right now. Please tap again in a minute."

    # More time

    _how_much_longer = "How much longer?"
    _until = " until "

    def _energy_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text:
        return Text(f"{energy} energy on ", place, *until, ".")

    def _more_until(self, length: timedelta) -> str:
        return f"• {self.duration(length)} more, until "

    _no_gap_no_more_energy = (
        "The energy stays where it is, without a gap. More time adds no energy: what you have "
        "used comes back by itself within 24 hours."
    )

    def _still_unused(self, energy: str, place: Text) -> Text:
        return Text(Bold(f"⏰ {energy} energy is still unused"), " on ", place, ".")

    def _leaves_at(self, time: Text) -> Text:
        return Text("It leaves at ", time, ".")

    _send_or_extend = "Send your USDT before that, or extend with one tap:"
    _send_before = "Send your USDT before that."

    # The card of an extension

    _extending = "⚡ Paid. The rental is being extended."
    _extending_from_balance = "⚡ Paid from your balance. The rental is being extended."

    def _stays_until(self, energy: str, time: Text) -> Text:
        return Text(f"The {energy} energy stays until ", time, ", without a gap.")

    def _not_extended(self, order: OrderView) -> str:
        return f"Order #{order.extends_number} could not be extended"

    _rental_was_over = ": its rental was over before your payment counted."
    _rental_not_delivered = ": its energy could not be delivered."
    _full_stop = "."

    def extension_done(self, order: OrderView) -> Text:
        """The first words of an extension that is carried out."""
        return Bold(f"✅ Order #{order.extends_number} extended by {self.duration(order.duration)}")

    def extension_over(self, order: OrderView) -> Text:
        return Bold(f"🏁 The rental of order #{order.extends_number} is over")

    # Less time

    def _end_rental_now(self, number: int) -> str:
        return f"End the rental of order #{number} now?"

    def _ends_with_return(self, most: str, paid: str) -> Text:
        return Text(
            "It ends now, and ",
            Bold(f"up to {most} TRX"),
            f" of the {paid} TRX you paid come back to your balance.",
        )

    _ends_without_return = "It ends now, and nothing comes back: the energy is used."

    def _unused_now(self, unused: str, energy: str) -> str:
        return (
            f"Unused now: {unused} of {energy} energy. "
            "What you use until it is back is not paid for."
        )

    def _was_extended(self, length: timedelta) -> str:
        return f"Extended by {self.duration(length)}."

    _going_back = "You ended it early. The energy is going back."

    def _came_back(self, trx: str) -> str:
        return f"You ended it early: {trx} TRX came back to your balance."

    _nothing_came_back = "You ended it early. Nothing came back: the energy was used."

    def rental_ending_now(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⏹ The rental of order #{order.number} has ended."),
            "The energy goes back within seconds. Then I write how much came back to your balance.",
        )
