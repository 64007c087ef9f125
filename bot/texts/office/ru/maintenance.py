"""Russian: maintenance."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.office.maintenance import MaintenanceTexts
from bot.texts.ru_words import RussianWords
from services.customers import Language


class RussianMaintenance(RussianWords, MaintenanceTexts):
    """New orders stopped, and let in again."""

    stop_orders_button = "Остановить новые заказы"
    take_orders_button = "Снова принимать заказы"

    _language_names: ClassVar = {
        Language.ZH: "По-китайски",
        Language.EN: "По-английски",
        Language.RU: "По-русски",
    }
    _orders_are_taken = "Новые заказы принимаются."

    def _no_orders_since(self, since: Text, by: int | None) -> Text:
        return Text("🛠 Новых заказов нет с ", since, f". Остановил {by}.")

    def _goes_on(self, unpaid: int, paid: int) -> str:
        return f"Можно оплатить неоплаченных: {unpaid}. Будет доставлено оплаченных: {paid}."

    _unasked_is_held = "TRX без заказа ждут решения отправителя."
    _customers_read = "Что тем временем читают клиенты:"
    _usual_words = "обычные слова"

    def _write_in(self, language: str) -> str:
        return f"Написать {language.lower()}"

    def _usual_in(self, language: str) -> str:
        return f"Обычные слова {language.lower()}"

    def _what_to_say(self, language: str, longest: int) -> str:
        return (
            f"Что клиенты должны прочитать {language.lower()}? Напишите так, как они это увидят, "
            f"не длиннее {longest} знаков."
        )

    def _too_long(self, longest: int) -> str:
        return f"Это длиннее {longest} знаков. Напишите короче."

    _nobody_can_order = "С этой минуты никто не сможет сделать заказ."
    _everybody_can_order = "Клиенты сразу снова смогут заказывать."

    def _will_read(self, language: str) -> str:
        return f"Клиенты прочитают {language.lower()}:"

    def _will_read_the_usual(self, language: str) -> str:
        return f"Клиенты прочитают {language.lower()} обычные слова."
