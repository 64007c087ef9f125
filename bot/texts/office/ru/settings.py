"""Russian: settings that may be changed while the shop runs."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.office.settings import SettingsTexts
from bot.texts.ru_words import RussianWords


class RussianSettings(RussianWords, SettingsTexts):
    """The list, one setting, and the question for another value."""

    change_button = "Изменить"
    switch_on_button = "Включить"
    switch_off_button = "Выключить"
    reset_button = "Вернуть значение из файла"
    is_so_already = "Так уже и есть. Ничего не сделано."

    names: ClassVar = {
        "payment.minutes": "Время на оплату",
        "payment.quote_minutes": "Цена держится",
        "payment.grace_minutes": "Отсрочка оплаты",
        "payment.open_orders": "Неоплаченных заказов",
        "payment.tolerance_percent": "Допуск суммы",
        "payment.flash": "Мгновенная аренда",
        "energy.margin_percent": "Запас энергии",
        "energy.early_end_percent": "Возврат за досрочный конец",
        "energy.ending_notice_minutes": "Напоминание о конце",
        "limits.order_energy": "Энергии в заказе",
        "limits.receiver_hour": "Заказов на адрес",
        "limits.user_day": "Заказов у клиента",
        "refunds.per_refund_sun": "Возврат без решения до",
        "refunds.daily_sun": "Возвратов за день",
    }
    _what_it_does: ClassVar = {
        "payment.minutes": "Сколько новый заказ ждёт оплаты.",
        "payment.quote_minutes": "Сколько держится названная цена.",
        "payment.grace_minutes": "Сколько после срока оплаты ещё действует цена заказа.",
        "payment.open_orders": "Сколько неоплаченных заказов может быть у клиента одновременно.",
        "payment.tolerance_percent": "Насколько может отличаться сумма от известного плательщика.",
        "payment.flash": "Становятся ли TRX без заказа энергией для отправителя.",
        "energy.margin_percent": "Что добавляется к энергии, нужной для перевода.",
        "energy.early_end_percent": "Какая доля неиспользованного возвращается; 0: никакая.",
        "energy.ending_notice_minutes": "За сколько до конца предупредить клиента; 0: никогда.",
        "limits.order_energy": "Больше энергии в одном заказе не бывает.",
        "limits.receiver_hour": "Больше заказов за час на один адрес не бывает.",
        "limits.user_day": "Больше заказов за день у одного клиента не бывает.",
        "refunds.per_refund_sun": "Больший возврат ждёт вашего слова.",
        "refunds.daily_sun": "Больше этого за день (UTC) не возвращается.",
    }
    _settings = "Настройки, которые можно менять на ходу"
    _at_once = "Изменение действует сразу, во всех процессах и после перезапуска."
    _changed_mark = " · изменено здесь"
    _on = "включено"
    _off = "выключено"

    def _minutes(self, count: int) -> str:
        return f"{count} мин"

    def _energy(self, energy: str) -> str:
        return f"{energy} энергии"

    def _is_now(self, value: str) -> str:
        return f"Сейчас: {value}"

    def _from_the_file(self) -> str:
        return "Из файла настроек."

    def _changed_by(self, by: int, at: Text, in_file: str) -> Text:
        return Text(f"Изменил здесь {by}, ", at, f". В файле: {in_file}.")

    def _may_be(self, least: str, most: str) -> str:
        return f"Можно от {least} до {most}. Напишите числом."

    _how_much = "Сколько должно быть?"
    _in_trx = "Напишите в TRX."
    _in_minutes = "Напишите в минутах."
    _in_percent = "Напишите в процентах."
    _as_a_number = "Напишите число."
