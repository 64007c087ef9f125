"""Chinese: doors, reasons, confirmations."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.common import CommonTexts
from bot.texts.zh_words import ChineseWords
from services.acts import ActFault


class ChineseCommon(ChineseWords, CommonTexts):
    """What all areas say."""

    back_button = "‹ 返回"
    never_mind_button = "算了"
    no_reason_button = "无需理由"
    do_it_button = "确认执行"
    commands = (
        ("admin", "店铺概况"),
        ("alerts", "当前告警"),
        ("find", "查找订单"),
        ("held", "等待处理的付款"),
        ("refunds", "正在退回的款项"),
        ("pools", "能量池：空闲、已借出、故障"),
        ("addpool", "添加能量池"),
        ("prices", "价格：现价、计划、历史"),
        ("user", "查找用户"),
        ("broadcast", "群发消息"),
        ("report", "日报、周报、月报"),
        ("maintenance", "暂停和恢复接单"),
        ("risk", "风控规则和待审订单"),
        ("settings", "运行中可改的设置"),
        ("log", "操作日志"),
    )
    _rooms: ClassVar = {
        "orders": "订单",
        "held": "待处理付款",
        "refunds": "退款",
        "pools": "能量池",
        "prices": "价格",
        "users": "用户",
        "broadcast": "群发",
        "maintenance": "维护",
        "risk": "风控",
        "settings": "设置",
        "log": "日志",
        "alerts": "告警",
        "reports": "报表",
    }
    _why = "为什么？写几个字即可，会记入日志。"
    _because = "理由："
    _left = "什么都没有做。"
    _refused: ClassVar = {
        ActFault.NOT_ALLOWED: "您的角色无权这样做，此次操作已记录。",
        ActFault.GONE: "这个问题已处理过或已过期。什么都没有做，请重新开始。",
        ActFault.NO_REASON: "这需要填写理由。什么都没有做。",
    }
