"""Chinese: decisions about held payments."""

from __future__ import annotations

from bot.texts.office.held import HeldTexts
from bot.texts.zh_words import ChineseWords


class ChineseHeld(ChineseWords, HeldTexts):
    """What is asked, and what it means."""

    more_button = "更多…"
    assign_button = "用于其他订单…"
    flash_button = "换成能量给付款方"
    credit_sender_button = "记入付款地址"
    credit_other_button = "记给其他客户…"
    keep_button = "这是我自己的钱"
    _which_order = "用于哪个订单？请发送订单号，例如 1001。"
    _which_user = "这是谁的？请发送对方的 Telegram ID或 @用户名。"
    _no_such_user = "店铺没有见过这个编号或用户名。"
    _fits = "可能对应的订单，最可能的在前："
    _customer = "客户："

    def _pays(self, order: str, trx: str) -> str:
        return f"支付{order}：{trx}"

    def _assign(self, trx: str, order: str) -> str:
        return f"用 {trx} TRX 支付{order}？"

    _assigned_then = "能量会马上发出，多出的部分记入该订单客户的余额。"

    def _flash(self, trx: str) -> str:
        return f"把 {trx} TRX 换成能量给付款方？"

    _flash_then = "按今日价格买尽可能多的整笔转账，剩余部分记入付款方余额。"

    def _credit_other(self, trx: str, who: str) -> str:
        return f"把 {trx} TRX 记给客户 {who}？"

    _credit_other_then = "对方会收到通知，可以使用或提取。此操作无法撤销。"

    def _credit_sender(self, trx: str) -> str:
        return f"把 {trx} TRX 记入付款地址？"

    _credit_sender_then = "谁证明该地址归其所有，款项就归谁，此前询问过的客户不会得到。"

    def _keep(self, trx: str) -> str:
        return f"把 {trx} TRX 记为您自己的资金？"

    _keep_then = "没有客户会因此得到任何东西。此操作无法撤销。"
