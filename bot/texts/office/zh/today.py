"""Chinese: the card of today."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.today import TodayTexts
from bot.texts.zh_words import ChineseWords
from services.figures import Wrong


class ChineseToday(ChineseWords, TodayTexts):
    """How the shop is doing."""

    refresh_button = "🔄 刷新"
    colon: ClassVar[str] = "："
    _units: ClassVar = ("小时", "分", "秒")
    _well = "一切正常"
    _look_at = "请留意"
    _wrong: ClassVar = {
        Wrong.NODES_SILENT: "没有 TRON 节点响应",
        Wrong.SCANNER_BEHIND: "扫描落后于区块链",
        Wrong.POOLS_OUT: "无法出售的能量池",
        Wrong.ALERTS_OPEN: "未处理的告警",
        Wrong.PAYMENTS_HELD: "等待决定的付款",
        Wrong.REFUNDS_WAIT: "尚未发出的退款",
        Wrong.NOTICES_LATE: "等待过久的消息",
    }
    _states: ClassVar = {
        "pending": "待付款",
        "paid": "已付款",
        "processing": "发送中",
        "completed": "已完成",
        "failed": "失败",
        "expired": "已过期",
        "cancelled": "已取消",
    }
    _today = "今天"
    _now = "现在"
    _orders = "订单"
    _revenue = "收入"
    _success = "已付款订单的送达率"
    _delivery = "付款到收到能量"
    _half = "中位数 "
    _most = "95% 不超过 "
    _free_energy = "可用能量"
    _one_order = "单笔订单最多"
    _wallet = "退款钱包"
    _no_wallet = "未设置，需手动退款"
    _scanner = "落后于区块链"
    _blocks = "区块"
    _held = "待处理付款"
    _refunds = "待发退款"
    _messages = "待发消息"
    _alerts = "未处理告警"
    _silent = "没有节点响应"
    _unread = "尚未读取任何区块。"
