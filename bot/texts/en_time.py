"""English: a rental's time, which can be extended and ended early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.utils.formatting import Bold, Text

from bot.texts.en_words import EnglishWords
from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from services.early_ends import EarlyEnd, EarlyEndFault
from services.extensions import ExtensionFault, ExtensionOffer, ExtensionOffers
from services.order_views import OrderView


class EnglishTime(EnglishWords):
    """What customers read about more and less time."""

    # Buttons

    extend_button = "⏳ Extend"
    end_now_button = "End now…"
    end_now_confirm_button = "Yes, end it now"
    keep_rental_button = "No, let it run"

    def extend_by_button(self, duration: timedelta, price_sun: int) -> str:
        return f"+{self.duration(duration)} · {self.price(price_sun)}"

    def extension_label(self, order: OrderView) -> str:
        return f"#{order.extends_number} +{self.duration(order.duration)}"

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

    def choose_extension(self, offered: ExtensionOffers) -> Text:
        rental = offered.rental
        return lines(
            Bold("How much longer?"),
            self._on_until(rental),
            "",
            *(self._extension_line(offer, rental) for offer in offered.offers),
            "",
            "The energy stays where it is, without a gap. More time adds no energy: what you have "
            "used comes back by itself within 24 hours.",
            f"Order #{rental.number}",
        )

    def _on_until(self, rental: OrderView) -> Text:
        return Text(
            f"{self.number(rental.energy)} energy on ",
            self.address_link(rental.recipient),
            *([" until ", self.until(rental.expires_at, rental.now)] if rental.expires_at else []),
            ".",
        )

    def _extension_line(self, offer: ExtensionOffer, rental: OrderView) -> Text:
        return Text(
            f"• {self.duration(offer.duration)} more, until ",
            self.until(offer.expires_at, rental.now),
        )

    def rental_ending(self, order: OrderView, unused: int, offers: Sequence[object]) -> Text:
        return lines(
            Text(
                Bold(f"⏰ {self.number(unused)} energy is still unused"),
                " on ",
                self.address_link(order.recipient),
                ".",
            ),
            Text("It leaves at ", self.until(order.expires_at, order.now), ".")
            if order.expires_at
            else None,
            "Send your USDT before that, or extend with one tap:"
            if offers
            else "Send your USDT before that.",
        )

    # The card of an extension

    def extension_paid(self, order: OrderView) -> str:
        if order.balance_sun:
            return "⚡ Paid from your balance. The rental is being extended."
        return "⚡ Paid. The rental is being extended."

    def extension_done(self, order: OrderView) -> Text:
        """The first words of an extension that is carried out."""
        return Bold(f"✅ Order #{order.extends_number} extended by {self.duration(order.duration)}")

    def extension_end(self, order: OrderView) -> Text | None:
        """Until when it lasts now, with all other extensions."""
        end = order.rental_expires_at or order.expires_at
        if end is None:
            return None
        return Text(
            f"The {self.number(order.energy)} energy stays until ",
            self.until(end, order.now),
            ", without a gap.",
        )

    def extension_over(self, order: OrderView) -> Text:
        return Bold(f"🏁 The rental of order #{order.extends_number} is over")

    def not_extended(self, order: OrderView) -> str:
        """Why an extension failed, as a whole sentence."""
        what = f"Order #{order.extends_number} could not be extended"
        if order.failure == "rental_over":
            return f"{what}: its rental was over before your payment counted."
        if order.failure == "payment_lost":
            return f"{what}."
        return f"{what}: its energy could not be delivered."

    # Less time

    def end_now(self, offer: EarlyEnd) -> Text:
        rental = offer.rental
        return lines(
            Bold(f"End the rental of order #{rental.number} now?"),
            self._on_until(rental),
            "",
            Text(
                "It ends now, and ",
                Bold(f"up to {exact_trx(offer.most_sun)} TRX"),
                f" of the {exact_trx(offer.paid_sun)} TRX you paid come back to your balance.",
            )
            if offer.most_sun
            else "It ends now, and nothing comes back: the energy is used.",
            f"Unused now: {self.number(offer.energy_unused)} of {self.number(rental.energy)} "
            "energy. What you use until it is back is not paid for."
            if offer.most_sun
            else None,
        )

    def rental_ending_now(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⏹ The rental of order #{order.number} has ended."),
            "The energy goes back within seconds. Then I write how much came back to your balance.",
        )

    def extended_by(self, order: OrderView) -> str | None:
        """A line on the card of a rental that was extended."""
        if not order.extended:
            return None
        return f"Extended by {self.duration(order.extended)}."

    def came_back(self, order: OrderView) -> str | None:
        """A line on the card of a rental that its customer ended early."""
        if order.ended_early_at is None:
            return None
        if order.ended_at is None:
            return "You ended it early. The energy is going back."
        if order.early_credit_sun:
            came = exact_trx(order.early_credit_sun)
            return f"You ended it early: {came} TRX came back to your balance."
        return "You ended it early. Nothing came back: the energy was used."
