"""English: maintenance."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.en_words import EnglishWords, count_of
from bot.texts.office.maintenance import MaintenanceTexts
from services.customers import Language


class EnglishMaintenance(EnglishWords, MaintenanceTexts):
    """New orders stopped, and let in again."""

    stop_orders_button = "Stop new orders"
    take_orders_button = "Take orders again"

    _language_names: ClassVar = {
        Language.ZH: "Chinese",
        Language.EN: "English",
        Language.RU: "Russian",
    }
    _orders_are_taken = "New orders are taken."

    def _no_orders_since(self, since: Text, by: int | None) -> Text:
        return Text("🛠 No new orders since ", since, f". Stopped by {by}.")

    def _goes_on(self, unpaid: int, paid: int) -> str:
        return (
            f"{count_of(unpaid, 'unpaid order')} can still be paid, "
            f"{count_of(paid, 'paid order')} will be delivered."
        )

    _unasked_is_held = "TRX that comes without an order is held for its sender's word."
    _customers_read = "What customers read meanwhile:"
    _usual_words = "the usual words"

    def _write_in(self, language: str) -> str:
        return f"Write it in {language}"

    def _usual_in(self, language: str) -> str:
        return f"Usual words in {language}"

    def _what_to_say(self, language: str, longest: int) -> str:
        return (
            f"What should customers read in {language}? Write it as they will read it, "
            f"in at most {longest} characters."
        )

    def _too_long(self, longest: int) -> str:
        return f"That is longer than {longest} characters. Please write it shorter."

    _nobody_can_order = "Nobody can order any more from now on."
    _everybody_can_order = "Customers can order again at once."

    def _will_read(self, language: str) -> str:
        return f"Customers will read in {language}:"

    def _will_read_the_usual(self, language: str) -> str:
        return f"Customers will read the usual words in {language}."
