"""Русский: баланс, платежи, которые ждут решения, возвраты."""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.money_card import MoneyCard
from bot.texts.notation import lines
from bot.texts.ru_words import TRANSFER, RussianWords
from chain.addresses import Address
from services.refunds import Refund, RefundFault, RefundWait

_WHY = {
    "ambiguous": "У вас несколько открытых заказов, и сумма точно не подходит ни к одному.",
    "late": "Платёж пришёл, когда время на оплату уже вышло.",
    "cancelled": "Заказ к тому времени был отменён.",
    "paid_twice": "Заказ к тому времени был оплачен.",
    "underpaid": "Это меньше, чем стоит заказ.",
    "order_closed": "Заказ уже закрыт.",
    "by_contract": "Деньги прислал смарт-контракт, а контракту энергия ни к чему.",
    "sender_is_exchange": "Деньги пришли с биржи, энергия там пропала бы.",
    "sender_cannot_receive": "Адрес отправителя не может принять энергию.",
    "sender_frozen": "Эмитент USDT заморозил этот кошелёк: энергия ему не пригодится.",
    "wrong_address": "Деньги пришли на адрес, где заказы не оплачивают.",
    "undeliverable": "Энергию доставить не удалось.",
    "no_energy": "Свободной энергии не было.",
    "too_often": "Слишком много аренд для этого кошелька за час.",
    "maintenance": "Когда деньги пришли, магазин не принимал новых заказов.",
    "declined": "Магазин не смог принять это как заказ.",
    "too_little": "На один перевод этого не хватает.",
    "banned": "Этот аккаунт больше не может арендовать.",
}
_WAITS = {
    RefundWait.NO_WALLET: "оператор отправит вручную",
    RefundWait.OVER_CAP: "сумма большая, сначала посмотрит оператор",
    RefundWait.DAILY_CAP: "дневной лимит исчерпан, отправим завтра",
    RefundWait.WALLET_EMPTY: "оператор пополнит кошелёк для возвратов",
    RefundWait.REFUSED: "сеть не приняла перевод, отправляем ещё раз",
    RefundWait.EXPIRED: "сеть не успела принять перевод, отправляем ещё раз",
}
_MOVEMENTS = {
    "paid": "переплата",
    "assigned": "остаток",
    "released": "платёж оставлен",
    "credited": "платёж оставлен",
    "prepaid": "оплата с баланса",
    "undeliverable": "энергия не доставлена",
    "refund": "вывод",
    "claimed": "с подтверждённого адреса",
    "left the chain": "платёж исчез из сети",
    "ended_early": "аренда закончена досрочно",
    "adjusted": "изменено магазином",
}


class RussianMoney(RussianWords, MoneyCard):
    """Что клиенты читают о деньгах, которые лежат у нас."""

    # Buttons

    balance_button = "Баланс"
    pay_out_button = "Вывести…"
    prove_button = "Подтвердить адрес"
    copy_proof_button = "Скопировать текст"
    keep_button = "Оставить на балансе"

    def pay_from_balance_button(self, sun: int) -> str:
        return f"Оплатить с баланса ({self.price(sun)})"

    def deliver_less_button(self, transfers: int) -> str:
        return f"Энергия на {self._count(transfers, TRANSFER)}"

    def send_back_button(self, sent_sun: int) -> str:
        return f"Вернуть {self.down_trx(sent_sun)}"

    def pay_out_now_button(self, sun: int) -> str:
        return f"Да, вывести {exact_trx(sun)} TRX"

    # Toasts

    balance_too_small = "На балансе уже нет такой суммы. С него ничего не списано."
    payment_being_confirmed = (
        "Платёж за этот заказ как раз подтверждается. Посмотрите через несколько секунд."
    )
    paid_from_balance = "Оплачено с баланса."
    choice_unknown = "Среди ваших платежей такого нет. Ваши деньги здесь: /balance"
    choice_not_possible = "Так уже не получится. Вот что можно сделать."
    choice_not_now = "Сеть ещё решает судьбу этого платежа. Нажмите через несколько минут."
    balance_has_changed = "Баланс изменился. Вот каков он сейчас."

    # A payment that pays no order

    def _your_trx_are_safe(self, trx: str) -> str:
        return f"🛟 Ваши {trx} TRX в безопасности."

    def _why_held(self, reason: str) -> str:
        return _WHY.get(reason, "Такой суммы не ждёт ни один заказ.")

    _what_shall_i_do = "Что с ними сделать?"

    def _way_to_deliver(self, transfers: int) -> str:
        return (
            f"• Доставить: сразу энергия на {self._count(transfers, TRANSFER)}, остаток на баланс."
        )

    _way_to_keep = "• Оставить здесь: следующий заказ оплатится сразу."

    def _way_back(self, trx: str, sender: Text, fee: str) -> Text:
        return Text(f"• Вернуть: {trx} TRX на ", sender, f"; {fee} TRX уйдут на комиссию сети.")

    def _kept_by_itself(self, until: Text) -> Text:
        return Text("Если до ", until, " вы не ответите, деньги останутся на балансе.")

    _is_credited = ("✅ Деньги на балансе.", "Следующий заказ оплатится сразу: /balance")
    _is_refunded_now = ("✅ Деньги возвращаются.", "Я напишу, когда они придут.")
    _is_refunded = "✅ Деньги возвращены."
    _pays_for_energy = ("✅ Деньги пошли на энергию.", "У заказа есть своя карточка: /orders")
    _is_taken_back = (
        "Сеть отменила этот платёж.",
        "TRX остались в кошельке, с которого вы платили.",
    )

    def _is_on_your_balance(self, trx: str) -> str:
        return f"💰 {trx} TRX на вашем балансе."

    def _why_credited(self, reason: str) -> str:
        return _WHY.get(reason, "Такой суммы не ждал ни один заказ.")

    _pays_the_next_order = "Ими можно сразу оплатить следующий заказ или вывести их: /balance"

    # Refunds

    def _goes_back_later(self, place: Text) -> Text:
        return Text("Они вернутся на ", place, ", но не сразу:")

    def _nothing_to_do_meanwhile(self, wait: str) -> str:
        return f"{wait}. Вам ничего делать не нужно, я напишу."

    def _was_sent_to_you(self, trx: str) -> str:
        return f"✅ Вам отправлено {trx} TRX."

    _money_is_at = "Они на "

    def _waits_for(self, reason: RefundWait) -> str:
        return _WAITS[reason]

    _sent_being_confirmed = "отправлено, сеть подтверждает"
    _sent_in_a_moment = "отправим с минуты на минуту"

    # The balance

    def _adjusted(self, change: str) -> str:
        return f"💰 Магазин изменил ваш баланс на {change} TRX."

    def _now_holds(self, trx: str) -> str:
        return f"Теперь на нём {trx} TRX: /balance"

    _webhook_is_off = "🔌 Ваш вебхук выключен"
    _webhook_said_gone = "Его сервер ответил 410: события ему больше не нужны."
    _webhook_took_nothing = "Его сервер несколько дней не принимал события."
    _webhook_on_again = (
        "Когда он снова ответит, включите вебхук через API: всё, что ждало, будет отправлено."
    )

    _your_balance = "💰 Ваш баланс: "
    _balance_pays = "Им можно сразу оплатить заказ, без перевода."
    _what_is_kept_here = (
        "Переплата и деньги, которые не подошли ни к одному заказу, хранятся здесь."
    )
    _lately = "Последнее"
    _on_its_way_to_you = "В пути к вам"

    def _under_way(self, trx: str, place: Text, wait: str) -> Text:
        return Text(f"{trx} TRX на ", place, f": {wait}")

    def _moved_by(self, event: str) -> str:
        return _MOVEMENTS.get(event, event)

    # Paying out

    def pay_out_places(self, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"Куда отправить ваши {exact_trx(sun)} TRX?"),
            f"Выводится весь баланс, {exact_trx(fee_sun)} TRX уйдут на комиссию сети.",
            "",
            Text("⚠️ ", Bold("Никогда не на биржу:"), " там такой перевод могут не зачислить."),
            "Это адреса, которые вы подтвердили или с которых платили.",
        )

    def no_place_to_pay_out(self) -> Text:
        return lines(
            Bold("Какой кошелёк ваш?"),
            "Я отправляю деньги только на адреса, которые вы подтвердили или с которых платили.",
            "Подтвердите один: это займёт минуту.",
        )

    def too_little_to_pay_out(self, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"На балансе {exact_trx(sun)} TRX."),
            f"Комиссия сети за вывод — {exact_trx(fee_sun)} TRX, так что ничего бы не дошло. "
            "Платить с баланса по-прежнему можно.",
        )

    def pay_out_confirm(self, to: Address, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"Вывести {exact_trx(sun)} TRX?"),
            f"{exact_trx(sun - fee_sun)} TRX придут на",
            self.address(to),
            f"{exact_trx(fee_sun)} TRX уйдут на комиссию сети. На балансе останется 0. "
            "Отправленное нельзя вернуть.",
        )

    def pay_out_done(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ {exact_trx(refund.sent_sun)} TRX в пути."),
            "На",
            self.address(refund.to),
            "Я напишу, когда они придут. Это займёт около минуты.",
        )

    def pay_out_refused(self, fault: RefundFault) -> str:
        match fault:
            case RefundFault.NOT_ENOUGH:
                return self.balance_has_changed
            case RefundFault.TOO_LITTLE:
                return "Это меньше комиссии сети, так что ничего бы не дошло."
            case RefundFault.ADDRESS_NOT_PROVED:
                return (
                    "Вывести можно только на адрес, который вы подтвердили или с которого платили."
                )

    # Proving an address

    def ask_proved_address(self, *, has_saved: bool) -> Text:
        return lines(
            Bold("Какой адрес ваш?"),
            "Пришлите его или нажмите на один из них." if has_saved else "Пришлите его.",
            "Вы подпишете его кошельком короткий текст. После этого его платежи будут считаться "
            "вашими, а то, что от них осталось здесь, перейдёт на ваш баланс. Это бесплатно.",
        )

    def ask_signature(self, address: Address, proof: str) -> Text:
        return lines(
            Bold("Подпишите ровно этот текст"),
            self.copied(proof),
            "",
            Text("кошельком ", self.address_link(address), " и пришлите подпись сюда."),
            "TronLink подписывает по просьбе страницы (signMessageV2): откройте в его браузере ту, "
            "которой доверяете, вставьте текст, подпишите и скопируйте результат, он начинается "
            "с 0x.",
            "",
            "Подпись не двигает денег. Приватный ключ и сид-фраза мне не нужны никогда.",
        )

    def signature_missing(self) -> Text:
        return lines(
            Bold("Подписи здесь не видно."),
            "Она начинается с 0x, дальше 130 символов (0–9, a–f). Пришлите её целиком.",
        )

    def not_proved(self, address: Address) -> Text:
        return lines(
            Bold("Эта подпись не подходит."),
            Text("Подписан другой текст, или не кошельком ", self.address_link(address), "."),
            "Скопируйте текст выше как есть, подпишите тем кошельком и пришлите результат.",
        )

    def address_of_another(self, address: Address) -> Text:
        return lines(
            Bold("Этот адрес уже подтвердил кто-то другой."),
            self.address(address),
            "Если он только ваш, ключ может знать кто-то ещё: переведите деньги на новый кошелёк.",
        )

    def proved(self, address: Address, claimed_sun: int) -> Text:
        return lines(
            Bold("✅ Подтверждено: этот адрес ваш."),
            self.address(address),
            f"{exact_trx(claimed_sun)} TRX, которые от него остались, теперь на вашем балансе."
            if claimed_sun
            else "Теперь его платежи считаются вашими.",
        )
