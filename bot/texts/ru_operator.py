"""Русский: для тех, кто держит магазин."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from bot.texts.ru_words import TRANSFER, RussianWords
from services.held import Choice, ChoiceFault, HeldMoney, HeldPayment
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
    "undeliverable": "заказ не удалось выполнить",
    "wrong_address": "деньги пришли на наш адрес, где никто не должен платить",
    "by_contract": "прислал контракт",
    "sender_is_exchange": "деньги с биржи",
    "sender_cannot_receive": "отправитель не может принять энергию",
    "sender_frozen": "эмитент USDT заморозил отправителя, энергия ему ни к чему",
    "too_little": "на один перевод не хватает",
    "no_energy": "энергии не было",
    "too_often": "слишком много аренд для этого адреса за час",
}
_FAILURES = {
    "no_energy": "ни в одном пуле вовремя не нашлось энергии",
    "not_read_back": "энергия отправлена, но у получателя её нет",
    "payment_lost": "платёж исчез из сети",
    "rental_over": "аренда, которую продлевали, уже закончилась",
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


class RussianOperator(RussianWords):
    """Что читает оператор."""

    # Buttons

    credit_button = "На баланс клиента"
    refund_button = "Вернуть отправителю"
    do_it_button = "Да, выполнить"
    all_held_button = "Все отложенные платежи"

    def deliver_button(self, transfers: int) -> str:
        return f"Энергия на {self._count(transfers, TRANSFER)}"

    def look_at_held_button(self, payment: HeldPayment) -> str:
        return f"№{payment.id}: {self.about_trx(payment.amount_sun)}"

    def approve_button(self, refund: Refund) -> str:
        return f"Разрешить №{refund.id}: {self.about_trx(refund.sent_sun)}"

    # Held payments

    def payment_held(self, payment: HeldPayment) -> Text:
        return lines(
            Bold(f"💰 Платёж отложен: {exact_trx(payment.amount_sun)} TRX"),
            f"Почему: {_HELD_REASONS.get(payment.reason, payment.reason)}."
            + (f" Вероятно, за заказ №{payment.order_number}." if payment.order_number else ""),
            Text("От ", self.address(payment.sender)),
            Text("На ", self.address_link(payment.receiver)),
            Text(
                f"{self.day_and_time(payment.time)} UTC · ",
                self.transaction_link("Транзакция", payment.txid),
            ),
            self._whose(payment),
            f"Номер платежа: {payment.id}. В счёт заказа: /assign {payment.id} и номер заказа. "
            f"Ваши собственные деньги: /keep {payment.id}",
        )

    def _whose(self, payment: HeldPayment) -> Text | str:
        if payment.user_id is None:
            return "Чей он, неизвестно; клиентам ничего не сообщалось."
        if payment.choose_until is None:
            return f"Пользователя {payment.user_id}."
        return Text(
            f"Пользователь {payment.user_id} получил вопрос и может ответить до ",
            self.moment(payment.choose_until),
        )

    def held_confirm(self, payment: HeldPayment, choice: Choice) -> Text:
        amount, fee = exact_trx(payment.amount_sun), exact_trx(payment.refund_fee_sun)
        match choice:
            case Choice.CREDIT:
                if payment.user_id is not None:
                    what = f"Зачислить {amount} TRX пользователю {payment.user_id}?"
                    then = Text("Он узнает об этом и сможет ими платить или вывести их.")
                else:
                    what = f"Записать {amount} TRX за адресом отправителя?"
                    then = Text(
                        "Их получит тот, кто подтвердит ", self.address_link(payment.sender)
                    )
            case Choice.REFUND:
                back = exact_trx(payment.amount_sun - payment.refund_fee_sun)
                what = f"Вернуть {back} TRX?"
                then = Text(
                    "На ",
                    self.address_link(payment.sender),
                    f"; {fee} TRX уйдут на комиссию сети. Отправленное нельзя вернуть.",
                )
            case Choice.DELIVER:
                what = f"Доставить энергию на {self._count(payment.transfers, TRANSFER)}?"
                then = Text(f"Из этих {amount} TRX; остаток пойдёт на баланс.")
            case _:
                assert_never(choice)
        return lines(Bold(what), then, f"Номер платежа: {payment.id}. Отменить это нельзя.")

    def held_decided(self, payment: HeldPayment) -> Text:
        done = {
            "held": "Ещё ждёт решения.",
            "credited": "Зачислен на баланс.",
            "refunding": "Возвращается отправителю.",
            "refunded": "Возвращён отправителю.",
            "matched": "Пошёл на заказ.",
            "delivered": "Пошёл на заказ.",
        }
        return lines(
            Bold(f"Платёж {payment.id}: {exact_trx(payment.amount_sun)} TRX"),
            done.get(payment.status, "Исчез из сети."),
            self.transaction_link("Транзакция", payment.txid),
        )

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

    def order_failed(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🛟 Заказ №{order.number} не удалось выполнить"),
            f"Почему: {_FAILURES.get(order.failure or '', order.failure or 'неизвестно')}",
            f"{self._goods(order)} для",
            self.address(order.recipient),
            f"Оплачено {exact_trx(order.amount_sun)} TRX"
            + (f", пользователь {order.user_id}. Клиенту сообщили." if order.user_id else "."),
            _COMPENSATIONS[order.compensation],
            self._proofs(order),
        )

    # Refunds

    def refund_stuck(self, refund: Refund) -> Text:
        return lines(
            Bold(f"↩️ Возврат {refund.id} ждёт: {exact_trx(refund.sent_sun)} TRX"),
            f"Почему: {self._waiting(refund)}",
            Text("На ", self.address(refund.to)),
            f"Пользователя {refund.user_id}." if refund.user_id else None,
        )

    def refunds(self, refunds: Sequence[Refund]) -> Text:
        if not refunds:
            return lines(Bold("Возвраты"), "Сейчас ни одного.")
        return lines(
            Bold("Возвраты в работе, старые сверху"),
            *(
                Text(
                    f"№{refund.id}: {exact_trx(refund.sent_sun)} TRX на ",
                    self.address_link(refund.to),
                    f" · {self.day_and_time(refund.requested_at)} UTC: {self._waiting(refund)}",
                )
                for refund in refunds
            ),
        )

    def _waiting(self, refund: Refund) -> str:
        if refund.waits_for is not None:
            return _WAITS[refund.waits_for]
        return "отправлен, сеть подтверждает." if refund.txid else "уйдёт с минуты на минуту."

    def refund_confirm(self, refund: Refund) -> Text:
        return lines(
            Bold(f"Отправить {exact_trx(refund.sent_sun)} TRX, хотя это выше предела?"),
            Text("На ", self.address(refund.to)),
            f"Возврат {refund.id}. Отправленное нельзя вернуть.",
        )

    def refund_approved(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ Возврат {refund.id} разрешён: {exact_trx(refund.sent_sun)} TRX"),
            "Он уйдёт, как только позволят дневной лимит и кошелёк: /refunds",
        )

    refund_not_waiting = "Этот возврат больше не ждёт вашего слова: /refunds"

    # Alarms

    def payment_lost(self, payment: HeldPayment, lost_sun: int | None) -> Text:
        if lost_sun is None:
            what = f"⚠️ Подтверждённый платёж исчез из сети: {exact_trx(payment.amount_sun)} TRX"
            then = (
                "Пока он не вернётся или не станет ясно, что не вернётся, за него ничего не шлём."
            )
        else:
            what = f"🚨 Платёж исчез из сети навсегда: {exact_trx(payment.amount_sun)} TRX"
            then = (
                f"Что за него уже отдано, потеряно: {exact_trx(lost_sun)} TRX."
                if lost_sun
                else "За него ещё ничего не отдано, потерь нет."
            )
        return lines(
            Bold(what),
            then,
            Text("От ", self.address(payment.sender)),
            Text(
                f"Номер платежа: {payment.id}"
                + (f" · заказ №{payment.order_number} · " if payment.order_number else " · "),
                self.transaction_link("Транзакция", payment.txid),
            ),
        )

    def unknown_transaction(self, details: Mapping[str, Any]) -> Text:
        amount, receiver = details.get("amount_sun"), details.get("receiver")
        return lines(
            Bold("🚨 Ключом магазина пользуется кто-то ещё"),
            "Транзакция подписана этим ключом, но не этой программой. Если это не вы: сразу "
            "отзовите разрешение ключа от имени владельца счёта и уведите деньги.",
            Text("Счёт ", self.address(str(details.get("owner", "?")))),
            f"{details.get('kind', '?')}"
            + (f", {exact_trx(int(amount))} TRX" if amount is not None else ""),
            Text("На ", self.address(str(receiver))) if receiver else None,
            self.transaction_link("Транзакция", str(details.get("txid", ""))),
        )

    def books_differ(self, differences: Sequence[str], count: int) -> Text:
        left_out = count - len(differences)
        return lines(
            Bold("🚨 Книги расходятся с сетью"),
            *differences,
            f"… и ещё {left_out}." if left_out > 0 else None,
            Text("Вся сверка: ", self.copied("energy-flash audit")),
        )

    # Пулы

    def pool_out(self, details: Mapping[str, Any]) -> Text:
        return lines(
            Bold("⚠️ Пул выбыл: из него ничего не продаётся"),
            Text("Пул ", self.address(str(details.get("pool", "?")))),
            self._pool_trouble(details),
            "Текущие аренды продолжаются, остальные пулы продают. Он вернётся сам, когда это "
            "исправлено.",
        )

    def _pool_trouble(self, details: Mapping[str, Any]) -> Text:
        key = self.address(str(details.get("key_address", "?")))
        permission = details.get("permission_id", "?")
        match details.get("trouble"):
            case "no_key":
                return Text("У программы нет его ключа ", key, ": energy-flash keys add")
            case "not_activated":
                return Text("Такого счёта в сети нет. Верен ли адрес?")
            case "no_permission":
                return Text(
                    f"Разрешение {permission} больше не даёт ключу ",
                    key,
                    " делегировать. Вы его отозвали? Выдайте снова.",
                )
            case "failing":
                return Text("Сеть отклонила его последние делегирования. Проба каждую минуту.")
            case "no_bandwidth":
                return Text(
                    "Ему не хватает ни bandwidth, ни TRX на две транзакции. Пришлите ему немного "
                    "TRX или застейкайте их ради bandwidth."
                )
            case other:
                return Text(str(other))

    def pool_well(self, details: Mapping[str, Any]) -> Text:
        return lines(
            Bold("✅ Пул вернулся: снова продаёт"),
            Text("Пул ", self.address(str(details.get("pool", "?")))),
        )

    def reclaims_refused(self, pool: str, rentals: int, *, no_bandwidth: bool) -> Text:
        return lines(
            Bold("⚠️ Пул не может вернуть свой стейк"),
            Text("Пул ", self.address(pool)),
            f"Ждут возврата: {self._count(rentals, _ENDED_RENTAL)}. Их энергия пока не продаётся.",
            "У пула нет ни пропускной способности, ни TRX на транзакцию. Пришлите ему немного TRX "
            "или застейкайте их под пропускную способность."
            if no_bandwidth
            else "Сеть не принимает ключ пула. Верните ключу разрешение; чего не хватает, скажет "
            "команда:",
            None if no_bandwidth else self.copied("energy-flash check"),
            "Я сам попробую снова, не позже чем через четверть часа, и больше не напишу, когда "
            "получится.",
        )

    # The overview

    def admin(self, waiting_notices: int, held: HeldMoney) -> Text:
        return lines(
            Bold("Оператор"),
            "Все сообщения отправлены."
            if waiting_notices == 0
            else f"Ждут отправки: {self._count(waiting_notices, _MESSAGE)}.",
            "Отложенных платежей нет."
            if held.count == 0
            else f"Отложено платежей: {self.number(held.count)}, "
            f"всего {exact_trx(held.total_sun)} TRX. Последние:",
            *(self._held_line(payment) for payment in held.newest),
            "Новые отложенные платежи и невыполненные заказы приходят сюда сами.",
            "/refunds  возвраты в работе",
            "/assign  отдать отложенный платёж заказу",
            "/keep  отложенный платёж — ваши деньги",
        )

    def _held_line(self, payment: HeldPayment) -> Text:
        meant_for = f" (заказ №{payment.order_number})" if payment.order_number else ""
        return Text(
            f"№{payment.id}: {exact_trx(payment.amount_sun)} TRX, "
            f"{self.day_and_time(payment.time)} UTC: "
            f"{_HELD_REASONS.get(payment.reason, payment.reason)}{meant_for} · ",
            self.transaction_link("Транзакция", payment.txid),
        )
