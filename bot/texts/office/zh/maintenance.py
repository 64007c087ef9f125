"""Chinese: maintenance."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.office.maintenance import MaintenanceTexts
from bot.texts.zh_words import ChineseWords
from services.customers import Language


class ChineseMaintenance(ChineseWords, MaintenanceTexts):
    """New orders stopped, and let in again."""

    stop_orders_button = "暂停新订单"
    take_orders_button = "恢复接单"

    _language_names: ClassVar = {
        Language.ZH: "中文",
        Language.EN: "英文",
        Language.RU: "俄文",
    }
    _orders_are_taken = "正常接受新订单。"

    def _no_orders_since(self, since: Text, by: int | None) -> Text:
        return Text("🛠 从 ", since, f" 起暂停新订单，操作人 {by}。")

    def _goes_on(self, unpaid: int, paid: int) -> str:
        return f"{unpaid} 个未付款的订单仍可付款，{paid} 个已付款的订单照常送达。"

    _unasked_is_held = "没有订单的 TRX 会先保留，等付款人决定。"
    _customers_read = "客户在此期间看到："
    _usual_words = "默认说明"

    def _write_in(self, language: str) -> str:
        return f"填写{language}说明"

    def _usual_in(self, language: str) -> str:
        return f"{language}用默认说明"

    def _what_to_say(self, language: str, longest: int) -> str:
        return f"请写出客户会看到的{language}说明，最多 {longest} 个字符。"

    def _too_long(self, longest: int) -> str:
        return f"超过了 {longest} 个字符，请写短一些。"

    _nobody_can_order = "从现在起，谁都不能下新订单。"
    _everybody_can_order = "客户马上可以重新下单。"

    def _will_read(self, language: str) -> str:
        return f"客户会看到这段{language}说明："

    def _will_read_the_usual(self, language: str) -> str:
        return f"客户会看到{language}的默认说明。"
