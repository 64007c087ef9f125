"""The words of the bot, one module per language."""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts.catalogue import Texts
from bot.texts.en import English
from bot.texts.ru import Russian
from bot.texts.zh import Chinese
from services.customers import Language

__all__ = ["Texts", "all_texts"]


def all_texts(explorer_url: str) -> Mapping[Language, Texts]:
    """Every language; their links lead to the block explorer at `explorer_url`."""
    chinese: Texts = Chinese(explorer_url)
    english: Texts = English(explorer_url)
    russian: Texts = Russian(explorer_url)
    return {texts.language: texts for texts in (chinese, english, russian)}
