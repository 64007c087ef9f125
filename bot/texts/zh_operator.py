"""简体中文：给运营人员的文案。"""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text

from bot.texts.alarm_card import AlarmCard
from bot.texts.figures import exact_trx
from bot.texts.notation import lines
from bot.texts.pool_card import PoolCard
from bot.texts.refund_card import RefundCard
from bot.texts.zh_words import ChineseWords
from services.held import ChoiceFault, HeldPayment
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
    "undeliverable": "对应的订单没能送达",
    "wrong_address": "转到了我们不用来收款的地址",
    "by_contract": "由智能合约转来",
    "sender_is_exchange": "来自交易所",
    "sender_cannot_receive": "付款地址不能接收能量",
    "sender_frozen": "付款地址的 USDT 已被发行方冻结，能量用不上",
    "too_little": "金额不够一笔转账的能量",
    "no_energy": "当时没有可用的能量",
    "too_often": "这个地址一小时内租得太多",
    "maintenance": "在维护期间到账",
    "declined": "没有通过风控规则",
    "banned": "付款人已被封禁，或曾替被封禁的人付款",
}
_FAILURES = {
    "no_energy": "没有能量池能及时提供能量",
    "not_read_back": "能量已发出，但接收方没有这笔能量",
    "payment_lost": "付款离开了主链",
    "rental_over": "要延长的租期已经结束",
    "risk": "被工作人员拒绝",
    "by_staff": "被店铺工作人员终止",
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

_DECIDED = {
    "held": "仍在等待处理。",
    "credited": "已存入余额。",
    "refunding": "正在退回付款方。",
    "own": "已记为您自己的资金。",
    "flash": "马上会换成能量给付款方。",
    "refunded": "已退回付款方。",
    "matched": "已用来支付订单。",
    "delivered": "已用来支付订单。",
}


class ChineseOperator(ChineseWords, RefundCard, AlarmCard, PoolCard):
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

    def _payment_is_held(self, trx: str) -> str:
        return f"💰 待处理的付款：{trx} TRX"

    def _held_because(self, reason: str) -> str:
        return f"原因：{reason}。"

    def _held_reason(self, reason: str) -> str:
        return _HELD_REASONS.get(reason, reason)

    def _probably_for(self, order_number: int) -> str:
        return f"可能属于订单 #{order_number}。"

    _sent_from = "付款方 "
    _sent_to = "收款方 "
    _nobodys_payment = "不知道是谁的，没有通知任何客户。"

    def _of_user(self, user_id: int) -> str:
        return f"属于客户 {user_id}。"

    def _user_was_asked(self, user_id: int, until: Text) -> Text:
        return Text(f"已询问客户 {user_id}，答复截止 ", until)

    def _payment_id(self, payment_id: int) -> str:
        return f"付款编号：{payment_id}"

    def _payment_commands(self, payment_id: int) -> str:
        return (
            f"付款编号：{payment_id}。归入订单：/assign {payment_id} 加订单号。"
            f"是您自己的钱：/keep {payment_id}"
        )

    def _credit_user(self, trx: str, user_id: int) -> str:
        return f"把 {trx} TRX 存入客户 {user_id} 的余额？"

    _user_hears_of_it = "客户会收到通知，可以用来支付，也可以提取。"

    def _credit_sender(self, trx: str) -> str:
        return f"把 {trx} TRX 记在付款地址名下？"

    def _who_proves_it(self, sender: Text) -> Text:
        return Text("谁证明 ", sender, " 是自己的，就归谁。")

    def _send_back(self, trx: str) -> str:
        return f"退回 {trx} TRX？"

    def _back_to(self, sender: Text, fee: str) -> Text:
        return Text("退到 ", sender, f"，扣除网络手续费 {fee} TRX。转出后无法撤回。")

    def _deliver(self, transfers: int) -> str:
        return f"发 {self.number(transfers)} 笔的能量？"

    def _delivered_for(self, trx: str) -> str:
        return f"用这 {trx} TRX 支付，剩下的存入余额。"

    def _cannot_be_undone(self, payment_id: int) -> str:
        return f"付款编号：{payment_id}。这一步无法撤销。"

    def _payment(self, payment_id: int, trx: str) -> str:
        return f"付款 {payment_id}：{trx} TRX"

    def _became(self, status: str) -> str:
        return _DECIDED.get(status, "已离开主链。")

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

    def _could_not_be_delivered(self, order_number: int) -> str:
        return f"🛟 订单 #{order_number} 没能送达"

    def _failed_because(self, failure: str | None) -> str:
        return f"原因：{_FAILURES.get(failure or '', failure or '未知')}"

    def _goods_were_for(self, order: OrderView) -> str:
        return f"{self._goods(order)}，发到"

    def _was_paid(self, trx: str, user_id: int | None) -> str:
        if not user_id:
            return f"已付 {trx} TRX。"
        return f"客户 {user_id} 已付 {trx} TRX，已收到通知。"

    def _where_the_money_is(self, compensation: Compensation | None) -> str:
        return _COMPENSATIONS[compensation]

    # Refunds

    _because = "原因："

    def _refund_waits(self, refund_id: int, trx: str) -> str:
        return f"↩️ 退款 {refund_id} 在等待：{trx} TRX"

    def _refund_waits_for(self, reason: RefundWait) -> str:
        return _WAITS[reason]

    _refund_is_sent = "已转出，正在确认。"
    _refund_is_sent_soon = "马上转出。"

    _refunds = "退款"
    _no_refunds = "没有进行中的退款。"
    _refunds_under_way = "进行中的退款，最早的在前"

    def _refund_line(self, refund: Refund, place: Text, since: str, state: str) -> Text:
        amount = exact_trx(refund.sent_sun)
        return Text(f"#{refund.id}：{amount} TRX 到 ", place, f" · {since}：{state}")

    def _send_above_the_cap(self, trx: str) -> str:
        return f"超过上限，仍要转出 {trx} TRX？"

    def _refund_is_final(self, refund_id: int) -> str:
        return f"退款 {refund_id}。转出后无法撤回。"

    def refund_approved(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ 退款 {refund.id} 已批准：{exact_trx(refund.sent_sun)} TRX"),
            "只要当天额度和钱包余额允许，马上转出：/refunds",
        )

    refund_not_waiting = "这笔退款已不再等您批准：/refunds"

    # Alarms

    def _payment_left(self, trx: str) -> str:
        return f"⚠️ 一笔已确认的付款离开了主链：{trx} TRX"

    _nothing_is_sent_for_it = "在它回到主链、或确定回不来之前，不会再为它发出任何东西。"

    def _payment_left_for_good(self, trx: str) -> str:
        return f"🚨 一笔付款永久离开了主链：{trx} TRX"

    def _given_is_lost(self, trx: str) -> str:
        return f"已经为它付出的部分成为损失：{trx} TRX。"

    _nothing_is_lost = "还没有为它付出什么，没有损失。"

    _somebody_uses_a_key = "🚨 有人在使用店铺的密钥"
    _take_its_permission = (
        "这笔交易用店铺的密钥签名，但不是本程序签的。如果不是您本人：请马上用账户的所有者权限"
        "收回这个密钥的权限，并转走资金。"
    )
    _account = "账户 "

    _books_differ = "🚨 账目与区块链不符"

    def _and_more(self, left_out: int) -> str:
        return f"……还有 {left_out} 处。"

    _the_whole_of_it = "完整核对："

    # 能量池

    _pool = "能量池 "
    _pool_is_out = "⚠️ 能量池故障：暂停从它出售"
    _the_others_go_on = "已租出的照常进行，其他能量池继续出售。问题解决后会自动恢复。"

    def _key_is_missing(self, key: Text) -> Text:
        return Text("程序里没有它的密钥 ", key, "：energy-flash keys add")

    _no_such_account = "链上没有这个账户，地址对吗？"

    def _may_not_delegate(self, permission: str, key: Text) -> Text:
        return Text(
            f"权限 {permission} 不再允许密钥 ", key, " 委托能量。是您撤销的吗？请重新授权。"
        )

    _delegations_refused = "网络拒绝了它最近几次委托，每分钟会再试一次。"
    _no_bandwidth_to_delegate = "带宽和 TRX 都不够两笔交易。请转入几个 TRX，或质押一些换带宽。"
    _stake_does_not_come_back = "⚠️ 有能量池无法收回质押"

    def _rentals_wait(self, rentals: int) -> str:
        return f"有 {self.number(rentals)} 笔已到期的租赁在等待收回，期间这些能量不能再次出售。"

    _no_bandwidth_to_reclaim = "带宽和 TRX 都不够这笔交易。请转入几个 TRX，或质押一些换带宽。"
    _key_not_accepted = (
        "网络不接受它的密钥。请重新授予该密钥权限；缺少什么，运行下面的命令可以看到。"
    )
    _reclaimed_by_itself = "程序会在一刻钟内自动重试，恢复后不再另行通知。"

    # The overview

    _operator = "运营"
    _all_messages_out = "所有消息都已发出。"

    def _messages_wait(self, messages: int) -> str:
        return f"还有 {self.number(messages)} 条消息待发送。"

    _no_payment_held = "没有待处理的付款。"

    def _payments_held(self, payments: int, trx: str) -> str:
        return f"待处理的付款：{self.number(payments)} 笔，共 {trx} TRX。最近的："

    def _held_payment(self, payment_id: int, trx: str, time: str, reason: str) -> str:
        return f"#{payment_id}：{trx} TRX，{time}：{reason}"

    _more_for_the_operator = (
        "新的待处理付款和失败的订单会自动发到这里。",
        "/find  用任何线索查找订单",
        "/refunds  进行中的退款",
        "/assign  把待处理的付款归入订单",
        "/keep  待处理的付款是您自己的钱",
    )
