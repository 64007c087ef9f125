"""简体中文：各处文案共用的部分。"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from bot.texts.figures import days_hours_minutes
from bot.texts.notation import Notation
from services.customers import Language
from services.order_views import OrderView, Origin


class ChineseWords(Notation):
    """中文的时间、金额与商品。"""

    language = Language.ZH
    language_name = "中文"
    _transaction = "交易"
    proof_labels = ("付款", "发能量", "收回")
    after_sentence: ClassVar[str] = ""
    comma: ClassVar[str] = "，"
    brackets: ClassVar[tuple[str, str]] = ("（", "）")
    colon: ClassVar[str] = "："

    def duration(self, length: timedelta) -> str:
        days, hours, minutes = days_hours_minutes(length)
        units = ((days, "天"), (hours, "小时"), (minutes, "分钟"))
        return " ".join(f"{count} {unit}" for count, unit in units if count)

    def day(self, moment: datetime) -> str:
        return f"{moment.month}月{moment.day}日"

    def date(self, moment: datetime) -> str:
        return f"{moment.year}年{self.day(moment)}"

    def _order_first(self, number: int) -> str:
        return f"订单 #{number}"

    def _order(self, number: int) -> str:
        return f"订单 #{number}"

    def _goods(self, order: OrderView) -> str:
        if order.origin is Origin.EXTENSION:
            return (
                f"订单 #{order.extends_number} 延长 {self.duration(order.duration)}"
                f"（{self.number(order.energy)} 能量）"
            )
        return (
            f"{self.number(order.energy)} 能量（{self.number(order.transfers)} 笔，"
            f"{self.duration(order.duration)}）"
        )

    @staticmethod
    def _to(order: OrderView) -> str:
        """地址前的词：延长不会再发能量。"""
        return "地址" if order.origin is Origin.EXTENSION else "发到"
