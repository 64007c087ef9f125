"""Chinese: the log."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.log import LogTexts
from bot.texts.office.zh.alerts import ChineseAlerts
from bot.texts.office.zh.risk import ChineseRisk
from bot.texts.office.zh.settings import ChineseSettings
from bot.texts.zh_words import ChineseWords


class ChineseLog(ChineseWords, LogTexts):
    """Who did what."""

    newest_button = "« 最新"
    older_button = "更早 ›"
    by_person_button = "按人员"
    by_subject_button = "按对象"
    everything_button = "全部日志"
    same_person_button = "此人的全部操作"
    same_subject_button = "此对象的全部记录"

    _acts: ClassVar = {
        "retry order": "重新寻找能量",
        "deliver by another pool": "换能量池发送",
        "refund order": "订单退款",
        "credit order": "订单款记入余额",
        "extend order": "免费延长",
        "end order": "结束租用",
        "assign payment": "把付款用于订单",
        "deliver for payment": "按付款发送能量",
        "flash payment": "把付款换成能量",
        "credit payment": "付款记入余额",
        "credit payment to another": "付款记给他人",
        "refund payment": "退回付款",
        "keep payment": "付款记为自有资金",
        "approve refund": "批准退款",
        "pool_enable": "开始出售能量池",
        "pool_drain": "停售能量池",
        "pool_disable": "停用能量池",
        "pool_terms": "修改能量池条件",
        "pool_add": "添加能量池",
        "price_change": "修改价格",
        "price_remove": "停售租期",
        "adjust": "调整余额",
        "ban": "封禁",
        "unban": "解除封禁",
        "note": "写备注",
        "limit": "设置个人上限",
        "make_key": "创建程序密钥",
        "revoke_key": "撤销程序密钥",
        "broadcast": "开始群发",
        "cancel_broadcast": "取消群发",
        "begin_maintenance": "暂停新订单",
        "end_maintenance": "恢复接单",
        "word_maintenance": "修改维护说明",
        "blacklist": "加入黑名单",
        "unlist": "移出黑名单",
        "allow_order": "放行订单",
        "refuse_order": "拒绝订单",
        "change_setting": "修改设置",
        "reset_setting": "设置恢复为文件中的值",
        "acknowledge_alert": "接手告警",
        "pause_broadcast": "暂停群发",
        "go_on_broadcast": "继续群发",
        "exported": "导出账目",
        "refused": "被拒绝",
    }
    _roles: ClassVar = {
        "owner": "所有者",
        "operator": "运营",
        "support": "客服",
        "viewer": "只读",
        "stranger": "外人",
    }
    _subjects: ClassVar = {
        "order": "订单",
        "payment": "付款",
        "refund": "退款",
        "pool": "能量池",
        "price": "价格",
        "user": "客户",
        "address": "地址",
        "transaction": "交易",
        "setting": "设置",
        "broadcast": "群发",
        "alert": "告警",
        "maintenance": "维护",
    }
    _settings: ClassVar = ChineseSettings.names
    _alert_titles: ClassVar = ChineseAlerts.titles
    _fields: ClassVar = {
        "status": "状态",
        "state": "状态",
        "sun": "金额",
        "user": "客户",
        "order": "订单",
        "compensation": "款项",
        "pool": "能量池",
        "hours": "赠送小时数",
        "expires_at": "到期",
        "ended_at": "结束时间",
        "percent": "返还比例（%）",
        "risk": "原因",
        "risk_decision": "决定",
        "listed": "在黑名单中",
        "closed": "暂停新订单",
        "since": "开始时间",
        "by": "操作人",
        "messages": "客户看到",
        "people": "人数",
        "language": "语言",
        "activity": "对象",
        "remaining": "未发送人数",
        "balance_sun": "余额",
        "banned": "已封禁",
        "note": "备注",
        "day": "每天订单",
        "open": "未付款订单",
        "approved": "已批准",
        "waits_for": "等待",
        "sent_sun": "转出",
        "to": "收款方",
        "address": "地址",
        "permission_id": "权限",
        "key_address": "密钥",
        "reserve_sun": "保留",
        "cap_sun": "单次委托上限",
        "hourly_delegations": "每小时委托",
        "priority": "优先级",
        "cost_sun": "成本",
        "price.hours": "小时",
        "price.sun": "每单位能量",
        "price.minimum": "最低价",
        "price.steps": "阶梯",
        "price.start": "起始时间",
        "price": "价格",
        "from": "起始时间",
        "rows": "行数",
        "key": "密钥",
        "name": "名称",
        "scopes": "权限",
        "networks": "仅限地址",
    }
    _values: ClassVar = {
        **{str(reason): told for reason, told in ChineseRisk.reasons.items()},
        "yes": "是",
        "no": "否",
        "allowed": "已放行",
        "refused": "已拒绝",
        "refund": "退回付款方",
        "credit": "记入余额",
        "hold": "待处理",
        "enabled": "出售中",
        "draining": "已停售",
        "disabled": "已停用",
        "draft": "草稿",
        "sending": "发送中",
        "paused": "已暂停",
        "done": "已完成",
        "over_cap": "超过上限",
        "no_wallet": "没有退款钱包",
        "daily_cap": "当日额度",
        "wallet_empty": "钱包余额不足",
        "expired": "已过期",
        "all": "所有人",
        "lately": "30 天内来过",
        "paid": "已付款",
        "never_paid": "从未付款",
        "zh": "中文",
        "en": "英文",
        "ru": "俄文",
        "pending": "待付款",
        "processing": "发送中",
        "completed": "已完成",
        "failed": "未完成",
        "cancelled": "已取消",
        "seen": "已看到，未确认",
        "orphaned": "已离开主链",
        "matched": "已用于订单",
        "flash": "将换成能量",
        "delivered": "能量已送达",
        "credited": "已入余额",
        "held": "待处理",
        "refunding": "正在退回",
        "refunded": "已退回",
        "dust": "金额过小",
        "own": "店铺自有",
        "lost": "已永久离开主链",
        "read": "查看",
        "order": "下单",
        "spend": "用余额支付",
        "webhooks": "事件通知",
    }
    _books: ClassVar = {
        "orders": "订单",
        "payments": "付款",
        "ledger": "账本",
    }
    _spans: ClassVar = {
        "day": "日",
        "week": "周",
        "month": "月",
    }
    _languages: ClassVar = {
        "zh": "中文",
        "en": "英文",
        "ru": "俄文",
    }

    _log = "操作日志（最新在前）"
    _nothing_yet = "这里还没有记录。"
    _program = "程序"
    _button = "按钮"
    _whose = "看谁的？请选择一位工作人员，或发送任何人的 Telegram ID或 @用户名。"
    _about_what = "关于什么？请直接发送手头的内容：订单 1001、地址、设置名称。"
    _which_subject = "有好几个符合，您指哪一个？"
    _why = "理由："
    _changed = "之前 → 之后"

    def _of_person(self, who: str) -> str:
        return f"只看 {who} 的操作。"

    def _about(self, subject: str) -> str:
        return f"只看：{subject}"

    def _export(self, book: str, span: str, day: str) -> str:
        return f"{book}（{day}，{span}）"

    def _nobody_did(self, words: str) -> str:
        return f"日志里没有关于“{words}”的记录。请换个内容，或返回。"

    def _nobody_is(self, words: str) -> str:
        return f"店铺没有见过“{words}”。请发送编号或 @用户名，或返回。"

    def _more_changes(self, left_out: int) -> str:
        return f"……另有 {left_out} 项"
