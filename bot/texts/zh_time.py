"""简体中文：租期的延长与提前结束。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.utils.formatting import Bold, Text

from bot.texts.notation import lines
from bot.texts.time_card import TimeCard
from bot.texts.zh_words import ChineseWords
from services.early_ends import EarlyEndFault
from services.extensions import ExtensionFault
from services.order_views import OrderView


class ChineseTime(ChineseWords, TimeCard):
    """延长、结束租期时说的话。"""

    # Buttons

    extend_button = "⏳ 延长"
    end_now_button = "立即结束…"
    end_now_confirm_button = "是的，现在结束"
    keep_rental_button = "不，继续租"

    # Toasts

    rental_ends_now = "已结束，能量正在收回。"

    def extension_refused(self, fault: ExtensionFault) -> str:
        match fault:
            case ExtensionFault.NOT_YOURS:
                return "在您的订单里没有找到它。/orders 列出全部订单。"
            case ExtensionFault.NOT_RUNNING:
                return "租期已经结束，不能再延长。您可以重新租。"
            case ExtensionFault.ALREADY_OPEN:
                return "这笔租用已有一个延长订单，就是这一个。"
            case ExtensionFault.PRICE_GONE:
                return "价格刚刚变了，这是现在的价格。"
            case ExtensionFault.CHAIN_UNAVAILABLE:
                return "现在连不上 TRON 网络，请一分钟后再点。"
            case ExtensionFault.DECLINED:
                return "我们无法接受这次延长，没有扣除任何费用，租用照常。如有疑问，请联系店铺。"
            case ExtensionFault.BANNED:
                return "这个账号不能在这里下单。已付款的照常进行。"

    def early_end_refused(self, fault: EarlyEndFault) -> str:
        match fault:
            case EarlyEndFault.NOT_YOURS:
                return "在您的订单里没有找到它。/orders 列出全部订单。"
            case EarlyEndFault.NOT_OFFERED:
                return "这里的租用到期才结束，什么都没有变。"
            case EarlyEndFault.NOT_RUNNING:
                return "租期已经结束了。"
            case EarlyEndFault.EXTENSION_OPEN:
                return "这笔租用还有一个延长订单。请先取消它；如果已经付款，请稍等片刻。"
            case EarlyEndFault.UNSETTLED:
                return "网络还在确认这笔租用，请一分钟后再点。"
            case EarlyEndFault.CHAIN_UNAVAILABLE:
                return "现在连不上 TRON 网络，请一分钟后再点。"

    # More time

    _how_much_longer = "要延长多久？"
    _until = "，有效至 "

    def _energy_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text:
        return Text(f"{energy} 能量在 ", place, *until, "。")

    def _more_until(self, length: timedelta) -> str:
        return f"• 再租 {self.duration(length)}，到 "

    _no_gap_no_more_energy = (
        "能量一直留在原地址，中间不会断。延长不会增加能量：用掉的部分会在 24 小时内自行恢复。"
    )

    def _still_unused(self, energy: str, place: Text) -> Text:
        return Text(Bold(f"⏰ 还有 {energy} 能量没用"), "，在 ", place, "。")

    def _leaves_at(self, time: Text) -> Text:
        return Text("收回时间：", time)

    _send_or_extend = "请在此之前转 USDT，或者点一下延长："
    _send_before = "请在此之前转 USDT。"

    # The card of an extension

    _extending = "⚡ 已到账，正在延长租期。"
    _extending_from_balance = "⚡ 已用余额支付，正在延长租期。"

    def _stays_until(self, energy: str, time: Text) -> Text:
        return Text(f"{energy} 能量有效至 ", time, "，中间不会断。")

    def _not_extended(self, order: OrderView) -> str:
        return f"订单 #{order.extends_number} 没能延长"

    _rental_was_over = "：您的付款生效之前，租期已经结束。"
    _rental_not_delivered = "：能量没能送达。"
    _full_stop = "。"

    def extension_done(self, order: OrderView) -> Text:
        """延长完成后的第一句话。"""
        return Bold(f"✅ 订单 #{order.extends_number} 已延长 {self.duration(order.duration)}")

    def extension_over(self, order: OrderView) -> Text:
        return Bold(f"🏁 订单 #{order.extends_number} 的租期已结束")

    # Less time

    def _end_rental_now(self, number: int) -> str:
        return f"现在就结束订单 #{number} 的租期吗？"

    def _ends_with_return(self, most: str, paid: str) -> Text:
        return Text(
            f"租期立即结束，您付的 {paid} TRX 中", Bold(f"最多 {most} TRX"), " 退到您的余额。"
        )

    _ends_without_return = "租期立即结束，没有退款：能量已经用完。"

    def _unused_now(self, unused: str, energy: str) -> str:
        return f"现在没用的：{unused} / {energy} 能量。收回之前又用掉的部分不退。"

    def _was_extended(self, length: timedelta) -> str:
        return f"已延长 {self.duration(length)}。"

    _going_back = "您提前结束了租期，能量正在收回。"

    def _came_back(self, trx: str) -> str:
        return f"您提前结束了租期，{trx} TRX 已退到余额。"

    _nothing_came_back = "您提前结束了租期。没有退款：能量已经用完。"

    def rental_ending_now(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⏹ 订单 #{order.number} 的租期已结束。"),
            "能量几秒内收回，之后我会告诉您有多少退到余额。",
        )
