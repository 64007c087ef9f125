"""Chinese: reports."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.reports import ReportTexts
from bot.texts.zh_words import ChineseWords
from services.exports import Book
from services.reports import Target
from services.spans import SpanKind


class ChineseReports(ChineseWords, ReportTexts):
    """What a day, a week or a month brought."""

    earlier_button = "‹ 更早"
    later_button = "更晚 ›"
    colon: ClassVar[str] = "："
    _units: ClassVar = ("小时", "分", "秒")
    _span_buttons: ClassVar = {
        SpanKind.DAY: "日",
        SpanKind.WEEK: "周",
        SpanKind.MONTH: "月",
    }
    _books: ClassVar = {
        Book.ORDERS: "订单",
        Book.PAYMENTS: "付款",
        Book.LEDGER: "账本",
    }
    _titles: ClassVar = {
        SpanKind.DAY: "日报",
        SpanKind.WEEK: "周报",
        SpanKind.MONTH: "月报",
    }
    _targets: ClassVar = {
        Target.SUCCESS: "送达率（目标 95% 以上）",
        Target.CONFIRMATION: "付款确认（目标 5 分钟内）",
        Target.DELEGATION: "能量发出（目标 30 秒内）",
        Target.AVAILABILITY: "可用率（目标 99.9% 以上）",
    }
    _so_far = " · 截至目前"
    _orders = "订单"
    _placed = "下单"
    _delivered = "送达"
    _delivered_orders = "送达的订单"
    _failed = "失败"
    _revenue = "收入"
    _cost = "成本"
    _burned = "燃烧"
    _of_pools = "能量池"
    _profit = "利润"
    _energy = "售出能量"
    _delegations = "委托"
    _customers = "客户"
    _new = "新客"
    _returning = "老客"
    _pools = "能量池：能量与 TRX"
    _profit_of_pools = "各能量池利润"
    _more = "……还有 {} 个"
    _rows = "行数"
    _nothing = "没有数据"
