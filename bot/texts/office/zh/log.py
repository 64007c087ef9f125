"""Chinese: the log."""

from __future__ import annotations

from bot.texts.office.log import LogTexts
from bot.texts.zh_words import ChineseWords


class ChineseLog(ChineseWords, LogTexts):
    """Who did what."""

    newest_button = "« 最新"
    older_button = "更早 ›"
    by_person_button = "按人员"
    by_subject_button = "按对象"
    everything_button = "全部日志"

    _log = "操作日志（最新在前）"
    _nothing_yet = "这里还没有记录。"

    def _of_person(self, actor_id: int) -> str:
        return f"只看 {actor_id} 的操作。"

    def _about(self, subject: str) -> str:
        return f"只看关于 {subject} 的操作。"

    _program = "程序"
    _whose = "看谁的？请选择一位工作人员，或输入任何人的 Telegram id。"
    _about_what = "关于什么？直接输入您手头的内容：order 1001、地址、设置名。"

    def _nobody_did(self, words: str) -> str:
        return f"日志里没有关于“{words}”的记录。请换个内容，或返回。"

    _which_subject = "有好几个符合，您指哪一个？"
    _why = "理由："
    _changed = "之前 → 之后"

    def _more_changes(self, left_out: int) -> str:
        return f"…… 另有 {left_out} 项"
