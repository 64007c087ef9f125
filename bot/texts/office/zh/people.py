"""Chinese: people."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.people import PeopleTexts
from bot.texts.zh_words import ChineseWords
from services.customers import Language
from services.order_views import Stage
from services.people import Bound, Person


class ChinesePeople(ChineseWords, PeopleTexts):
    """Finding people, their card, and what is done about them."""

    adjust_button = "调整余额"
    ban_button = "封禁"
    unban_button = "解除封禁"
    note_button = "备注"
    orders_button = "全部订单"
    cannot_ban_staff = "这是店铺的工作人员。请先在设置中取消其角色。"
    nobody_like_that = "机器人没有见过这样的用户。"
    _ask = (
        "您要找谁？",
        "请发送 Telegram ID、@用户名、名字、TRON 地址或订单号。",
    )
    _found = "您指的是谁？"
    _more = "……还有更多。用户名或 ID 只会找到一个人。"
    _languages: ClassVar = {
        Language.ZH: "中文",
        Language.EN: "英语",
        Language.RU: "俄语",
    }
    _stages: ClassVar = {
        Stage.AWAITING: "等待付款",
        Stage.UNDERPAID: "部分付款",
        Stage.SEEN: "已看到付款",
        Stage.PAID: "已付款",
        Stage.DELIVERED: "已送达",
        Stage.ENDED: "已结束",
        Stage.EXPIRED: "已过期",
        Stage.CANCELLED: "已取消",
        Stage.FAILED: "未送达",
    }
    _bounds: ClassVar = {Bound.DAY: "每天订单数", Bound.OPEN: "同时未付款订单数"}
    _bound_buttons: ClassVar = {Bound.DAY: "每天订单数…", Bound.OPEN: "未付款订单数…"}
    _language = "语言"
    _since = "首次到访"
    _seen = "最近到访"
    _blocked = "已屏蔽机器人"
    _banned = "已封禁"
    _because = "理由"
    _note = "备注"
    _balance = "余额（TRX）"
    _spent = "累计消费"
    _orders = "订单"
    _latest = "最近订单"
    _addresses = "地址"
    _proved = "已证明"
    _paid_from = "付款地址"
    _own_bounds = "专属限额"
    _no_orders = "还没有订单。"
    _ask_amount = (
        "余额要增减多少？",
        "请发送带正负号的 TRX，例如 +5 或 -0.25，小数点后最多六位。",
    )
    _amount_unclear = "看不懂这个金额。"
    _not_below_zero = "余额不能低于零。"
    _ask_note = "需要让同事知道什么？发送 - 可删除备注。"
    _note_taken_away = "备注将被删除。"
    _ask_bound: ClassVar = {
        Bound.DAY: "每天最多几个订单？发送 - 恢复通用限额。",
        Bound.OPEN: "同时最多几个未付款订单？发送 - 恢复通用限额。",
    }
    _bound_unclear = "请发送 0 到 1,000,000 的整数，或发送 - 恢复通用限额。"
    _everybodys = "与大家相同"
    _note_will_be = "备注将改为："
    _will_hear = "这笔账记在店主名下，客户会收到通知。"
    _ban_means = (
        "不能再下单，也不能使用任何按钮。",
        "没有对应订单的付款，会留给您处理。",
    )
    _unban_means = "可以重新下单。"

    def _counts(self, person: Person) -> str:
        return (
            f"{self.number(person.orders)} 个，已送达 {self.number(person.delivered)}，"
            f"进行中 {self.number(person.under_way)}，未付款 {self.number(person.waiting)}"
        )

    def _banned_by(self, actor_id: int) -> str:
        return f"操作人 {actor_id}"

    def _orders_of(self, name: str, page: int, pages: int) -> str:
        return f"{name} 的订单" + (f"，第 {page}/{pages} 页" if pages > 1 else "")

    def _balance_becomes(self, before: str, after: str) -> str:
        return f"余额将从 {before} 变为 {after} TRX。"

    def _goes_on(self, waiting: int, under_way: int) -> str:
        return (
            f"已有的照常进行：{self.number(waiting)} 个未付款订单，"
            f"{self.number(under_way)} 个进行中。"
        )

    def _bound_becomes(self, bound: str, before: str, after: str) -> str:
        return f"{bound}：{before} → {after}"
