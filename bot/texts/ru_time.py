"""Русский: время аренды, которое можно продлить и закончить раньше."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from bot.texts.ru_words import RussianWords
from services.early_ends import EarlyEnd, EarlyEndFault
from services.extensions import ExtensionFault, ExtensionOffer, ExtensionOffers
from services.order_views import OrderView


class RussianTime(RussianWords):
    """Что читают о продлении и досрочном конце."""

    # Buttons

    extend_button = "⏳ Продлить"
    end_now_button = "Закончить…"
    end_now_confirm_button = "Да, закончить сейчас"
    keep_rental_button = "Нет, пусть идёт"

    def extend_by_button(self, duration: timedelta, price_sun: int) -> str:
        return f"+{self.duration(duration)} · {self.price(price_sun)}"

    def extension_label(self, order: OrderView) -> str:
        return f"№{order.extends_number} +{self.duration(order.duration)}"

    # Toasts

    rental_ends_now = "Готово. Энергия возвращается."

    def extension_refused(self, fault: ExtensionFault) -> str:
        match fault:
            case ExtensionFault.NOT_YOURS:
                return "Этого заказа среди ваших нет. Все заказы: /orders"
            case ExtensionFault.NOT_RUNNING:
                return "Аренда закончилась, продлить её уже нельзя. Можно арендовать снова."
            case ExtensionFault.ALREADY_OPEN:
                return "Продление этой аренды уже заказано. Вот его карточка."
            case ExtensionFault.PRICE_GONE:
                return "Цена только что изменилась. Вот нынешние."
            case ExtensionFault.CHAIN_UNAVAILABLE:
                return "Сеть TRON сейчас не отвечает. Нажмите ещё раз через минуту."

    def early_end_refused(self, fault: EarlyEndFault) -> str:
        match fault:
            case EarlyEndFault.NOT_YOURS:
                return "Этого заказа среди ваших нет. Все заказы: /orders"
            case EarlyEndFault.NOT_OFFERED:
                return "Аренда здесь идёт до конца срока. Ничего не изменилось."
            case EarlyEndFault.NOT_RUNNING:
                return "Эта аренда уже закончилась."
            case EarlyEndFault.EXTENSION_OPEN:
                return (
                    "Продление этой аренды ещё открыто. Сначала отмените его, а если оно оплачено, "
                    "подождите немного."
                )
            case EarlyEndFault.UNSETTLED:
                return "Сеть ещё подтверждает эту аренду. Нажмите ещё раз через минуту."
            case EarlyEndFault.CHAIN_UNAVAILABLE:
                return "Сеть TRON сейчас не отвечает. Нажмите ещё раз через минуту."

    # More time

    def choose_extension(self, offered: ExtensionOffers) -> Text:
        rental = offered.rental
        return lines(
            Bold("На сколько продлить?"),
            self._on_until(rental),
            "",
            *(self._extension_line(offer, rental) for offer in offered.offers),
            "",
            "Энергия остаётся на месте, без перерыва. Больше её не станет: израсходованное само "
            "восстанавливается за 24 часа.",
            f"Заказ №{rental.number}",
        )

    def _on_until(self, rental: OrderView) -> Text:
        return Text(
            f"{self.number(rental.energy)} энергии на ",
            self.address_link(rental.recipient),
            *([" до ", self.until(rental.expires_at, rental.now)] if rental.expires_at else []),
            ".",
        )

    def _extension_line(self, offer: ExtensionOffer, rental: OrderView) -> Text:
        return Text(
            f"• ещё {self._for(offer.duration)}: до ",
            self.until(offer.expires_at, rental.now),
        )

    def rental_ending(self, order: OrderView, unused: int, offers: Sequence[object]) -> Text:
        return lines(
            Text(
                Bold(f"⏰ {self.number(unused)} энергии ещё не израсходовано"),
                " на ",
                self.address_link(order.recipient),
                ".",
            ),
            Text("Она уйдёт в ", self.until(order.expires_at, order.now), ".")
            if order.expires_at
            else None,
            "Отправьте USDT до этого или продлите одним нажатием:"
            if offers
            else "Отправьте USDT до этого.",
        )

    # The card of an extension

    def extension_paid(self, order: OrderView) -> str:
        if order.balance_sun:
            return "⚡ Оплачено с баланса. Продлеваю аренду."
        return "⚡ Оплачено. Продлеваю аренду."

    def extension_done(self, order: OrderView) -> Text:
        """Первые слова о продлении, которое состоялось."""
        return Bold(f"✅ Заказ №{order.extends_number} продлён {self._for(order.duration)}")

    def extension_end(self, order: OrderView) -> Text | None:
        """До какого времени теперь, со всеми продлениями."""
        end = order.rental_expires_at or order.expires_at
        if end is None:
            return None
        return Text(
            f"{self.number(order.energy)} энергии остаются до ",
            self.until(end, order.now),
            ", без перерыва.",
        )

    def extension_over(self, order: OrderView) -> Text:
        return Bold(f"🏁 Аренда по заказу №{order.extends_number} закончилась")

    def not_extended(self, order: OrderView) -> str:
        """Почему продление не состоялось, целым предложением."""
        what = f"Заказ №{order.extends_number} продлить не удалось"
        if order.failure == "rental_over":
            return f"{what}: аренда закончилась раньше, чем засчитан платёж."
        if order.failure == "payment_lost":
            return f"{what}."
        return f"{what}: его энергию доставить не получилось."

    # Less time

    def end_now(self, offer: EarlyEnd) -> Text:
        rental = offer.rental
        return lines(
            Bold(f"Закончить аренду по заказу №{rental.number} сейчас?"),
            self._on_until(rental),
            "",
            Text(
                "Она закончится сейчас, и ",
                Bold(f"до {exact_trx(offer.most_sun)} TRX"),
                f" из уплаченных {exact_trx(offer.paid_sun)} TRX вернутся на ваш баланс.",
            )
            if offer.most_sun
            else "Она закончится сейчас, и ничего не вернётся: энергия израсходована.",
            f"Сейчас не израсходовано {self.number(offer.energy_unused)} из "
            f"{self.number(rental.energy)} энергии. За то, что уйдёт до возврата, деньги не "
            "вернутся."
            if offer.most_sun
            else None,
        )

    def rental_ending_now(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⏹ Аренда по заказу №{order.number} закончена."),
            "Энергия вернётся за несколько секунд. Тогда я напишу, сколько пришло на баланс.",
        )

    def extended_by(self, order: OrderView) -> str | None:
        """Строка на карточке продлённой аренды."""
        if not order.extended:
            return None
        return f"Продлено {self._for(order.extended)}."

    def came_back(self, order: OrderView) -> str | None:
        """Строка на карточке аренды, законченной досрочно."""
        if order.ended_early_at is None:
            return None
        if order.ended_at is None:
            return "Вы закончили её досрочно. Энергия возвращается."
        if order.early_credit_sun:
            came = exact_trx(order.early_credit_sun)
            return f"Вы закончили её досрочно: {came} TRX вернулись на баланс."
        return "Вы закончили её досрочно. Ничего не вернулось: энергия израсходована."
