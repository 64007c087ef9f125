"""Orders: placing one, its card, its time, and /orders."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import Do, ExtendBy, OrdersPage, OrderTap, PlaceOrder
from bot.lasting import Lasting
from bot.ordering import Ordering


def router() -> Router:
    router = Router(name="orders")

    @router.callback_query(PlaceOrder.filter())
    async def place(_: CallbackQuery, callback_data: PlaceOrder, ordering: Ordering) -> None:
        await ordering.place(callback_data)

    @router.message(Command("orders"))
    async def first_page(_: Message, ordering: Ordering) -> None:
        await ordering.list(page=1)

    @router.callback_query(OrdersPage.filter())
    async def page(_: CallbackQuery, callback_data: OrdersPage, ordering: Ordering) -> None:
        await ordering.list(callback_data.page)

    @router.callback_query(OrderTap.filter(F.do == Do.OPEN))
    async def open_card(_: CallbackQuery, callback_data: OrderTap, ordering: Ordering) -> None:
        await ordering.open(callback_data.order)

    @router.callback_query(OrderTap.filter(F.do == Do.REFRESH))
    async def refresh(_: CallbackQuery, callback_data: OrderTap, ordering: Ordering) -> None:
        await ordering.refresh(callback_data.order)

    @router.callback_query(OrderTap.filter(F.do == Do.PAY))
    async def pay(_: CallbackQuery, callback_data: OrderTap, ordering: Ordering) -> None:
        await ordering.pay_from_balance(callback_data.order)

    @router.callback_query(OrderTap.filter(F.do == Do.CANCEL))
    async def cancel(_: CallbackQuery, callback_data: OrderTap, ordering: Ordering) -> None:
        await ordering.cancel(callback_data.order)

    @router.callback_query(OrderTap.filter(F.do == Do.AGAIN))
    async def again(_: CallbackQuery, callback_data: OrderTap, ordering: Ordering) -> None:
        await ordering.again(callback_data.order)

    @router.callback_query(OrderTap.filter(F.do == Do.EXTEND))
    async def offer(_: CallbackQuery, callback_data: OrderTap, lasting: Lasting) -> None:
        await lasting.offer(callback_data.order)

    @router.callback_query(ExtendBy.filter())
    async def extend(_: CallbackQuery, callback_data: ExtendBy, lasting: Lasting) -> None:
        await lasting.extend(callback_data)

    @router.callback_query(OrderTap.filter(F.do == Do.END))
    async def ask_end(_: CallbackQuery, callback_data: OrderTap, lasting: Lasting) -> None:
        await lasting.ask_end(callback_data.order)

    @router.callback_query(OrderTap.filter(F.do == Do.END_NOW))
    async def end_now(_: CallbackQuery, callback_data: OrderTap, lasting: Lasting) -> None:
        await lasting.end_now(callback_data.order)

    return router
