"""简体中文：租期的延长与提前结束。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from bot.texts.zh_words import ChineseWords
from services.early_ends import EarlyEnd, EarlyEndFault
from services.extensions import ExtensionFault, ExtensionOffer, ExtensionOffers
from services.order_views import OrderView


class ChineseTime(ChineseWords):
    """延长、结束租期时说的话。"""

    # Buttons

    extend_button = "⏳ 延长"
    end_now_button = "立即结束…"
    end_now_confirm_button = "是的，现在结束"
    keep_rental_button = "不，继续租"

    def extend_by_button(self, duration: timedelta, price_sun: int) -> str:
        return f"+{self.duration(duration)} · {self.price(price_sun)}"

    def extension_label(self, order: OrderView) -> str:
        return f"#{order.extends_number} +{self.duration(order.duration)}"

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

    def choose_extension(self, offered: ExtensionOffers) -> Text:
        rental = offered.rental
        return lines(
            Bold("要延长多久？"),
            self._on_until(rental),
            "",
            *(self._extension_line(offer, rental) for offer in offered.offers),
            "",
            "能量一直留在原地址，中间不会断。延长不会增加能量：用掉的部分会在 24 小时内自行恢复。",
            f"订单 #{rental.number}",
        )

    def _on_until(self, rental: OrderView) -> Text:
        return Text(
            f"{self.number(rental.energy)} 能量在 ",
            self.address_link(rental.recipient),
            *(
                ["，有效至 ", self.until(rental.expires_at, rental.now)]
                if rental.expires_at
                else []
            ),
            "。",
        )

    def _extension_line(self, offer: ExtensionOffer, rental: OrderView) -> Text:
        return Text(
            f"• 再租 {self.duration(offer.duration)}，到 ",
            self.until(offer.expires_at, rental.now),
        )

    def rental_ending(self, order: OrderView, unused: int, offers: Sequence[object]) -> Text:
        return lines(
            Text(
                Bold(f"⏰ 还有 {self.number(unused)} 能量没用"),
                "，在 ",
                self.address_link(order.recipient),
                "。",
            ),
            Text("收回时间：", self.until(order.expires_at, order.now))
            if order.expires_at
            else None,
            "请在此之前转 USDT，或者点一下延长：" if offers else "请在此之前转 USDT。",
        )

    # The card of an extension

    def extension_paid(self, order: OrderView) -> str:
        if order.balance_sun:
            return "⚡ 已用余额支付，正在延长租期。"
        return "⚡ 已到账，正在延长租期。"

    def extension_done(self, order: OrderView) -> Text:
        """延长完成后的第一句话。"""
        return Bold(f"✅ 订单 #{order.extends_number} 已延长 {self.duration(order.duration)}")

    def extension_end(self, order: OrderView) -> Text | None:
        """现在到什么时候结束，其他的延长也算在内。"""
        end = order.rental_expires_at or order.expires_at
        if end is None:
            return None
        return Text(
            f"{self.number(order.energy)} 能量有效至 ",
            self.until(end, order.now),
            "，中间不会断。",
        )

    def extension_over(self, order: OrderView) -> Text:
        return Bold(f"🏁 订单 #{order.extends_number} 的租期已结束")

    def not_extended(self, order: OrderView) -> str:
        """延长没有成功的原因，一句完整的话。"""
        what = f"订单 #{order.extends_number} 没能延长"
        if order.failure == "rental_over":
            return f"{what}：您的付款生效之前，租期已经结束。"
        if order.failure == "payment_lost":
            return f"{what}。"
        return f"{what}：能量没能送达。"

    # Less time

    def end_now(self, offer: EarlyEnd) -> Text:
        rental = offer.rental
        return lines(
            Bold(f"现在就结束订单 #{rental.number} 的租期吗？"),
            self._on_until(rental),
            "",
            Text(
                "租期立即结束，您付的 ",
                f"{exact_trx(offer.paid_sun)} TRX 中",
                Bold(f"最多 {exact_trx(offer.most_sun)} TRX"),
                " 退到您的余额。",
            )
            if offer.most_sun
            else "租期立即结束，没有退款：能量已经用完。",
            f"现在没用的：{self.number(offer.energy_unused)} / {self.number(rental.energy)} 能量。"
            "收回之前又用掉的部分不退。"
            if offer.most_sun
            else None,
        )

    def rental_ending_now(self, order: OrderView) -> Text:
        return lines(
            Bold(f"⏹ 订单 #{order.number} 的租期已结束。"),
            "能量几秒内收回，之后我会告诉您有多少退到余额。",
        )

    def extended_by(self, order: OrderView) -> str | None:
        """延长过的租用，卡片上的一行。"""
        if not order.extended:
            return None
        return f"已延长 {self.duration(order.extended)}。"

    def came_back(self, order: OrderView) -> str | None:
        """提前结束的租用，卡片上的一行。"""
        if order.ended_early_at is None:
            return None
        if order.ended_at is None:
            return "您提前结束了租期，能量正在收回。"
        if order.early_credit_sun:
            return f"您提前结束了租期，{exact_trx(order.early_credit_sun)} TRX 已退到余额。"
        return "您提前结束了租期。没有退款：能量已经用完。"
