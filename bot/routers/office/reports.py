"""Reports: /report, its buttons, and the books as files."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.office.office import Office
from bot.office.taps import Enter, Room, ShowReport, TakeBook
from services.spans import SpanKind


def router() -> Router:
    router = Router(name="office: reports")

    @router.message(Command("report"))
    async def said(_: Message, command: CommandObject, office: Office) -> None:
        await office.reports.said(command.args or "")

    @router.callback_query(Enter.filter(F.room == Room.REPORTS))
    async def enter(_: CallbackQuery, office: Office) -> None:
        await office.reports.show(SpanKind.DAY)

    @router.callback_query(ShowReport.filter())
    async def show(_: CallbackQuery, callback_data: ShowReport, office: Office) -> None:
        await office.reports.show(callback_data.span, callback_data.day)

    @router.callback_query(TakeBook.filter())
    async def take(_: CallbackQuery, callback_data: TakeBook, office: Office) -> None:
        await office.reports.take(callback_data.book, callback_data.span, callback_data.day)

    return router
