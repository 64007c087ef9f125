"""简体中文：给运营人员的文案。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from bot.texts.zh_words import ChineseWords
from services.held import Choice, ChoiceFault, HeldMoney, HeldPayment
from services.order_ends import Compensation
from services.order_views import OrderView
from services.refunds import Refund, RefundWait

_HELD_REASONS = {
    "no_order": "没有订单等待这个金额",
    "ambiguous": "付款方有多个未付款的订单",
    "late": "超过付款时间才到账",
    "cancelled": "对应的订单此前已取消",
    "paid_twice": "对应的订单已经付过款",
    "underpaid": "金额少于订单的价格",
    "order_closed": "对应的订单已关闭",
    "undeliverable": "对应的订单无法交付",
    "wrong_address": "转到了我们不用来收款的地址",
    "by_contract": "由智能合约转来",
    "sender_is_exchange": "来自交易所",
    "sender_cannot_receive": "付款地址不能接收能量",
    "sender_frozen": "付款地址的 USDT 已被发行方冻结，能量用不上",
    "too_little": "金额不够一笔转账的能量",
    "no_energy": "当时没有可用的能量",
    "too_often": "这个地址一小时内租得太多",
}
_FAILURES = {
    "no_energy": "没有能量池能及时提供能量",
    "not_read_back": "能量已发出，但接收方没有这笔能量",
    "payment_lost": "付款已从链上撤回",
    "rental_over": "要延长的租期已经结束",
}
_COMPENSATIONS = {
    Compensation.REFUND: "款项会自动退回付款方。",
    Compensation.CREDIT: "款项已存入客户的余额。",
    Compensation.HOLD: "款项等您处理：/held",
    None: "没有需要退还的款项。",
}
_WAITS = {
    RefundWait.NO_WALLET: "没有配置退款钱包。请从店铺的任一地址手动转出这个准确金额，"
    "我会在链上看到。",
    RefundWait.OVER_CAP: "超过单笔退款上限，需要您批准。",
    RefundWait.DAILY_CAP: "今天的额度已用完，明天自动转出。",
    RefundWait.WALLET_EMPTY: "退款钱包余额不足，请充值，之后自动转出。",
    RefundWait.REFUSED: "网络没有接受，会自动重新转出。",
    RefundWait.EXPIRED: "网络没有及时打包，会自动重新转出。",
}


class ChineseOperator(ChineseWords):
    """运营人员看到的文案。"""

    # Buttons

    credit_button = "存入客户余额"
    refund_button = "退回付款方"
    do_it_button = "确认执行"
    all_held_button = "全部待处理付款"

    def deliver_button(self, transfers: int) -> str:
        return f"发 {self.number(transfers)} 笔的能量"

    def look_at_held_button(self, payment: HeldPayment) -> str:
        return f"#{payment.id}：{self.about_trx(payment.amount_sun)}"

    def approve_button(self, refund: Refund) -> str:
        return f"批准 #{refund.id}：{self.about_trx(refund.sent_sun)}"

    # Held payments

    def payment_held(self, payment: HeldPayment) -> Text:
        return lines(
            Bold(f"💰 待处理的付款：{exact_trx(payment.amount_sun)} TRX"),
            f"原因：{_HELD_REASONS.get(payment.reason, payment.reason)}。"
            + (f"可能属于订单 #{payment.order_number}。" if payment.order_number else ""),
            Text("付款方 ", self.address(payment.sender)),
            Text("收款方 ", self.address_link(payment.receiver)),
            Text(
                f"{self.day_and_time(payment.time)} UTC · ",
                self.transaction_link("交易", payment.txid),
            ),
            self._whose(payment),
            f"付款编号：{payment.id}。归入订单：/assign {payment.id} 加订单号。"
            f"是您自己的钱：/keep {payment.id}",
        )

    def _whose(self, payment: HeldPayment) -> Text | str:
        if payment.user_id is None:
            return "不知道是谁的，没有通知任何客户。"
        if payment.choose_until is None:
            return f"属于用户 {payment.user_id}。"
        return Text(f"已询问用户 {payment.user_id}，答复截止 ", self.moment(payment.choose_until))

    def held_confirm(self, payment: HeldPayment, choice: Choice) -> Text:
        amount, fee = exact_trx(payment.amount_sun), exact_trx(payment.refund_fee_sun)
        match choice:
            case Choice.CREDIT:
                if payment.user_id is not None:
                    what = f"把 {amount} TRX 存入用户 {payment.user_id} 的余额？"
                    then = Text("客户会收到通知，可以用来支付，也可以提取。")
                else:
                    what = f"把 {amount} TRX 记在付款地址名下？"
                    then = Text("谁证明 ", self.address_link(payment.sender), " 是自己的，就归谁。")
            case Choice.REFUND:
                what = f"退回 {exact_trx(payment.amount_sun - payment.refund_fee_sun)} TRX？"
                then = Text(
                    "退到 ",
                    self.address_link(payment.sender),
                    f"，扣除网络手续费 {fee} TRX。转出后无法撤回。",
                )
            case Choice.DELIVER:
                what = f"发 {self.number(payment.transfers)} 笔的能量？"
                then = Text(f"用这 {amount} TRX 支付，剩下的存入余额。")
            case _:
                assert_never(choice)
        return lines(Bold(what), then, f"付款编号：{payment.id}。这一步无法撤销。")

    def held_decided(self, payment: HeldPayment) -> Text:
        done = {
            "held": "仍在等待处理。",
            "credited": "已存入余额。",
            "refunding": "正在退回付款方。",
            "refunded": "已退回付款方。",
            "matched": "已用来支付订单。",
            "delivered": "已用来支付订单。",
        }
        return lines(
            Bold(f"付款 {payment.id}：{exact_trx(payment.amount_sun)} TRX"),
            done.get(payment.status, "已从链上撤回。"),
            self.transaction_link("交易", payment.txid),
        )

    def assigned(self, payment: HeldPayment, order_number: int) -> Text:
        return lines(
            Bold(f"✅ 付款 {payment.id} 已归入订单 #{order_number}。"),
            "正在发送能量，多付的部分已存入客户的余额。",
        )

    def assign_usage(self) -> Text:
        return lines(
            "请写明付款和订单：/assign 12 1001",
            "付款编号在它的卡片上：/held",
        )

    def kept(self, payment: HeldPayment) -> Text:
        return Text(
            f"✅ 付款 {payment.id}：{exact_trx(payment.amount_sun)} TRX 已记为您自己的资金。"
        )

    def keep_usage(self) -> Text:
        return lines(
            "请写明哪笔付款是您自己的钱：/keep 12",
            "付款编号在它的卡片上：/held",
        )

    def choice_refused(self, fault: ChoiceFault) -> str:
        match fault:
            case ChoiceFault.DECIDED:
                return "这笔付款已不再等待处理，或链上还在确认。"
            case ChoiceFault.NO_SUCH_ORDER:
                return "没有这个编号的未付款订单。"
            case ChoiceFault.NOT_POSSIBLE:
                return "做不到：没有这笔付款，或它不够支付订单，或订单另有一笔付款正在确认。"
            case ChoiceFault.NOT_YOURS | ChoiceFault.NO_CUSTOMER:
                return "做不到：不知道这笔付款是谁的。"

    # Orders

    def order_failed(self, order: OrderView) -> Text:
        return lines(
            Bold(f"🛟 订单 #{order.number} 无法交付"),
            f"原因：{_FAILURES.get(order.failure or '', order.failure or '未知')}",
            f"{self._goods(order)}，发到",
            self.address(order.recipient),
            (f"用户 {order.user_id} " if order.user_id else "")
            + f"已付 {exact_trx(order.amount_sun)} TRX"
            + ("，已通知客户。" if order.user_id else "。"),
            _COMPENSATIONS[order.compensation],
            self._proofs(order),
        )

    # Refunds

    def refund_stuck(self, refund: Refund) -> Text:
        return lines(
            Bold(f"↩️ 退款 {refund.id} 在等待：{exact_trx(refund.sent_sun)} TRX"),
            f"原因：{self._waiting(refund)}",
            Text("收款方 ", self.address(refund.to)),
            f"属于用户 {refund.user_id}。" if refund.user_id else None,
        )

    def refunds(self, refunds: Sequence[Refund]) -> Text:
        if not refunds:
            return lines(Bold("退款"), "没有进行中的退款。")
        return lines(
            Bold("进行中的退款，最早的在前"),
            *(
                Text(
                    f"#{refund.id}：{exact_trx(refund.sent_sun)} TRX 到 ",
                    self.address_link(refund.to),
                    f" · {self.day_and_time(refund.requested_at)} UTC：{self._waiting(refund)}",
                )
                for refund in refunds
            ),
        )

    def _waiting(self, refund: Refund) -> str:
        if refund.waits_for is not None:
            return _WAITS[refund.waits_for]
        return "已转出，正在确认。" if refund.txid else "马上转出。"

    def refund_confirm(self, refund: Refund) -> Text:
        return lines(
            Bold(f"超过上限，仍要转出 {exact_trx(refund.sent_sun)} TRX？"),
            Text("收款方 ", self.address(refund.to)),
            f"退款 {refund.id}。转出后无法撤回。",
        )

    def refund_approved(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ 退款 {refund.id} 已批准：{exact_trx(refund.sent_sun)} TRX"),
            "只要当天额度和钱包余额允许，马上转出：/refunds",
        )

    refund_not_waiting = "这笔退款已不再等您批准：/refunds"

    # Alarms

    def payment_lost(self, payment: HeldPayment, lost_sun: int | None) -> Text:
        if lost_sun is None:
            what = f"⚠️ 一笔已确认的付款离开了链：{exact_trx(payment.amount_sun)} TRX"
            then = "在它回到链上、或确定回不来之前，不会再为它发出任何东西。"
        else:
            what = f"🚨 一笔付款永久离开了链：{exact_trx(payment.amount_sun)} TRX"
            then = (
                f"已经为它付出的部分成为损失：{exact_trx(lost_sun)} TRX。"
                if lost_sun
                else "还没有为它付出什么，没有损失。"
            )
        return lines(
            Bold(what),
            then,
            Text("付款方 ", self.address(payment.sender)),
            Text(
                f"付款编号：{payment.id}"
                + (f" · 订单 #{payment.order_number} · " if payment.order_number else " · "),
                self.transaction_link("交易", payment.txid),
            ),
        )

    def unknown_transaction(self, details: Mapping[str, Any]) -> Text:
        amount, receiver = details.get("amount_sun"), details.get("receiver")
        return lines(
            Bold("🚨 有别人在用店铺的密钥"),
            "这笔交易用店铺的密钥签名，但不是本程序签的。如果不是您本人：请马上用账户的所有者权限"
            "收回这个密钥的权限，并转走资金。",
            Text("账户 ", self.address(str(details.get("owner", "?")))),
            f"{details.get('kind', '?')}"
            + (f"，{exact_trx(int(amount))} TRX" if amount is not None else ""),
            Text("收款方 ", self.address(str(receiver))) if receiver else None,
            self.transaction_link("交易", str(details.get("txid", ""))),
        )

    def books_differ(self, differences: Sequence[str], count: int) -> Text:
        left_out = count - len(differences)
        return lines(
            Bold("🚨 账目与链上不一致"),
            *differences,
            f"……还有 {left_out} 处。" if left_out > 0 else None,
            Text("完整核对：", self.copied("energy-flash audit")),
        )

    # 能量池

    def pool_out(self, details: Mapping[str, Any]) -> Text:
        return lines(
            Bold("⚠️ 一个能量池停用：暂不出售"),
            Text("能量池 ", self.address(str(details.get("pool", "?")))),
            self._pool_trouble(details),
            "已租出的照常，其他池继续出售。问题解决后会自动恢复。",
        )

    def _pool_trouble(self, details: Mapping[str, Any]) -> Text:
        key = self.address(str(details.get("key_address", "?")))
        permission = details.get("permission_id", "?")
        match details.get("trouble"):
            case "no_key":
                return Text("程序里没有它的密钥 ", key, "：energy-flash keys add")
            case "not_activated":
                return Text("链上没有这个账户，地址对吗？")
            case "no_permission":
                return Text(
                    f"权限 {permission} 不再允许密钥 ", key, " 代理能量。是您撤销的吗？请重新授权。"
                )
            case "failing":
                return Text("网络拒绝了它最近几次代理，每分钟会再试一次。")
            case "no_bandwidth":
                return Text("带宽和 TRX 都不够两笔交易。请转入几个 TRX，或质押一些换带宽。")
            case other:
                return Text(str(other))

    def pool_well(self, details: Mapping[str, Any]) -> Text:
        return lines(
            Bold("✅ 能量池恢复出售"),
            Text("能量池 ", self.address(str(details.get("pool", "?")))),
        )

    def reclaims_refused(self, pool: str, rentals: int, *, no_bandwidth: bool) -> Text:
        return lines(
            Bold("⚠️ 有能量池无法收回质押"),
            Text("能量池 ", self.address(pool)),
            f"有 {self.number(rentals)} 笔已到期的租赁在等待收回，期间这些能量不能再次出售。",
            "它既没有带宽也没有 TRX 支付这笔交易。请向它转入少量 TRX，或为它质押带宽。"
            if no_bandwidth
            else "网络不接受它的密钥。请重新授予该密钥权限；缺少什么，运行下面的命令可以看到。",
            None if no_bandwidth else self.copied("energy-flash check"),
            "程序会在一刻钟内自动重试，恢复后不再另行通知。",
        )

    # The overview

    def admin(self, waiting_notices: int, held: HeldMoney) -> Text:
        return lines(
            Bold("运营"),
            "所有消息都已发出。"
            if waiting_notices == 0
            else f"还有 {self.number(waiting_notices)} 条消息待发送。",
            "没有待处理的付款。"
            if held.count == 0
            else f"待处理的付款：{self.number(held.count)} 笔，共 {exact_trx(held.total_sun)} TRX。"
            "最近的：",
            *(self._held_line(payment) for payment in held.newest),
            "新的待处理付款和失败的订单会自动发到这里。",
            "/refunds  进行中的退款",
            "/assign  把待处理的付款归入订单",
            "/keep  待处理的付款是您自己的钱",
        )

    def _held_line(self, payment: HeldPayment) -> Text:
        meant_for = f"（订单 #{payment.order_number}）" if payment.order_number else ""
        return Text(
            f"#{payment.id}：{exact_trx(payment.amount_sun)} TRX，"
            f"{self.day_and_time(payment.time)} UTC："
            f"{_HELD_REASONS.get(payment.reason, payment.reason)}{meant_for} · ",
            self.transaction_link("交易", payment.txid),
        )
