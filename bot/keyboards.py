"""What keyboards are made of, and the buttons that many cards share."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.enums import ButtonStyle
from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import Go, Place
from bot.texts import Texts


def button(text: str, data: str, style: ButtonStyle | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data, style=style)


def copying(text: str, copied: str, style: ButtonStyle | None = None) -> InlineKeyboardButton:
    """A tap takes `copied` to the clipboard: at most 256 characters."""
    return InlineKeyboardButton(text=text, copy_text=CopyTextButton(text=copied), style=style)


def keyboard(*rows: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in rows if row])


def going(text: str, place: Place, style: ButtonStyle | None = None) -> InlineKeyboardButton:
    return button(text, Go(place=place).pack(), style)


def rent_button(texts: Texts) -> InlineKeyboardButton:
    return going(texts.rent_button, Place.RENT, ButtonStyle.PRIMARY)


def to_menu(texts: Texts) -> InlineKeyboardButton:
    return going(texts.menu_button, Place.MENU)


def back_to_menu(texts: Texts) -> InlineKeyboardButton:
    return going(texts.back_button, Place.MENU)


def to_balance(texts: Texts) -> InlineKeyboardButton:
    return going(texts.balance_button, Place.BALANCE)
