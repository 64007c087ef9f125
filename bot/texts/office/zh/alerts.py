"""Chinese: alerts, and what groups hear of deliveries."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.alerts import AlertTexts
from bot.texts.zh_words import ChineseWords
from services.alerts import AlertKind


class ChineseAlerts(ChineseWords, AlertTexts):
    """What is wrong, who looks after it, and that it is over."""

    acknowledge_button = "我来处理"
    acknowledged_toast = "现在由您处理。结束之前不再提醒。"
    nothing_to_acknowledge = "已有人在处理，或已结束。"

    def acknowledge_number_button(self, alert_id: int) -> str:
        return f"我来处理 #{alert_id}"

    def _nobody_looks(self, lasted: str) -> str:
        return f"已持续 {lasted}，还没有人处理"

    def _looked_after(self, who: str, since: str) -> str:
        return f"👌 {who} 在处理，自 {since}"

    def _over_after(self, lasted: str) -> str:
        return f"✅ 持续 {lasted} 后结束"

    _somebody = "用户"
    _alerts = "🔔 告警"
    _none_open = "✅ 一切正常"
    _closed_lately = "最近 3 天内结束的"

    def _seen(self, times: int) -> str:
        return f"发现 {self.number(times)} 次"

    def _more(self, count: int) -> str:
        return f"…… 还有 {self.number(count)} 条"

    def _seconds(self, seconds: int) -> str:
        return f"{seconds} 秒"

    def _delivered_in(self, energy: str, duration: str, took: str) -> str:
        return f"⚡ {energy} 能量 · {duration} · {took}内交付"

    _titles: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: "无法读取区块链",
        AlertKind.SCANNER_BEHIND: "店铺落后于区块链",
        AlertKind.DELEGATION_FAILED: "一次委托失败",
        AlertKind.ORDER_FAILED: "订单未能交付",
        AlertKind.POOL_OUT: "有能量池停用",
        AlertKind.LOW_ENERGY: "可售能量不足",
        AlertKind.RECLAIMS_REFUSED: "能量池无法收回质押",
        AlertKind.PAYMENT_HELD: "有付款待处理",
        AlertKind.PAYMENT_ADRIFT: "有付款离开了区块链",
        AlertKind.PAYMENT_LOST: "有付款丢失",
        AlertKind.REFUND_WAITS: "有退款在等待",
        AlertKind.BOOKS_DIFFER: "账目与区块链不符",
        AlertKind.UNKNOWN_TRANSACTION: "有人在使用店铺的密钥",
        AlertKind.CPU_BUSY: "处理器繁忙",
        AlertKind.MEMORY_FULL: "内存不足",
        AlertKind.TELEGRAM_CONFLICT: "另一个程序在运行此机器人",
        AlertKind.MESSAGES_REFUSED: "聊天拒收机器人的消息",
        AlertKind.DATABASE_DOWN: "数据库曾中断",
        AlertKind.REDIS_DOWN: "Redis 中断",
    }
    _causes: ClassVar = {
        AlertKind.CHAIN_UNREADABLE: (
            "🚨 无法读取区块链",
            "TRON 节点已连续 {failures} 次没有给出可用的回答：{error}",
            "在节点恢复之前看不到付款，已付订单需等待。不会丢失任何东西。",
            "请检查配置中的节点和网络：energy-flash check",
        ),
        AlertKind.SCANNER_BEHIND: (
            "⚠️ 店铺落后于区块链",
            "还有 {blocks} 个区块未读；最新区块已 {seconds} 秒没有变化。",
            "客户较晚看到付款，也较晚收到能量。",
            "节点可能停了或太慢：请在 tron.nodes 中把另一个节点放在最前。",
        ),
        AlertKind.DELEGATION_FAILED: (
            "⚠️ 订单 #{order} 的一次委托失败",
            "其交易状态：{state}。{answer}",
            "客户在等待：在订单时限内会自动重试，也会换用其他能量池。",
            "能量池 {pool}：是否停用请看 /alerts",
        ),
        AlertKind.ORDER_FAILED: (
            "🛟 订单未能交付",
            "已告知客户。",
        ),
        AlertKind.LOW_ENERGY: (
            "⚠️ 可售能量不足：{free}",
            "低于 {least}。若不再售出，1 小时后为 {in_1}，6 小时后 {in_6}，24 小时后 {in_24}。",
            "客户可能无能量可买。",
            "请增加质押，或添加能量池：energy-flash pools add",
        ),
        AlertKind.PAYMENT_HELD: (
            "💰 有付款待处理",
            "付款人在等待。请决定：/held",
        ),
        AlertKind.PAYMENT_ADRIFT: (
            "⚠️ 一笔已确认的付款离开了区块链",
            "在它回来或确定回不来之前，不再为它发送任何东西。",
        ),
        AlertKind.PAYMENT_LOST: (
            "🚨 一笔付款永久离开了区块链",
            "尚未为它交付的部分已撤销。",
        ),
        AlertKind.REFUND_WAITS: (
            "↩️ 有退款在等待",
            "客户在等这笔钱：/refunds",
        ),
        AlertKind.CPU_BUSY: (
            "⚠️ 处理器繁忙：{percent} %",
            "这台机器上的所有程序合计，已持续 {minutes} 分钟以上。",
            "回复和交付会变慢。",
            "请查看机器上还运行着什么，或换更大的机器。",
        ),
        AlertKind.MEMORY_FULL: (
            "⚠️ 内存不足：{percent} %",
            "这台机器上的所有程序合计，已持续 {minutes} 分钟以上。",
            "内存用尽时店铺会被终止。不会丢失任何东西，但会停业。",
            "请查看机器上还运行着什么，或换更大的机器。",
        ),
        AlertKind.TELEGRAM_CONFLICT: (
            "🚨 另一个程序在运行此机器人",
            "Telegram 说另有程序在领取机器人的消息（409）。",
            "客户只能偶尔得到回答，有些还来自另一个程序。",
            "请停掉另一个程序。若您不知道有，则有人拿到了令牌：请向 @BotFather 换一个新的。",
        ),
        AlertKind.MESSAGES_REFUSED: (
            "⚠️ 聊天拒收机器人的消息",
            "十分钟内 {of} 条消息有 {refused} 条被退回（403）。",
            "客户收不到订单消息；订单本身照常进行。",
            "若不是许多人屏蔽了机器人：是否被 Telegram 限制？请看 @BotFather 和 @SpamBot。",
        ),
        AlertKind.DATABASE_DOWN: (
            "🚨 数据库中断了 {seconds} 秒",
            "其间没有售出，也没有回答任何人。没有丢失任何东西：其间到来的现在已处理。",
            "若再次发生，请检查数据库服务器和磁盘。",
        ),
        AlertKind.REDIS_DOWN: (
            "🚨 Redis 中断",
            "没有回答：{error}",
            "客户得不到回答；已付订单照常交付。",
            "请重新启动其服务器；内置的会自行启动。",
        ),
    }
