"""Russian: broadcasts."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.broadcast import BroadcastTexts
from bot.texts.ru_words import RussianWords
from services.broadcasts import Activity, BroadcastState
from services.customers import Language

_PERSON = ("человек", "человека", "человек")


class RussianBroadcast(RussianWords, BroadcastTexts):
    """Composing a broadcast, how far it is, and the earlier ones."""

    new_button = "Новая рассылка"
    preview_button = "Показать мне ещё раз"
    pause_button = "Пауза"
    go_on_button = "Продолжить"
    cancel_button = "Отменить…"
    not_copied = "Telegram больше не находит это сообщение. Напишите новое."
    not_possible = "Это уже невозможно. Вот как обстоит дело."
    _room = ("📣 Рассылки", "Одно сообщение многим людям, как вы его напишете.")
    _none_yet = "Рассылок ещё не было."
    _ask = (
        "Пришлите сообщение таким, каким оно должно прийти.",
        (
            "Текст, картинка, видео или что угодно: одно сообщение с его оформлением. "
            "Не удаляйте его из этого чата, пока его не получат все."
        ),
    )
    _cannot_copy = "Telegram не даёт переслать такое."
    _draft = ("Выше то, что прочтут люди.", "Кому?")
    _languages: ClassVar = {
        None: "Все языки",
        Language.ZH: "Китайский",
        Language.EN: "Английский",
        Language.RU: "Русский",
    }
    _activities: ClassVar = {
        Activity.ALL: "Все",
        Activity.LATELY: "Были за 30 дней",
        Activity.PAID: "Платили",
        Activity.NEVER_PAID: "Ещё не платили",
    }
    _states: ClassVar = {
        BroadcastState.DRAFT: "черновик",
        BroadcastState.SENDING: "отправляется",
        BroadcastState.PAUSED: "на паузе",
        BroadcastState.CANCELLED: "отменена",
        BroadcastState.DONE: "закончена",
    }
    _for_whom = "Кому"
    _arrived = "Доставлено"
    _blocked = "Остановили бота"
    _undelivered = "Не доставлено"
    _remaining = "Осталось"
    _message_gone = (
        "Сообщения в чате больше нет, отправлять нечего. Отмените эту рассылку и напишите новую."
    )
    _notices_first = "Новости о заказах уходят первыми."

    def send_button(self, people: int) -> str:
        return f"Отправить: {self._people(people)}…"

    def _and_more(self, count: int) -> str:
        return f"… и ещё {self.number(count)}."

    def _people(self, count: int) -> str:
        return self._count(count, _PERSON)

    def _start_means(self, people: int, minutes: int) -> tuple[str, ...]:
        return (
            f"Отправить? Получателей: {self._people(people)}.",
            (
                f"Это займёт около {self._count(minutes, ('минуты', 'минут', 'минут'))}. Можно "
                "поставить на паузу или отменить, но пришедшее не вернуть."
            ),
        )

    def _cancel_means(self, had: int, remaining: int) -> tuple[str, ...]:
        return (
            "Прекратить эту рассылку совсем?",
            (
                f"Получили: {self.number(had)}; не получат: {self.number(remaining)}. "
                "Пока она на паузе."
            ),
        )
