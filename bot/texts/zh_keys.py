"""简体中文：API 密钥。"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from bot.texts.key_card import KeyCard
from bot.texts.key_lines import KeyLines
from bot.texts.zh_words import ChineseWords
from services.api_keys import Scope


class ChineseKeyLines(ChineseWords, KeyLines):
    """客户和店员看到的密钥文案。"""

    _between: ClassVar[str] = "、"

    new_key_button = "新建密钥"
    make_key_button = "生成密钥"
    anywhere_button = "不限地址"
    copy_key_button = "复制密钥"

    _scope_buttons: ClassVar = {
        Scope.READ: "查看",
        Scope.ORDER: "下单",
        Scope.SPEND: "用余额支付",
        Scope.WEBHOOKS: "Webhook",
    }
    _scopes: ClassVar = {
        Scope.READ: "查看",
        Scope.ORDER: "下单",
        Scope.SPEND: "用余额支付",
        Scope.WEBHOOKS: "设置 Webhook",
    }
    _lengths: ClassVar = {
        timedelta(days=30): "30 天",
        timedelta(days=365): "1 年",
        None: "不限期",
    }
    _may = "权限"
    _works_until = "至"
    _no_end = "不限期"
    _ran_out = "已到期"
    _revoked = "已撤销"
    _last_used = "最近使用"
    _never_used = "还没有用过"
    _only_from = "仅限地址"
    _from_anywhere = "不限 IP 地址"
    _made = "创建"
    _works = "有效期"
    _tap_to_change = "点一下要改的地方，再生成密钥。"
    _spends = "拿到这个密钥的人，可以用余额租能量。"
    _ask_networks = (
        "允许从哪些 IP 地址使用？",
        "请发送地址或网段，用空格隔开。",
    )
    _is_key = (
        "这是一个 API 密钥。",
        "这里没有人需要它，我已把它从聊天中删除。如果可能被别人看到，请撤销：/api",
    )

    def networks_button(self, count: int) -> str:
        return f"仅限我的 {count} 个地址…" if count else "仅限某些地址…"

    def _key_named(self, name: str) -> str:
        return f"新密钥：{name}"

    def _examples(self, most: int) -> str:
        return f"例如 203.0.113.7 或 203.0.113.0/24，最多 {most} 个。"

    def _name_unfit(self, most: int) -> str:
        return f"请发送 1 到 {most} 个字符的名称，例如：我的店铺"

    def _no_network(self, word: str) -> str:
        return f"“{word}”不是 IP 地址或网段。"

    def _too_many_networks(self, most: int) -> str:
        return f"超过 {most} 个了。请减少一些，或改用更大的网段。"


class ChineseKeys(ChineseKeyLines, KeyCard):
    """客户看到的 API 密钥文案。"""

    api_keys_button = "API 密钥"
    key_saved_button = "我已保存"
    revoke_key_button = "撤销…"
    revoke_key_now_button = "确认撤销"

    key_unknown = "您的密钥里没有找到它。"
    key_needs_scope = "密钥至少要有一项权限。"
    key_draft_gone = "这是以前的表单，请重新开始。"
    key_is_revoked = "已撤销，它不能再使用。"

    _api_keys = "API 密钥"
    _what_for = "有了密钥，您的程序可以用您的名义自动在这里租能量。"
    _address = "API 地址"
    _operator_tells = "API 的地址由店铺的运营人员告诉您。"
    _not_served = "店铺现在没有开放 API，密钥暂时用不了。"
    _no_keys = "您还没有密钥。"
    _ran_out_lately = "最近到期"
    _ask_name = "密钥叫什么名字？方便您以后辨认，例如：我的店铺、钱包服务器、测试"
    _shown_once = "它不会再次显示。"
    _copy_then = (
        "请把它存到程序存放机密的地方，不要给任何人。存好后点下面的按钮，它就会从聊天中消失。"
    )
    _then_refused = "使用它的程序会立即被拒绝，无法恢复。已下的订单照常进行。"
    _shop_hands_on = "创建它的人会把它交给您。您可以随时撤销：/api"
    _refused_from_now_on = "使用它的程序从现在起会被拒绝。您的其他密钥：/api"

    def _too_many(self, most: int) -> str:
        return f"您已有 {most} 个密钥，这是上限。请先撤销一个。"

    def _is_made(self, name: str) -> str:
        return f"密钥“{name}”"

    def _sure_to_revoke(self, name: str) -> str:
        return f"撤销密钥“{name}”？"

    def _shop_made(self, name: str) -> str:
        return f"店铺为您创建了 API 密钥：{name}"

    def _shop_revoked(self, name: str) -> str:
        return f"店铺撤销了您的 API 密钥：{name}"
