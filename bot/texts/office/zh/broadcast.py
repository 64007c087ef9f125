"""Chinese: broadcasts."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.broadcast import BroadcastTexts
from bot.texts.zh_words import ChineseWords
from services.broadcasts import Activity, BroadcastState
from services.customers import Language


class ChineseBroadcast(ChineseWords, BroadcastTexts):
    """Composing a broadcast, how far it is, and the earlier ones."""

    new_button = "新建群发"
    preview_button = "再给我看一次"
    pause_button = "暂停"
    go_on_button = "继续"
    cancel_button = "取消…"
    not_copied = "Telegram 找不到这条消息了，请重新写一条。"
    not_possible = "现在已经不能这样做了。当前情况如下。"
    _room = ("📣 群发", "把一条消息原样发给许多人。")
    _none_yet = "还没有群发过。"
    _ask = (
        "请发送您要群发的消息。",
        "文字、图片、视频等都可以：一条消息，格式会保留。所有人收到之前，请不要在这里删除它。",
    )
    _cannot_copy = "Telegram 不允许转发这条消息。"
    _draft = ("上面就是他们会看到的内容。", "发给谁？")
    _languages: ClassVar = {
        None: "所有语言",
        Language.ZH: "中文",
        Language.EN: "英语",
        Language.RU: "俄语",
    }
    _activities: ClassVar = {
        Activity.ALL: "所有人",
        Activity.LATELY: "30 天内来过",
        Activity.PAID: "付过款",
        Activity.NEVER_PAID: "从未付款",
    }
    _states: ClassVar = {
        BroadcastState.DRAFT: "草稿",
        BroadcastState.SENDING: "发送中",
        BroadcastState.PAUSED: "已暂停",
        BroadcastState.CANCELLED: "已取消",
        BroadcastState.DONE: "已完成",
    }
    _for_whom = "对象"
    _arrived = "已送达"
    _blocked = "已屏蔽机器人"
    _undelivered = "未送达"
    _remaining = "剩余"
    _message_gone = "原消息已不在聊天中，没有内容可发。请取消这次群发，再写一条新的。"
    _notices_first = "订单通知优先发送。"

    def send_button(self, people: int) -> str:
        return f"发送给 {self._people(people)}…"

    def _and_more(self, count: int) -> str:
        return f"……还有 {self.number(count)} 次。"

    def _people(self, count: int) -> str:
        return f"{self.number(count)} 人"

    def _start_means(self, people: int, minutes: int) -> tuple[str, ...]:
        return (
            f"要发送给 {self._people(people)} 吗？",
            f"大约需要 {self.number(minutes)} 分钟。中途可以暂停或取消，但已送达的无法收回。",
        )

    def _cancel_means(self, had: int, remaining: int) -> tuple[str, ...]:
        return (
            "要彻底结束这次群发吗？",
            f"{self._people(had)} 已收到，其余 {self._people(remaining)} 将收不到。目前已暂停。",
        )
