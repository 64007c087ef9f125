"""Chinese: orders, for the people who run the shop."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.orders import OrdersTexts
from bot.texts.zh_words import ChineseWords
from services.acts import Act
from services.order_ends import Compensation
from services.order_history import What
from services.order_views import Stage


class ChineseOrders(ChineseWords, OrdersTexts):
    """An order's card, its time line, and what can be done with it."""

    open_button = "打开订单"
    find_button = "查找…"
    times_button = "时间线"
    again_button = "刷新"
    not_now = "订单已有变化，现在无法这样做。什么都没有做。"
    chain_is_silent = "目前没有 TRON 节点响应。什么都没有做，请稍后再试。"
    _doings: ClassVar = {
        "retry": "重新寻找能量",
        "pool": "换一个能量池发送…",
        "refund": "退回付款方",
        "credit": "记入客户余额",
        "extend": "免费延长…",
        "end": "立即结束，不退款",
        "end_with_share": "立即结束，按比例退",
    }
    _stages: ClassVar = {
        Stage.AWAITING: "待付款",
        Stage.UNDERPAID: "部分付款",
        Stage.SEEN: "已看到付款",
        Stage.PAID: "已付款",
        Stage.DELIVERED: "租用中",
        Stage.ENDED: "已结束",
        Stage.EXPIRED: "已过期",
        Stage.CANCELLED: "已取消",
        Stage.FAILED: "未送达",
    }
    _statuses: ClassVar = {
        "pending": "待付款",
        "paid": "已付款",
        "processing": "发送中",
        "completed": "已完成",
        "failed": "未完成",
        "expired": "已过期",
        "cancelled": "已取消",
    }
    _payments: ClassVar = {
        "seen": "已看到，未确认",
        "orphaned": "已离开主链",
        "matched": "已匹配",
        "flash": "正在换成能量",
        "delivered": "能量已送达",
        "credited": "已入余额",
        "held": "待处理",
        "refunding": "正在退回",
        "refunded": "已退回",
        "dust": "金额过小",
        "own": "店铺自有",
        "lost": "已永久离开主链",
    }
    _transactions: ClassVar = {
        "signed": "已签名",
        "sent": "已发送",
        "included": "已入块",
        "dead": "不会再入块",
        "rejected": "被拒绝",
    }
    _messages: ClassVar = {"waiting": "等待发送", "sent": "已发送", "dropped": "已放弃"}
    _notices: ClassVar = {
        "order_seen": "已看到付款",
        "order_underpaid": "收到部分付款",
        "order_paid": "已付款",
        "order_delivered": "已送达",
        "order_extended": "已延长",
        "order_ending": "即将结束",
        "order_ended": "租期结束",
        "order_expired": "未按时付款",
        "order_failed": "未能送达",
        "payment_choice": "询问如何处理款项",
        "payment_credited": "款项已入余额",
        "refund_waits": "退款等待中",
        "refund_done": "退款已转出",
        "admin_payment_held": "致店铺：付款待处理",
        "admin_order_failed": "致店铺：未能送达",
        "admin_refund_waits": "致店铺：退款等待中",
        "admin_payment_lost": "致店铺：付款离开主链",
    }
    _accounts: ClassVar = {
        "chain": "地址",
        "payer": "付款方",
        "user": "客户",
        "orders": "订单款",
        "revenue": "收入",
        "held": "待处理款",
        "refunds": "退款",
        "owner": "店主",
        "fees": "手续费",
        "losses": "损失",
        "dust": "零头",
    }
    _acts: ClassVar = {
        Act.RETRY_ORDER: "重新尝试",
        Act.DELIVER_BY_POOL: "换能量池",
        Act.REFUND_ORDER: "退款",
        Act.CREDIT_ORDER: "记入余额",
        Act.EXTEND_ORDER: "赠送时间",
        Act.END_ORDER: "结束租用",
        Act.ASSIGN_PAYMENT: "付款指定给订单",
        Act.DELIVER_PAYMENT: "按付款发送能量",
        Act.FLASH_PAYMENT: "换能量给付款方",
        Act.CREDIT_PAYMENT: "付款记入余额",
        Act.CREDIT_PAYMENT_TO: "记给其他客户",
        Act.REFUND_PAYMENT: "付款退回",
        Act.KEEP_PAYMENT: "记为自有资金",
    }
    _whats: ClassVar = {
        What.ORDERED: "下单",
        What.PAYMENT: "付款",
        What.PAID: "付清",
        What.DELEGATE: "委托",
        What.UNDELEGATE: "收回",
        What.TRANSFER: "退款",
        What.DELIVERED: "已送达",
        What.EXTENSION: "延长",
        What.BOOKED: "记账",
        What.MESSAGE: "消息",
        What.DECISION: "店铺操作",
        What.ENDED_EARLY: "提前结束",
        What.RUNS_OUT: "租期到",
        What.ENDED: "全部收回",
    }
    _failures: ClassVar = {
        "no_energy": "没有能量池能及时提供能量",
        "not_read_back": "接收地址没有收到能量",
        "payment_lost": "付款离开了主链",
        "rental_over": "要延长的租用已结束",
        "by_staff": "被店铺工作人员终止",
    }
    _compensations: ClassVar = {
        Compensation.REFUND: "款项退回",
        Compensation.CREDIT: "款项已入余额",
        Compensation.HOLD: "款项已留待处理",
    }
    _newest = "订单，最新的在前"
    _no_orders = "还没有订单。"
    _several = "找到的订单，最新的在前"
    _nothing_found = "没有找到这样的订单。"
    _can_find = (
        "可查找：订单号或编码、交易号、TRON 地址、Telegram ID或 @用户名。原样粘贴即可：/find"
    )
    _ask_what = "要查找什么？"
    _done = "✅ 已完成。"
    _customer = "客户 "
    _unknown_customer = "不知道是谁付的款。"
    _price = "价格 "
    _came = "已收 "
    _from_balance = "余额支付 "
    _until = "到期 "
    _failed = "原因："
    _history_of = "经过："
    _by_program = "API 密钥 "
    _which_pool = "由哪个能量池发送？"
    _no_pool = "目前没有能量池能发送全部能量。其他办法见订单卡片。"

    def _waits(self, trx: str) -> str:
        return f"款项中有 {trx} TRX 等待处理。"

    def _hours(self, most: int) -> str:
        return f"免费延长多少小时？请发送 1 到 {most} 的整数。"

    def _retry(self, order: str) -> str:
        return f"为{order}重新寻找能量？"

    _retry_then = "一旦有能量池凑足能量就会发送，等待时限重新计算。"

    def _retry_anew(self, trx: str) -> str:
        return f"为它保留的 {trx} TRX 将支付一个相同的新订单。"

    def _by_pool(self, order: str, energy: str) -> str:
        return f"由这个能量池为{order}发送 {energy} 能量？"

    _on_its_way_soon = "目前尚未发出任何部分。将立即签名，无法撤回。"

    def _refund(self, trx: str, order: str) -> str:
        return f"把{order}的 {trx} TRX 退回付款方？"

    def _refund_of_balance(self, trx: str) -> str:
        return f"另有 {trx} TRX 来自余额，将退回余额。"

    def _credit(self, trx: str, order: str) -> str:
        return f"把{order}的 {trx} TRX 记入余额？"

    _order_ends = "订单就此结束，不再发送能量。"
    _is_told = "客户会收到通知。"

    def _extend(self, order: str, duration: str) -> str:
        return f"免费把{order}延长 {duration}？"

    def _extend_then(self, until: str, energy: str) -> str:
        return f"将持续到 {until}，其间这 {energy} 能量不再出售。"

    def _end(self, order: str, left: str) -> str:
        return f"现在收回{order}的租用，比到期早 {left}？"

    _nothing_back = "不会退还任何款项。"

    def _at_most_back(self, trx: str, percent: int) -> str:
        return f"最多退 {trx} TRX 到余额：未使用部分的 {percent}%。"
