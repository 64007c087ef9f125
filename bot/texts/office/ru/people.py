"""Russian: people."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.people import PeopleTexts
from bot.texts.ru_words import RussianWords
from services.customers import Language
from services.order_views import Stage
from services.people import Bound, Person

_UNPAID = ("неоплаченный заказ", "неоплаченных заказа", "неоплаченных заказов")


class RussianPeople(RussianWords, PeopleTexts):
    """Finding people, their card, and what is done about them."""

    adjust_button = "Изменить баланс"
    ban_button = "Заблокировать"
    unban_button = "Снять блокировку"
    note_button = "Заметка"
    orders_button = "Все заказы"
    cannot_ban_staff = "Это сотрудник магазина. Сначала уберите его роль в настройках."
    nobody_like_that = "Таких людей бот ещё не встречал."
    _ask = (
        "Кого вы ищете?",
        "Пришлите Telegram ID, @username, имя, адрес TRON или номер заказа.",
    )
    _found = "Кого вы имеете в виду?"
    _more = "… и другие. По username или id найдётся один человек."
    _languages: ClassVar = {
        Language.ZH: "китайский",
        Language.EN: "английский",
        Language.RU: "русский",
    }
    _stages: ClassVar = {
        Stage.AWAITING: "ждёт оплаты",
        Stage.UNDERPAID: "оплачен частично",
        Stage.SEEN: "платёж замечен",
        Stage.PAID: "оплачен",
        Stage.DELIVERED: "доставлен",
        Stage.ENDED: "завершён",
        Stage.EXPIRED: "истёк",
        Stage.CANCELLED: "отменён",
        Stage.FAILED: "не доставлен",
    }
    _bounds: ClassVar = {Bound.DAY: "Заказов в день", Bound.OPEN: "Неоплаченных сразу"}
    _bound_buttons: ClassVar = {Bound.DAY: "Заказов в день…", Bound.OPEN: "Неоплаченных…"}
    _language = "Язык"
    _since = "С нами с"
    _seen = "Был здесь"
    _blocked = "Остановил бота"
    _banned = "Заблокирован"
    _because = "Почему"
    _note = "Заметка"
    _balance = "Баланс, TRX"
    _spent = "Потратил"
    _orders = "Заказов"
    _latest = "Последние заказы"
    _addresses = "Адреса"
    _proved = "подтверждён"
    _paid_from = "Платил с адресов"
    _own_bounds = "Свои лимиты"
    _no_orders = "Заказов ещё не было."
    _ask_amount = (
        "На сколько меняется баланс?",
        "Пришлите TRX со знаком, например +5 или -0.25: после точки до шести цифр.",
    )
    _amount_unclear = "Не вижу здесь суммы."
    _not_below_zero = "Баланс не опускается ниже нуля."
    _ask_note = "Что нужно знать сотрудникам? Пришлите -, чтобы убрать заметку."
    _note_taken_away = "Заметка будет убрана."
    _ask_bound: ClassVar = {
        Bound.DAY: "Сколько заказов в день? Пришлите -, чтобы лимит был общим.",
        Bound.OPEN: "Сколько неоплаченных заказов сразу? Пришлите -, чтобы лимит был общим.",
    }
    _bound_unclear = "Пришлите целое число от 0 до 1 000 000 или - для общего лимита."
    _everybodys = "как у всех"
    _note_will_be = "Заметка будет такой:"
    _will_hear = "Это записывается на деньги владельца, и клиент об этом узнает."
    _ban_means = (
        "Новых заказов и кнопок у этого человека не будет.",
        "Деньги без заказа будут ждать вашего решения.",
    )
    _unban_means = "Этот человек снова сможет заказывать."

    def _counts(self, person: Person) -> str:
        return (
            f"{self.number(person.orders)}, из них доставлено {self.number(person.delivered)}, "
            f"в работе {self.number(person.under_way)}, не оплачено {self.number(person.waiting)}"
        )

    def _banned_by(self, actor_id: int) -> str:
        return f"кто: {actor_id}"

    def _orders_of(self, name: str, page: int, pages: int) -> str:
        return f"Заказы: {name}" + (f", страница {page} из {pages}" if pages > 1 else "")

    def _balance_becomes(self, before: str, after: str) -> str:
        return f"Баланс: было {before}, станет {after} TRX."

    def _goes_on(self, waiting: int, under_way: int) -> str:
        return (
            f"Начатое продолжается: {self._count(waiting, _UNPAID)}, "
            f"в работе {self.number(under_way)}."
        )

    def _bound_becomes(self, bound: str, before: str, after: str) -> str:
        return f"{bound}: {before} → {after}"
