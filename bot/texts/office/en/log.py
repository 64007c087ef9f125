"""English: the log."""

from __future__ import annotations

from bot.texts.en_words import EnglishWords
from bot.texts.office.log import LogTexts


class EnglishLog(EnglishWords, LogTexts):
    """Who did what."""

    newest_button = "« Newest"
    older_button = "Older ›"
    by_person_button = "Of one person"
    by_subject_button = "About one thing"
    everything_button = "Everything"

    _log = "The log, newest first"
    _nothing_yet = "Nothing stands here yet."

    def _of_person(self, actor_id: int) -> str:
        return f"Only what {actor_id} did."

    def _about(self, subject: str) -> str:
        return f"Only about {subject}."

    _program = "the program"
    _whose = "Whose? Choose one of the staff, or write anybody's Telegram id."
    _about_what = "About what? Write it as you have it: order 1001, an address, a setting."

    def _nobody_did(self, words: str) -> str:
        return f"Nothing in the log is about “{words}”. Write something else, or go back."

    _which_subject = "Several things are called like that. Which one?"
    _why = "Why: "
    _changed = "Before → after"

    def _more_changes(self, left_out: int) -> str:
        return f"… and {left_out} more"
