"""Русский: время аренды, которое можно продлить и закончить раньше."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.utils.formatting import Bold, Text

from bot.texts.notation import lines
from bot.texts.ru_words import RussianWords
from bot.texts.time_card import TimeCard
from services.early_ends import EarlyEndFault
from services.extensions import ExtensionFault
from services.order_views import OrderView


class RussianTime(RussianWords, TimeCard):
    """Что читают о продлении и досрочном конце."""

    # Buttons

    extend_button = "⏳ Продлить"
    end_now_button = "Закончить…"
    end_now_confirm_button = "Да, закончить сейчас"
    keep_rental_button = "Нет, пусть идёт"

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
            case ExtensionFault.DECLINED:
                return (
                    "Это продление мы принять не можем. С вас ничего не списано, аренда идёт как "
                    "прежде. Если вы этого не ожидали, напишите магазину."
                )
            case ExtensionFault.BANNED:
                return "С этого аккаунта заказывать нельзя. Всё оплаченное идёт как прежде."

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

    _how_much_longer = "На сколько продлить?"
    _until = " до "

    def _energy_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text:
        return Text(f"{energy} энергии на ", place, *until, ".")

    def _more_until(self, length: timedelta) -> str:
        return f"• ещё {self._for(length)}: до "

    _no_gap_no_more_energy = (
        "Энергия остаётся на месте, без перерыва. Больше её не станет: израсходованное само "
        "восстанавливается за 24 часа."
    )

    def _still_unused(self, energy: str, place: Text) -> Text:
        return Text(Bold(f"⏰ {energy} энергии ещё не израсходовано"), " на ", place, ".")

    def _leaves_at(self, time: Text) -> Text:
        return Text("Она уйдёт в ", time, ".")

    _send_or_extend = "Отправьте USDT до этого или продлите одним нажатием:"
    _send_before = "Отправьте USDT до этого."

    # The card of an extension

    _extending = "⚡ Оплачено. Продлеваю аренду."
    _extending_from_balance = "⚡ Оплачено с баланса. Продлеваю аренду."

    def _stays_until(self, energy: str, time: Text) -> Text:
        return Text(f"{energy} энергии остаются до ", time, ", без перерыва.")

    def _not_extended(self, order: OrderView) -> str:
        return f"Заказ №{order.extends_number} продлить не удалось"

    _rental_was_over = ": аренда закончилась раньше, чем засчитан платёж."
    _rental_not_delivered = ": его энергию доставить не получилось."
    _full_stop = "."

    def extension_done(self, order: OrderView) -> Text:
        """Первые слова о продлении, которое состоялось."""
        return Bold(f"✅ Заказ №{order.extends_number} продлён {self._for(order.duration)}")

    def extension_over(self, order: OrderView) -> Text:
        return Bold(f"🏁 Аренда по заказу №{order.extends_number} закончилась")

    # Less time

    def _end_rental_now(self, number: int) -> str:
        return f"Закончить аренду по заказу №{number} сейчас?"

    def _ends_with_return(self, most: str, paid: str) -> Text:
        return Text(
            "Она закончится сейчас, и ",
            Bold(f"до {most} TRX"),
            f" из уплаченных {paid} TRX вернутся на ваш баланс.",
        )

    _ends_without_return = "Она закончится сейчас, и ничего не вернётся: энергия израсходована."

    def _unused_now(self, unused: str, energy: str) -> str:
        return (
            f"Сейчас не израсходовано {unused} из {energy} энергии. "
            "За то, что уйдёт до возврата, деньги не вернутся."
        )

    def _was_extended(self, length: timedelta) -> str:
        return f"Продлено {self._for(length)}."

    _going_back = "Вы закончили её досрочно. Энергия возвращается."

    def _came_back(self, trx: str) -> str:
        return f"Вы закончили её досрочно: {trx} TRX вернулись на баланс."

    _nothing_came_back = "Вы закончили её досрочно. Ничего не вернулось: энергия израсходована."

    def rental_ending_now(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⏹ Аренда по заказу №{order.number} закончена."),
            "Энергия вернётся за несколько секунд. Тогда я напишу, сколько пришло на баланс.",
        )
