"""Chinese: settings that may be changed while the shop runs."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.office.settings import SettingsTexts
from bot.texts.zh_words import ChineseWords


class ChineseSettings(ChineseWords, SettingsTexts):
    """The list, one setting, and the question for another value."""

    change_button = "修改"
    switch_on_button = "开启"
    switch_off_button = "关闭"
    reset_button = "恢复为文件中的值"
    is_so_already = "本来就是这样，什么都没有做。"

    names: ClassVar = {
        "payment.minutes": "付款时间",
        "payment.quote_minutes": "报价有效期",
        "payment.grace_minutes": "付款宽限",
        "payment.open_orders": "未付款订单上限",
        "payment.tolerance_percent": "金额容差",
        "payment.flash": "闪租",
        "energy.margin_percent": "能量余量",
        "energy.early_end_percent": "提前结束返还",
        "energy.ending_notice_minutes": "到期提醒",
        "limits.order_energy": "单笔能量上限",
        "limits.receiver_hour": "地址每小时订单",
        "limits.user_day": "客户每天订单",
        "refunds.per_refund_sun": "自动退款上限",
        "refunds.daily_sun": "每日退款上限",
    }
    _what_it_does: ClassVar = {
        "payment.minutes": "新订单等待付款的时间。",
        "payment.quote_minutes": "报价保持不变的时间。",
        "payment.grace_minutes": "付款时间过后，订单价格仍然有效的时间。",
        "payment.open_orders": "同一客户同时最多有几个未付款订单。",
        "payment.tolerance_percent": "已知付款人的金额可以相差多少。",
        "payment.flash": "没有订单的 TRX 是否自动变成付款人的能量。",
        "energy.margin_percent": "在转账所需能量之上多加多少。",
        "energy.early_end_percent": "未用的能量和时间返还多少；0 表示不提供。",
        "energy.ending_notice_minutes": "到期前多久提醒客户还有能量未用；0 表示不提醒。",
        "limits.order_energy": "一个订单最多多少能量。",
        "limits.receiver_hour": "同一接收地址一小时内最多几个订单。",
        "limits.user_day": "同一客户一天内最多几个订单。",
        "refunds.per_refund_sun": "更大的退款要等您确认。",
        "refunds.daily_sun": "一天（UTC）最多退回多少。",
    }
    _settings = "运行中可以修改的设置"
    _at_once = "修改立即在所有进程生效，重启后仍然有效。"
    _changed_mark = " · 已在此修改"
    _on = "开启"
    _off = "关闭"

    def _minutes(self, count: int) -> str:
        return f"{count} 分钟"

    def _energy(self, energy: str) -> str:
        return f"{energy} 能量"

    def _is_now(self, value: str) -> str:
        return f"当前：{value}"

    def _from_the_file(self) -> str:
        return "来自配置文件。"

    def _changed_by(self, by: int, at: Text, in_file: str) -> Text:
        return Text(f"由 {by} 在此修改，", at, f"。文件中为：{in_file}。")

    def _may_be(self, least: str, most: str) -> str:
        return f"可以从 {least} 到 {most}，请输入数字。"

    _how_much = "改成多少？"
    _in_trx = "请以 TRX 填写。"
    _in_minutes = "请以分钟填写。"
    _in_percent = "请以百分比填写。"
    _as_a_number = "请填写数字。"
