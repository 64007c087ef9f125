"""Chinese: risk."""

from __future__ import annotations

from typing import ClassVar

from aiogram.utils.formatting import Text

from bot.texts.office.risk import RiskTexts
from bot.texts.zh_words import ChineseWords
from services.risk import Outcome, RiskReason


class ChineseRisk(ChineseWords, RiskTexts):
    """The rules, orders that wait, and whom nothing is sold to."""

    allow_button = "放行"
    refuse_button = "拒绝"
    list_somebody_button = "查找或加入黑名单"
    unlist_button = "移出黑名单"
    whom_unclear = "这里既没有 TRON 地址，也没有 Telegram ID。请发送其中一个。"

    _rules = "风控规则（config.toml 的 [risk]）"
    reasons: ClassVar = {
        RiskReason.ADDRESS_LISTED: "地址在黑名单中",
        RiskReason.USER_LISTED: "客户在黑名单中",
        RiskReason.USER_HOUR: "同一客户一小时内订单多",
        RiskReason.USER_DAY: "同一客户一天内订单多",
        RiskReason.ADDRESS_HOUR: "同一地址一小时内订单多",
        RiskReason.ADDRESS_DAY: "同一地址一天内订单多",
        RiskReason.ORDER_SIZE: "大额订单",
        RiskReason.FRESH_AND_BIG: "新客户的大额订单",
        RiskReason.NO_TOKENS: "钱包里没有这种代币",
        RiskReason.FROM_EXCHANGE: "由交易所付款",
        RiskReason.FROM_CONTRACT: "由智能合约付款",
        RiskReason.UNDONE: "一个月内取消或退款多",
    }
    _outcomes: ClassVar = {
        Outcome.ALLOW: "放行",
        Outcome.ASK: "由您决定",
        Outcome.REFUSE: "拒绝",
    }

    def _more_than(self, threshold: str) -> str:
        return f"超过 {threshold}"

    def _of_at_least(self, orders: int) -> str:
        return f"至少 {orders} 个订单"

    def _before(self, orders: int) -> str:
        return f"已送达少于 {orders} 个"

    _orders_wait = "等您决定的订单"
    _no_order_waits = "没有等您决定的订单。"
    _blacklist = "黑名单"
    _nobody_listed = "名单是空的。"

    def _and_more(self, left_out: int) -> str:
        return f"……另有 {left_out} 个"

    def _user(self, user_id: int) -> str:
        return f"客户 {user_id}"

    def _waits_for_you(self, number: int) -> str:
        return f"🔎 订单 #{number} 已付款，等您决定。"

    _decided: ClassVar = {"allowed": "已放行。", "refused": "已拒绝。"}
    _because_of = "被拦下的原因："

    def _paid_by(self, trx: str, user_id: int | None) -> str:
        return f"{trx} TRX，{'未知客户' if user_id is None else self._user(user_id)}"

    def _only_until(self, moment: Text) -> Text:
        return Text("它所延长的租用在 ", moment, " 结束，到时仍未放行，款项会退回。")

    def _listed_by(self, by: int) -> str:
        return f"由 {by} 加入"

    _whom = "谁？请发送 TRON 地址，或客户的 Telegram ID。"

    def _nothing_sold_to(self, whom: Text) -> Text:
        return Text("不再向 ", whom, " 出售能量，已付款的照常处理。")

    def _sold_again_to(self, whom: Text) -> Text:
        return Text("重新向 ", whom, " 出售能量。")

    def _delivered_now(self, energy: str) -> str:
        return f"{energy} 能量会马上发往"

    def _money_goes_back(self, trx: str) -> str:
        return f"不再送达，{trx} TRX 按未能送达的订单处理，客户会收到通知。"
