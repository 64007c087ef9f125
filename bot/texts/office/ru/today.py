"""Russian: the card of today."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.today import TodayTexts
from bot.texts.ru_words import RussianWords
from services.figures import Wrong


class RussianToday(RussianWords, TodayTexts):
    """How the shop is doing."""

    refresh_button = "🔄 Обновить"
    _units: ClassVar = ("ч", "мин", "с")
    _well = "Всё в порядке"
    _look_at = "Обратите внимание"
    _wrong: ClassVar = {
        Wrong.NODES_SILENT: "Ни один узел TRON не отвечает",
        Wrong.SCANNER_BEHIND: "Сканер отстаёт от сети",
        Wrong.POOLS_OUT: "Пулы, из которых нельзя продавать",
        Wrong.ALERTS_OPEN: "Открытые тревоги",
        Wrong.PAYMENTS_HELD: "Платежи ждут решения",
        Wrong.REFUNDS_WAIT: "Возвраты ещё не отправлены",
        Wrong.NOTICES_LATE: "Сообщения ждут слишком долго",
    }
    _states: ClassVar = {
        "pending": "ждут оплаты",
        "paid": "оплачены",
        "processing": "доставляются",
        "completed": "доставлены",
        "failed": "не удались",
        "expired": "истекли",
        "cancelled": "отменены",
    }
    _today = "Сегодня"
    _now = "Сейчас"
    _orders = "Заказы"
    _revenue = "Выручка"
    _success = "Доставлено из оплаченного"
    _delivery = "От платежа до энергии"
    _half = "половина за "
    _most = "95 % за "
    _free_energy = "Свободная энергия"
    _one_order = "Больше всего в одном заказе"
    _wallet = "Кошелёк возвратов"
    _no_wallet = "нет; возвраты отправляют вручную"
    _scanner = "Отставание от сети"
    _blocks = "блоков:"
    _held = "Ожидающие платежи"
    _refunds = "Возвраты в очереди"
    _messages = "Сообщения в очереди"
    _alerts = "Открытые тревоги"
    _silent = "узлы не отвечают"
    _unread = "Из сети ещё ничего не прочитано."
