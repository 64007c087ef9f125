"""The connection to the Bot API."""

from __future__ import annotations

import gc
import weakref

from aiogram import Bot
from aiogram.methods import Response
from aiogram.types import User


async def test_the_model_of_an_answer_is_built_once(bot: Bot) -> None:
    await bot.me()
    model = weakref.ref(Response[User])
    gc.collect()
    assert model() is not None
