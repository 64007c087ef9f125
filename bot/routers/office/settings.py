"""/settings, and its door."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import (
    ChangeSetting,
    Enter,
    LookAtSetting,
    ResetSetting,
    Room,
    SwitchSetting,
)


def router() -> Router:
    router = Router(name="office: settings")

    @router.message(Command("settings"))
    @router.callback_query(Enter.filter(F.room == Room.SETTINGS))
    async def look(_: Message | CallbackQuery, office: Office) -> None:
        await office.asking.done()
        await office.settings.look()

    @router.callback_query(LookAtSetting.filter())
    async def one(_: CallbackQuery, callback_data: LookAtSetting, office: Office) -> None:
        await office.settings.setting(callback_data.key)

    @router.callback_query(ChangeSetting.filter())
    async def change(_: CallbackQuery, callback_data: ChangeSetting, office: Office) -> None:
        await office.settings.ask(callback_data.key)

    @router.callback_query(SwitchSetting.filter())
    async def switch(_: CallbackQuery, callback_data: SwitchSetting, office: Office) -> None:
        await office.settings.switch(callback_data.key, on=callback_data.on)

    @router.callback_query(ResetSetting.filter())
    async def reset(_: CallbackQuery, callback_data: ResetSetting, office: Office) -> None:
        await office.settings.reset(callback_data.key)

    return router
