"""Russian: orders, for the people who run the shop."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.orders import OrdersTexts
from bot.texts.ru_words import RussianWords
from services.acts import Act
from services.order_ends import Compensation
from services.order_history import What
from services.order_views import Stage


class RussianOrders(RussianWords, OrdersTexts):
    """An order's card, its time line, and what can be done with it."""

    open_button = "Открыть заказ"
    find_button = "Найти…"
    times_button = "История"
    again_button = "Обновить"
    not_now = "Заказ тем временем изменился, сейчас это невозможно. Ничего не сделано."
    chain_is_silent = (
        "Сейчас ни один узел TRON не отвечает. Ничего не сделано, попробуйте чуть позже."
    )
    _doings: ClassVar = {
        "retry": "Снова искать энергию",
        "pool": "Доставить из другого пула…",
        "refund": "Вернуть плательщику",
        "credit": "Зачислить клиенту",
        "extend": "Продлить бесплатно…",
        "end": "Закончить, без возврата",
        "end_with_share": "Закончить, с долей",
    }
    _stages: ClassVar = {
        Stage.AWAITING: "не оплачен",
        Stage.UNDERPAID: "частично",
        Stage.SEEN: "платёж виден",
        Stage.PAID: "оплачен",
        Stage.DELIVERED: "идёт",
        Stage.ENDED: "закончен",
        Stage.EXPIRED: "истёк",
        Stage.CANCELLED: "отменён",
        Stage.FAILED: "не доставлен",
    }
    _statuses: ClassVar = {
        "pending": "не оплачено",
        "paid": "оплачено",
        "processing": "в работе",
        "completed": "готово",
        "failed": "не вышло",
        "expired": "истекло",
        "cancelled": "отменено",
    }
    _payments: ClassVar = {
        "seen": "виден, не подтверждён",
        "orphaned": "исчез из сети",
        "matched": "сопоставлен",
        "flash": "станет энергией",
        "delivered": "энергия доставлена",
        "credited": "зачислен",
        "held": "ждёт решения",
        "refunding": "возвращается",
        "refunded": "возвращён",
        "dust": "слишком мал",
        "own": "деньги магазина",
        "lost": "навсегда исчез из сети",
    }
    _transactions: ClassVar = {
        "signed": "подписано",
        "sent": "отправлено",
        "included": "в блоке",
        "dead": "в блок уже не попадёт",
        "rejected": "отклонено",
    }
    _messages: ClassVar = {"waiting": "ждёт", "sent": "отправлено", "dropped": "не отправлено"}
    _notices: ClassVar = {
        "order_seen": "платёж виден",
        "order_underpaid": "пришла часть",
        "order_paid": "оплачено",
        "order_delivered": "доставлено",
        "order_extended": "продлено",
        "order_ending": "скоро конец",
        "order_ended": "аренда закончена",
        "order_expired": "не оплачено вовремя",
        "order_failed": "не доставлено",
        "payment_choice": "что сделать с деньгами?",
        "payment_credited": "деньги зачислены",
        "refund_waits": "возврат ждёт",
        "refund_done": "возврат отправлен",
        "admin_payment_held": "магазину: платёж ждёт решения",
        "admin_order_failed": "магазину: не доставлено",
        "admin_refund_waits": "магазину: возврат ждёт",
        "admin_payment_lost": "магазину: платёж исчез из сети",
    }
    _accounts: ClassVar = {
        "chain": "адрес",
        "payer": "плательщик",
        "user": "клиент",
        "orders": "заказы",
        "revenue": "выручка",
        "held": "ждёт решения",
        "refunds": "возвраты",
        "owner": "владелец",
        "fees": "комиссии",
        "losses": "потери",
        "dust": "мелочь",
    }
    _acts: ClassVar = {
        Act.RETRY_ORDER: "новая попытка",
        Act.DELIVER_BY_POOL: "другой пул",
        Act.REFUND_ORDER: "возврат",
        Act.CREDIT_ORDER: "зачисление",
        Act.EXTEND_ORDER: "подарено время",
        Act.END_ORDER: "закончено",
        Act.ASSIGN_PAYMENT: "платёж отдан заказу",
        Act.DELIVER_PAYMENT: "доставлено за платёж",
        Act.FLASH_PAYMENT: "энергия отправителю",
        Act.CREDIT_PAYMENT: "платёж зачислен",
        Act.CREDIT_PAYMENT_TO: "зачислено другому",
        Act.REFUND_PAYMENT: "платёж возвращён",
        Act.KEEP_PAYMENT: "записано как свои деньги",
    }
    _whats: ClassVar = {
        What.ORDERED: "Заказано",
        What.PAYMENT: "Платёж",
        What.PAID: "Оплачено",
        What.DELEGATE: "Делегирование",
        What.UNDELEGATE: "Отзыв",
        What.TRANSFER: "Возврат",
        What.DELIVERED: "Доставлено",
        What.EXTENSION: "Продление",
        What.BOOKED: "Проводка",
        What.MESSAGE: "Сообщение",
        What.DECISION: "Магазин",
        What.ENDED_EARLY: "Закончено досрочно",
        What.RUNS_OUT: "Время вышло",
        What.ENDED: "Всё отозвано",
    }
    _failures: ClassVar = {
        "no_energy": "ни в одном пуле вовремя не было энергии",
        "not_read_back": "получатель не получил энергию",
        "payment_lost": "платёж исчез из сети",
        "rental_over": "аренда, которую продлевали, закончилась",
        "by_staff": "так решил сотрудник магазина",
    }
    _compensations: ClassVar = {
        Compensation.REFUND: "деньги возвращаются",
        Compensation.CREDIT: "деньги на балансе",
        Compensation.HOLD: "деньги ждут решения",
    }
    _newest = "Заказы, новые сверху"
    _no_orders = "Заказов ещё нет."
    _several = "Найдено, новые сверху"
    _nothing_found = "Такого заказа не нашлось."
    _can_find = (
        "Могу найти по номеру или коду заказа, транзакции, адресу TRON, Telegram ID или "
        "@имени. Вставьте как есть: /find"
    )
    _ask_what = "Что ищем?"
    _done = "✅ Готово."
    _customer = "Клиент "
    _unknown_customer = "Неизвестно, кто платил."
    _price = "Цена "
    _came = "пришло "
    _from_balance = "с баланса "
    _until = "До "
    _failed = "Причина: "
    _history_of = "Что было: "
    _by_program = "по ключу API "
    _which_pool = "Какой пул доставит?"
    _no_pool = "Сейчас ни один пул не доставит всё. Другие пути на карточке заказа."

    def _waits(self, trx: str) -> str:
        return f"Из его денег ждут {trx} TRX."

    def _hours(self, most: int) -> str:
        return f"На сколько часов продлить бесплатно? Пришлите целое число от 1 до {most}."

    def _retry(self, order: str) -> str:
        return f"Снова искать энергию на {order}?"

    _retry_then = "Доставим, как только у пула будет энергия; срок ожидания начнётся заново."

    def _retry_anew(self, trx: str) -> str:
        return f"Отложенные за него {trx} TRX оплатят новый такой же заказ."

    def _by_pool(self, order: str, energy: str) -> str:
        return f"Доставить {energy} энергии на {order} из этого пула?"

    _on_its_way_soon = "Пока ничего не отправлено. Подпишем сразу, отозвать будет нельзя."

    def _refund(self, trx: str, order: str) -> str:
        return f"Вернуть плательщику {trx} TRX за {order}?"

    def _refund_of_balance(self, trx: str) -> str:
        return f"Ещё {trx} TRX были с баланса и вернутся туда."

    def _credit(self, trx: str, order: str) -> str:
        return f"Зачислить на баланс {trx} TRX за {order}?"

    _order_ends = "Заказ завершится, энергию не доставим."
    _is_told = "Клиент узнает об этом."

    def _extend(self, order: str, duration: str) -> str:
        return f"Продлить {order} бесплатно на {duration}?"

    def _extend_then(self, until: str, energy: str) -> str:
        return f"Аренда продлится до {until}. Эти {energy} энергии пока не продаются."

    def _end(self, order: str, left: str) -> str:
        return f"Закончить {order} сейчас, за {left} до срока?"

    _nothing_back = "Ничего не зачисляется."

    def _at_most_back(self, trx: str, percent: int) -> str:
        return f"Зачислим не больше {trx} TRX: {percent} % от неиспользованного."
