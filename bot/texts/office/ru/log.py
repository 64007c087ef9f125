"""Russian: the log."""

from __future__ import annotations

from bot.texts.office.log import LogTexts
from bot.texts.ru_words import RussianWords


class RussianLog(RussianWords, LogTexts):
    """Who did what."""

    newest_button = "« Новые"
    older_button = "Старее ›"
    by_person_button = "Один человек"
    by_subject_button = "Одна вещь"
    everything_button = "Весь журнал"

    _log = "Журнал, сначала новое"
    _nothing_yet = "Здесь пока ничего нет."

    def _of_person(self, actor_id: int) -> str:
        return f"Только то, что сделал {actor_id}."

    def _about(self, subject: str) -> str:
        return f"Только про {subject}."

    _program = "программа"
    _whose = "Чьи записи? Выберите сотрудника или напишите любой Telegram id."
    _about_what = "Про что? Напишите, как оно у вас есть: order 1001, адрес, настройка."

    def _nobody_did(self, words: str) -> str:
        return f"Про «{words}» в журнале ничего нет. Напишите другое или вернитесь."

    _which_subject = "Так называется не одно. Что именно?"
    _why = "Почему: "
    _changed = "Было → стало"

    def _more_changes(self, left_out: int) -> str:
        return f"… и ещё {left_out}"
