"""Русский: для тех, кто держит магазин."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text

from bot.texts.alarm_card import AlarmCard
from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from bot.texts.pool_card import PoolCard
from bot.texts.refund_card import RefundCard
from bot.texts.ru_words import TRANSFER, RussianWords
from services.held import ChoiceFault, HeldPayment
from services.order_ends import Compensation
from services.order_views import OrderView
from services.refunds import Refund, RefundWait

_MESSAGE = ("сообщение", "сообщения", "сообщений")

_ENDED_RENTAL = ("законченная аренда", "законченные аренды", "законченных аренд")

_HELD_REASONS = {
    "no_order": "такой суммы не ждёт ни один заказ",
    "ambiguous": "у отправителя несколько открытых заказов",
    "late": "срок оплаты уже прошёл",
    "cancelled": "заказ отменили раньше",
    "paid_twice": "заказ уже оплачен",
    "underpaid": "это меньше, чем стоит заказ",
    "order_closed": "заказ закрыт",
    "undeliverable": "заказ не удалось доставить",
    "wrong_address": "деньги пришли на наш адрес, где никто не должен платить",
    "by_contract": "прислал контракт",
    "sender_is_exchange": "деньги с биржи",
    "sender_cannot_receive": "отправитель не может принять энергию",
    "sender_frozen": "эмитент USDT заморозил отправителя, энергия ему ни к чему",
    "too_little": "на один перевод не хватает",
    "no_energy": "энергии не было",
    "too_often": "слишком много аренд для этого адреса за час",
    "maintenance": "деньги пришли во время обслуживания",
    "declined": "не прошло проверку рисков",
    "banned": "отправитель заблокирован или связан с заблокированным",
}
_FAILURES = {
    "no_energy": "ни в одном пуле вовремя не нашлось энергии",
    "not_read_back": "энергия отправлена, но у получателя её нет",
    "payment_lost": "платёж исчез из сети",
    "rental_over": "аренда, которую продлевали, уже закончилась",
    "risk": "заказ отклонил сотрудник",
    "by_staff": "так решил сотрудник магазина",
}
_COMPENSATIONS = {
    Compensation.REFUND: "Деньги сами вернутся отправителю.",
    Compensation.CREDIT: "Деньги на балансе клиента.",
    Compensation.HOLD: "Деньги ждут вашего решения: /held",
    None: "Возвращать нечего.",
}
_WAITS = {
    RefundWait.NO_WALLET: "нет кошелька для возвратов. Отправьте ровно эту сумму вручную с любого "
    "адреса магазина: я увижу это в сети.",
    RefundWait.OVER_CAP: "сумма выше предела одного возврата, нужно ваше слово.",
    RefundWait.DAILY_CAP: "дневной лимит исчерпан. Завтра уйдёт само.",
    RefundWait.WALLET_EMPTY: "в кошельке для возвратов мало TRX. Пополните его, дальше уйдёт само.",
    RefundWait.REFUSED: "сеть не приняла перевод. Он уйдёт ещё раз сам.",
    RefundWait.EXPIRED: "сеть не успела принять перевод. Он уйдёт ещё раз сам.",
}

_DECIDED = {
    "held": "Ещё ждёт решения.",
    "credited": "Зачислен на баланс.",
    "refunding": "Возвращается отправителю.",
    "own": "Это записано как ваши деньги.",
    "flash": "Сейчас станет энергией для отправителя.",
    "refunded": "Возвращён отправителю.",
    "matched": "Пошёл на заказ.",
    "delivered": "Пошёл на заказ.",
}


class RussianOperator(RussianWords, RefundCard, AlarmCard, PoolCard):
    """Что читает оператор."""

    # Buttons

    credit_button = "На баланс клиента"
    refund_button = "Вернуть отправителю"
    do_it_button = "Да, выполнить"
    all_held_button = "Все ожидающие платежи"

    def deliver_button(self, transfers: int) -> str:
        return f"Энергия на {self._count(transfers, TRANSFER)}"

    def look_at_held_button(self, payment: HeldPayment) -> str:
        return f"№{payment.id}: {self.about_trx(payment.amount_sun)}"

    def approve_button(self, refund: Refund) -> str:
        return f"Разрешить №{refund.id}: {self.about_trx(refund.sent_sun)}"

    # Held payments

    def _payment_is_held(self, trx: str) -> str:
        return f"💰 Платёж ждёт решения: {trx} TRX"

    def _held_because(self, reason: str) -> str:
        return f"Причина: {reason}."

    def _held_reason(self, reason: str) -> str:
        return _HELD_REASONS.get(reason, reason)

    def _probably_for(self, order_number: int) -> str:
        return f"Вероятно, за заказ №{order_number}."

    _sent_from = "От "
    _sent_to = "На "
    _nobodys_payment = "Чей он, неизвестно; клиентам ничего не сообщалось."

    def _of_user(self, user_id: int) -> str:
        return f"Платёж клиента {user_id}."

    def _user_was_asked(self, user_id: int, until: Text) -> Text:
        return Text(f"Клиент {user_id} получил вопрос и может ответить до ", until)

    def _payment_id(self, payment_id: int) -> str:
        return f"Номер платежа: {payment_id}"

    def _payment_commands(self, payment_id: int) -> str:
        return (
            f"Номер платежа: {payment_id}. В счёт заказа: /assign {payment_id} и номер заказа. "
            f"Ваши собственные деньги: /keep {payment_id}"
        )

    def _credit_user(self, trx: str, user_id: int) -> str:
        return f"Зачислить {trx} TRX клиенту {user_id}?"

    _user_hears_of_it = "Он узнает об этом и сможет ими платить или вывести их."

    def _credit_sender(self, trx: str) -> str:
        return f"Записать {trx} TRX за адресом отправителя?"

    def _who_proves_it(self, sender: Text) -> Text:
        return Text("Их получит тот, кто подтвердит ", sender)

    def _send_back(self, trx: str) -> str:
        return f"Вернуть {trx} TRX?"

    def _back_to(self, sender: Text, fee: str) -> Text:
        return Text(
            "На ", sender, f"; {fee} TRX уйдут на комиссию сети. Отправленное нельзя вернуть."
        )

    def _deliver(self, transfers: int) -> str:
        return f"Доставить энергию на {self._count(transfers, TRANSFER)}?"

    def _delivered_for(self, trx: str) -> str:
        return f"Из этих {trx} TRX; остаток пойдёт на баланс."

    def _cannot_be_undone(self, payment_id: int) -> str:
        return f"Номер платежа: {payment_id}. Отменить это нельзя."

    def _payment(self, payment_id: int, trx: str) -> str:
        return f"Платёж {payment_id}: {trx} TRX"

    def _became(self, status: str) -> str:
        return _DECIDED.get(status, "Исчез из сети.")

    def assigned(self, payment: HeldPayment, order_number: int) -> Text:
        return lines(
            Bold(f"✅ Платёж {payment.id} пошёл на заказ №{order_number}."),
            "Энергия в пути, лишнее зачислено на баланс клиента.",
        )

    def assign_usage(self) -> Text:
        return lines(
            "Назовите платёж и заказ: /assign 12 1001",
            "Номер платежа есть на его карточке: /held",
        )

    def kept(self, payment: HeldPayment) -> Text:
        return Text(
            f"✅ Платёж {payment.id}: {exact_trx(payment.amount_sun)} TRX записаны как ваши "
            "собственные."
        )

    def keep_usage(self) -> Text:
        return lines(
            "Назовите платёж с вашими собственными деньгами: /keep 12",
            "Номер платежа есть на его карточке: /held",
        )

    def choice_refused(self, fault: ChoiceFault) -> str:
        match fault:
            case ChoiceFault.DECIDED:
                return "Этот платёж больше не ждёт решения, или сеть ещё решает его судьбу."
            case ChoiceFault.NO_SUCH_ORDER:
                return "Неоплаченного заказа с таким номером нет."
            case ChoiceFault.NOT_POSSIBLE:
                return (
                    "Не выйдет: такого платежа нет, или его не хватает на заказ, или за заказ уже "
                    "виден другой платёж."
                )
            case ChoiceFault.NOT_YOURS | ChoiceFault.NO_CUSTOMER:
                return "Не выйдет: неизвестно, чей это платёж."

    # Orders

    def _could_not_be_delivered(self, order_number: int) -> str:
        return f"🛟 Заказ №{order_number} не удалось доставить"

    def _failed_because(self, failure: str | None) -> str:
        return f"Причина: {_FAILURES.get(failure or '', failure or 'неизвестно')}"

    def _goods_were_for(self, order: OrderView) -> str:
        return f"{self._goods(order)} для"

    def _was_paid(self, trx: str, user_id: int | None) -> str:
        if not user_id:
            return f"Оплачено {trx} TRX."
        return f"Оплачено {trx} TRX, клиент {user_id}. Ему сообщили."

    def _where_the_money_is(self, compensation: Compensation | None) -> str:
        return _COMPENSATIONS[compensation]

    # Refunds

    _because = "Причина: "

    def _refund_waits(self, refund_id: int, trx: str) -> str:
        return f"↩️ Возврат {refund_id} ждёт: {trx} TRX"

    def _refund_waits_for(self, reason: RefundWait) -> str:
        return _WAITS[reason]

    _refund_is_sent = "отправлен, сеть подтверждает."
    _refund_is_sent_soon = "уйдёт с минуты на минуту."

    _refunds = "Возвраты"
    _no_refunds = "Сейчас ни одного."
    _refunds_under_way = "Возвраты в работе, старые сверху"

    def _refund_line(self, refund: Refund, place: Text, since: str, state: str) -> Text:
        amount = exact_trx(refund.sent_sun)
        return Text(f"№{refund.id}: {amount} TRX на ", place, f" · {since}: {state}")

    def _send_above_the_cap(self, trx: str) -> str:
        return f"Отправить {trx} TRX, хотя это выше предела?"

    def _refund_is_final(self, refund_id: int) -> str:
        return f"Возврат {refund_id}. Отправленное нельзя вернуть."

    def refund_approved(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ Возврат {refund.id} разрешён: {exact_trx(refund.sent_sun)} TRX"),
            "Он уйдёт, как только позволят дневной лимит и кошелёк: /refunds",
        )

    refund_not_waiting = "Этот возврат больше не ждёт вашего слова: /refunds"

    # Alarms

    def _payment_left(self, trx: str) -> str:
        return f"⚠️ Подтверждённый платёж исчез из сети: {trx} TRX"

    _nothing_is_sent_for_it = (
        "Пока он не вернётся или не станет ясно, что не вернётся, за него ничего не шлём."
    )

    def _payment_left_for_good(self, trx: str) -> str:
        return f"🚨 Платёж исчез из сети навсегда: {trx} TRX"

    def _given_is_lost(self, trx: str) -> str:
        return f"Что за него уже отдано, потеряно: {trx} TRX."

    _nothing_is_lost = "За него ещё ничего не отдано, потерь нет."

    _somebody_uses_a_key = "🚨 Кто-то другой пользуется ключом магазина"
    _take_its_permission = (
        "Транзакция подписана этим ключом, но не этой программой. Если это не вы: сразу отзовите "
        "разрешение ключа от имени владельца аккаунта и уведите деньги."
    )
    _account = "Аккаунт "

    _books_differ = "🚨 Учёт расходится с сетью"

    def _and_more(self, left_out: int) -> str:
        return f"… и ещё {left_out}."

    _the_whole_of_it = "Вся сверка: "

    # Пулы

    _pool = "Пул "
    _pool_is_out = "⚠️ Пул не работает: из него ничего не продаётся"
    _the_others_go_on = (
        "Текущие аренды продолжаются, остальные пулы продают. Он вернётся сам, как только это "
        "исправят."
    )

    def _key_is_missing(self, key: Text) -> Text:
        return Text("У программы нет его ключа ", key, ": energy-flash keys add")

    _no_such_account = "Такого аккаунта в сети нет. Верен ли адрес?"

    def _may_not_delegate(self, permission: str, key: Text) -> Text:
        return Text(
            f"Разрешение {permission} больше не даёт ключу ",
            key,
            " делегировать. Вы его отозвали? Выдайте снова.",
        )

    _delegations_refused = (
        "Сеть отклонила его последние делегирования. Пробуем снова каждую минуту."
    )
    _no_bandwidth_to_delegate = (
        "Ему не хватает ни bandwidth, ни TRX на две транзакции. Пришлите ему немного TRX или "
        "застейкайте их ради bandwidth."
    )
    _stake_does_not_come_back = "⚠️ Пул не может вернуть свой стейк"

    def _rentals_wait(self, rentals: int) -> str:
        return (
            f"Ждут возврата: {self._count(rentals, _ENDED_RENTAL)}. Их энергия пока не продаётся."
        )

    _no_bandwidth_to_reclaim = (
        "Ему не хватает ни bandwidth, ни TRX на транзакцию. Пришлите ему немного TRX "
        "или застейкайте их ради bandwidth."
    )
    _key_not_accepted = (
        "Сеть не принимает ключ пула. Верните ключу разрешение; чего не хватает, скажет команда:"
    )
    _reclaimed_by_itself = (
        "Я сам попробую снова, не позже чем через четверть часа, и больше не напишу, когда "
        "получится."
    )

    # The overview

    _operator = "Оператор"
    _all_messages_out = "Все сообщения отправлены."

    def _messages_wait(self, messages: int) -> str:
        return f"Ждут отправки: {self._count(messages, _MESSAGE)}."

    _no_payment_held = "Платежей, которые ждут решения, нет."

    def _payments_held(self, payments: int, trx: str) -> str:
        return f"Ждут решения платежей: {self.number(payments)}, всего {trx} TRX. Последние:"

    def _held_payment(self, payment_id: int, trx: str, time: str, reason: str) -> str:
        return f"№{payment_id}: {trx} TRX, {time}: {reason}"

    _more_for_the_operator = (
        "Новые ожидающие платежи и невыполненные заказы приходят сюда сами.",
        "/find  заказ по любой примете",
        "/refunds  возвраты в работе",
        "/assign  отдать ожидающий платёж заказу",
        "/keep  ожидающий платёж — ваши деньги",
    )
