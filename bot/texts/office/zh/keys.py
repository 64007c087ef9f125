"""Chinese: the API keys of somebody."""

from __future__ import annotations

from bot.texts.office.keys import PersonKeyTexts
from bot.texts.zh_keys import ChineseKeyLines


class ChinesePersonKeys(ChineseKeyLines, PersonKeyTexts):
    """The keys of somebody, one of them, and a new one."""

    keys_button = "API 密钥"
    handed_over_button = "已转交"
    revoke_button = "撤销…"
    too_many = "该用户的密钥已达上限，请先撤销一个。"
    key_unknown = "没有这个密钥。"
    needs_scope = "密钥至少要有一项权限。"

    _api_keys = "API 密钥"
    _no_keys = "没有密钥。"
    _bounds = "程序同时未付款的订单往往比人多：可在用户卡片上设置专属限额。"
    _belongs_to = "属于"
    _ask_name = "密钥叫什么名字？"
    _is_made = "密钥已生成"
    _shown_once = "它不会再次显示。"
    _hand_it_on = (
        "请用别人看不到的方式交给对方，然后点下面的按钮，它就会从聊天中消失。"
        "对方已收到通知，其中没有密钥本身。"
    )
    _make_means = "密钥只显示一次，由您转交。用户会收到通知。"
    _revoke_means = "使用它的程序会立即被拒绝，无法恢复。已下的订单照常进行。密钥的主人会收到通知。"
    _by_hand = "在命令行创建"

    def _made_by(self, actor_id: int) -> str:
        return f"创建人 {actor_id}"
