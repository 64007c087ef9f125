"""Chinese: alerts, and what groups hear of deliveries."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.alerts import AlertTexts
from bot.texts.zh_words import ChineseWords
from services.alerts import AlertKind


class ChineseAlerts(ChineseWords, AlertTexts):
    """What is wrong, who looks after it, and that it is over."""

    acknowledge_button = "我来处理"
    acknowledged_toast = "现在由您处理。结束之前不会再提醒任何人。"
    nothing_to_acknowledge = "已有人在处理，或已结束。"

    def acknowledge_number_button(self, alert_id: int) -> str:
        return f"我来处理 #{alert_id}"

    def _nobody_looks(self, lasted: str) -> str:
        return f"已持续 {lasted}，还没有人处理"

    def _looked_after(self, who: str, since: str) -> str:
        return f"👌 {who} 正在处理（{since} 起）"

    def _over_after(self, lasted: str) -> str:
        return f"✅ 已结束，持续了 {lasted}"

    _somebody = "用户"
    _alerts = "🔔 告警"
    _none_open = "✅ 一切正常"
    _closed_lately = "最近 3 天内已结束"

    def _seen(self, times: int) -> str:
        return f"发现 {self.number(times)} 次"

    def _more(self, count: int) -> str:
        return f"……还有 {self.number(count)} 条"

    def _seconds(self, seconds: int) -> str:
        return f"{seconds} 秒"

    def _delivered_in(self, energy: str, duration: str, took: str) -> str:
        return f"⚡ {energy} 能量 · {duration} · {took}内送达"

    _transactions: ClassVar = {
        "dead": "已过期，不会再入块",
        "rejected": "被网络拒绝",
        "unknown": "找不到",
    }
    titles: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: "无法读取区块链",
        AlertKind.SCANNER_BEHIND: "店铺落后于区块链",
        AlertKind.DELEGATION_FAILED: "委托失败",
        AlertKind.ORDER_FAILED: "订单未能送达",
        AlertKind.POOL_OUT: "有能量池故障",
        AlertKind.LOW_ENERGY: "可售能量不足",
        AlertKind.RECLAIMS_REFUSED: "能量池无法收回质押",
        AlertKind.PAYMENT_HELD: "有付款待处理",
        AlertKind.PAYMENT_ADRIFT: "有付款离开了主链",
        AlertKind.PAYMENT_LOST: "有付款丢失",
        AlertKind.REFUND_WAITS: "有退款在等待",
        AlertKind.BOOKS_DIFFER: "账目与区块链不符",
        AlertKind.UNKNOWN_TRANSACTION: "有人在使用店铺的密钥",
        AlertKind.CPU_BUSY: "处理器繁忙",
        AlertKind.MEMORY_FULL: "内存不足",
        AlertKind.TELEGRAM_CONFLICT: "另一个程序在运行此机器人",
        AlertKind.MESSAGES_REFUSED: "机器人的消息被拒收",
        AlertKind.GROUP_MOVED: "群组换了 ID",
        AlertKind.DATABASE_DOWN: "数据库曾中断",
        AlertKind.REDIS_DOWN: "Redis 中断",
    }
    _causes: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: (
            "🚨 无法读取区块链",
            "TRON 节点连续 {failures} 次没有可用的响应：{error}",
            "节点恢复之前看不到付款，已付款的订单要等待。不会有任何丢失。",
            "请检查配置里的节点，以及网络：energy-flash check",
        ),
        AlertKind.SCANNER_BEHIND: (
            "⚠️ 店铺落后于区块链",
            "还有 {blocks} 个区块未读；最新区块已 {seconds} 秒没有变化。",
            "客户的付款会晚些显示，能量也会晚些到。",
            "可能是节点停了或太慢：请把另一个节点放在 tron.nodes 的最前面。",
        ),
        AlertKind.DELEGATION_FAILED: (
            "⚠️ 订单 #{order} 的委托失败",
            "交易{state}。{answer}",
            "客户在等待。订单时限内会自动重试，也会换其他能量池。",
            "能量池 {pool}：是否故障，请看 /alerts",
        ),
        AlertKind.ORDER_FAILED: (
            "🛟 订单未能送达",
            "已告知客户。",
        ),
        AlertKind.LOW_ENERGY: (
            "⚠️ 可售能量不足：{free}",
            "低于 {least}。如果不再售出：1 小时后 {in_1}，6 小时后 {in_6}，24 小时后 {in_24}。",
            "客户可能买不到能量。",
            "请增加质押，或添加能量池：energy-flash pools add",
        ),
        AlertKind.PAYMENT_HELD: (
            "💰 有付款待处理",
            "付款人在等待。请决定：/held",
        ),
        AlertKind.PAYMENT_ADRIFT: (
            "⚠️ 一笔已确认的付款离开了主链",
            "在它回来、或确定回不来之前，不再为它发出任何东西。",
        ),
        AlertKind.PAYMENT_LOST: (
            "🚨 一笔付款永久离开了主链",
            "还没有为它送达的部分已撤销。",
        ),
        AlertKind.REFUND_WAITS: (
            "↩️ 有退款在等待",
            "客户在等这笔钱：/refunds",
        ),
        AlertKind.CPU_BUSY: (
            "⚠️ 处理器繁忙：{percent}%",
            "这台机器上的所有程序合计，已持续至少 {minutes} 分钟。",
            "回复和发送能量会变慢。",
            "请看看机器上还在运行什么，或换一台更大的机器。",
        ),
        AlertKind.MEMORY_FULL: (
            "⚠️ 内存不足：{percent}%",
            "这台机器上的所有程序合计，已持续至少 {minutes} 分钟。",
            "内存用尽时店铺会被系统终止：不会有任何丢失，但会停业。",
            "请看看机器上还在运行什么，或换一台更大的机器。",
        ),
        AlertKind.TELEGRAM_CONFLICT: (
            "🚨 另一个程序在运行此机器人",
            "Telegram 提示另有程序在读取机器人的消息（409）。",
            "客户时而收不到回复，有些回复来自另一个程序。",
            "请停掉那个程序。如果您并没有别的程序，说明有人拿到了令牌：请在 @BotFather 换新的。",
        ),
        AlertKind.MESSAGES_REFUSED: (
            "⚠️ 机器人的消息被拒收",
            "十分钟内的 {of} 条消息有 {refused} 条被拒收（403）。",
            "这些客户收不到订单的消息，订单本身照常进行。",
            "如果并不是许多人屏蔽了机器人，可能是 Telegram 限制了它：请看 @BotFather 和 @SpamBot。",
        ),
        AlertKind.GROUP_MOVED: (
            "⚠️ Telegram 给群组换了新 ID：{new}",
            "它升级成了超级群组，配置里还是旧 ID {old}。",
            "店铺会继续发到新 ID，但每次启动都要重新发现。",
            "请在 telegram.alerts_chat 或 telegram.orders_chat 中把 {old} 改为 {new}。",
        ),
        AlertKind.DATABASE_DOWN: (
            "🚨 数据库中断了 {seconds} 秒",
            "期间没有出售，也没有回复任何人。没有任何丢失：期间到来的，现在都已处理。",
            "如果再次发生，请检查数据库服务器和磁盘。",
        ),
        AlertKind.REDIS_DOWN: (
            "🚨 Redis 中断",
            "没有响应：{error}",
            "客户收不到回复；已付款的订单照常送达。",
            "请重新启动它的服务器；内置的会自动启动。",
        ),
    }
