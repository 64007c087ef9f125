"""Russian: risk."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.office.risk import RiskTexts
from bot.texts.ru_words import RussianWords
from services.risk import Outcome, RiskReason


class RussianRisk(RussianWords, RiskTexts):
    """The rules, orders that wait, and whom nothing is sold to."""

    allow_button = "Доставить"
    refuse_button = "Отклонить"
    list_somebody_button = "Найти или внести в чёрный список"
    unlist_button = "Убрать из чёрного списка"
    whom_unclear = "Здесь нет ни адреса TRON, ни Telegram ID. Пришлите что-то из этого."

    _rules = "Правила (config.toml, [risk])"
    reasons: ClassVar = {
        RiskReason.ADDRESS_LISTED: "адрес в чёрном списке",
        RiskReason.USER_LISTED: "клиент в чёрном списке",
        RiskReason.USER_HOUR: "много заказов клиента за час",
        RiskReason.USER_DAY: "много заказов клиента за день",
        RiskReason.ADDRESS_HOUR: "много заказов для одного адреса за час",
        RiskReason.ADDRESS_DAY: "много заказов для одного адреса за день",
        RiskReason.ORDER_SIZE: "большой заказ",
        RiskReason.FRESH_AND_BIG: "большой для нового клиента",
        RiskReason.NO_TOKENS: "в кошельке нет этого токена",
        RiskReason.FROM_EXCHANGE: "заплатила биржа",
        RiskReason.FROM_CONTRACT: "заплатил смарт-контракт",
        RiskReason.UNDONE: "много отмен и возвратов за месяц",
    }
    _outcomes: ClassVar = {
        Outcome.ALLOW: "пропустить",
        Outcome.ASK: "спросить вас",
        Outcome.REFUSE: "отклонить",
    }

    def _more_than(self, threshold: str) -> str:
        return f"больше {threshold}"

    def _of_at_least(self, orders: int) -> str:
        return f"если заказов не меньше {orders}"

    def _before(self, orders: int) -> str:
        return f"пока доставлено меньше {orders}"

    _orders_wait = "Заказы, которые ждут вашего слова"
    _no_order_waits = "Ни один заказ не ждёт вашего слова."
    _blacklist = "Чёрный список"
    _nobody_listed = "В нём никого нет."

    def _and_more(self, left_out: int) -> str:
        return f"… и ещё {left_out}"

    def _user(self, user_id: int) -> str:
        return f"клиент {user_id}"

    def _waits_for_you(self, number: int) -> str:
        return f"🔎 Заказ №{number} оплачен и ждёт вашего слова."

    _decided: ClassVar = {"allowed": "его можно доставить.", "refused": "он отклонён."}
    _because_of = "Почему он остановлен:"

    def _paid_by(self, trx: str, user_id: int | None) -> str:
        return f"{trx} TRX, {'клиент неизвестен' if user_id is None else self._user(user_id)}"

    def _only_until(self, moment: Text) -> Text:
        return Text(
            "Его аренда заканчивается ",
            moment,
            ". Если до тех пор никто не разрешит, деньги вернутся.",
        )

    def _listed_by(self, by: int) -> str:
        return f"Внёс {by}"

    _whom = "Кого? Пришлите адрес TRON или Telegram ID клиента."

    def _nothing_sold_to(self, whom: Text) -> Text:
        return Text("Больше ничего не продаём: ", whom, ". Оплаченное выполняется.")

    def _sold_again_to(self, whom: Text) -> Text:
        return Text("Снова продаём энергию: ", whom, ".")

    def _delivered_now(self, energy: str) -> str:
        return f"{energy} энергии сразу отправятся на адрес"

    def _money_goes_back(self, trx: str) -> str:
        return (
            f"Заказ не доставляется. Его {trx} TRX идут туда же, куда деньги невыполненных "
            "заказов, и клиент об этом узнает."
        )
