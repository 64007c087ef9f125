"""Filters that read the words of a message, wherever they stand."""

from __future__ import annotations

from aiogram.types import Message


def written(message: Message) -> str:
    """The text of a message, or what is written under a picture."""
    return (message.text or message.caption or "").strip()


def has_words(message: Message) -> dict[str, str] | bool:
    """Words that are not a command; a handler gets them as `words`."""
    words = written(message)
    return {"words": words} if words and not words.startswith("/") else False
