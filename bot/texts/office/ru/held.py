"""Russian: decisions about held payments."""

from __future__ import annotations

from bot.texts.office.held import HeldTexts
from bot.texts.ru_words import RussianWords


class RussianHeld(RussianWords, HeldTexts):
    """What is asked, and what it means."""

    more_button = "Ещё…"
    assign_button = "Другому заказу…"
    flash_button = "Энергия отправителю"
    credit_sender_button = "Зачислить адресу отправителя"
    credit_other_button = "Зачислить другому…"
    keep_button = "Это мои деньги"
    _which_order = "Какой заказ это оплачивает? Пришлите номер, например 1001."
    _which_user = "Чьи это деньги? Пришлите Telegram ID или @имя."
    _no_such_user = "Магазин не знает никого с таким номером или именем."
    _fits = "Заказы, для которых это могло быть, вероятные первыми:"
    _customer = "Клиент: "

    def _pays(self, order: str, trx: str) -> str:
        return f"Оплатить {order}: {trx}"

    def _assign(self, trx: str, order: str) -> str:
        return f"Оплатить {order} этими {trx} TRX?"

    _assigned_then = "Энергия уйдёт сразу. Лишнее зачислим на баланс клиента этого заказа."

    def _flash(self, trx: str) -> str:
        return f"Превратить {trx} TRX в энергию для отправителя?"

    _flash_then = (
        "Столько целых переводов, на сколько хватит по сегодняшней цене; остаток зачислим "
        "отправителю."
    )

    def _credit_other(self, trx: str, who: str) -> str:
        return f"Зачислить {trx} TRX клиенту {who}?"

    _credit_other_then = "Он узнает об этом и сможет потратить или вывести. Отменить нельзя."

    def _credit_sender(self, trx: str) -> str:
        return f"Зачислить {trx} TRX адресу отправителя?"

    _credit_sender_then = (
        "Деньги получит тот, кто докажет, что адрес его, а не клиент, которого спрашивали раньше."
    )

    def _keep(self, trx: str) -> str:
        return f"Записать {trx} TRX как ваши деньги?"

    _keep_then = "Никто из клиентов за это ничего не получит. Отменить нельзя."
