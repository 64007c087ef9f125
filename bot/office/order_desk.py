"""Cards of orders, for the people who run the shop."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton

from bot.keyboards import button, keyboard
from bot.office.cards import back, pages
from bot.office.taps import (
    DoWithOrder,
    FindOrders,
    FoundOrders,
    LookAtOrder,
    OrderDoing,
    OrdersAt,
    OrderTimes,
    PickPool,
    Room,
)
from bot.screen import Card
from bot.texts import Texts
from bot.texts.figures import short_address
from chain.addresses import Address
from services.acts import RIGHT_FOR
from services.order_acts import OrderDesk
from services.order_search import OrderList, Wanted
from services.order_views import OrderView
from services.staff import Actor

EVENTS_ON_A_PAGE = 12


def order_list(texts: Texts, found: OrderList) -> Card:
    """The newest orders, on pages."""
    words, common = texts.office.orders, texts.office.common
    turning = pages(found.page, found.pages, lambda page: OrdersAt(page=page).pack())
    find = button(words.find_button, FindOrders().pack())
    return Card(
        words.newest(found),
        keyboard(*_orders(texts, found.orders), turning, [find], [back(common)]),
    )


def order_hits(texts: Texts, found: OrderList, wanted: Wanted) -> Card:
    """A page of what was found."""
    words = texts.office.orders
    turning = pages(found.page, found.pages, lambda page: FoundOrders.at(page, wanted).pack())
    again = button(words.find_button, FindOrders().pack())
    way_back = back(texts.office.common, Room.ORDERS)
    return Card(
        words.found(found),
        keyboard(*_orders(texts, found.orders), turning, [again], [way_back]),
    )


def no_order(texts: Texts) -> Card:
    """Nothing was found, said kindly."""
    words = texts.office.orders
    again = button(words.find_button, FindOrders().pack())
    way_back = back(texts.office.common, Room.ORDERS)
    return Card(words.nothing_found(), keyboard([again], [way_back]))


def _orders(texts: Texts, orders: Sequence[OrderView]) -> list[list[InlineKeyboardButton]]:
    label = texts.office.orders.order_button
    return [[button(label(order), LookAtOrder(order=order.number).pack())] for order in orders]


def order_desk(texts: Texts, desk: OrderDesk, actor: Actor, *, done: bool = False) -> Card:
    """An order, what is known of it, and what can be done with it; `done`: something just was."""
    words, number = texts.office.orders, desk.view.number
    doings = [
        [
            button(
                words.doing_button(doing.name.lower(), desk),
                DoWithOrder(order=number, doing=doing).pack(),
            )
        ]
        for doing in OrderDoing
        if doing.act in desk.possible
        and actor.may(RIGHT_FOR[doing.act])
        and (doing is not OrderDoing.END_WITH_SHARE or desk.share_percent)
    ]
    times = button(words.times_button, OrderTimes(order=number, page=1).pack())
    again = button(words.again_button, LookAtOrder(order=number).pack())
    way_back = back(texts.office.common, Room.ORDERS)
    return Card(words.desk(desk, done=done), keyboard([times, again], *doings, [way_back]))


def order_times(texts: Texts, desk: OrderDesk, page: int) -> Card:
    """A page of what happened to an order; a page beyond the ends is the nearest one."""
    words, number = texts.office.orders, desk.view.number
    count = max(1, -(-len(desk.events) // EVENTS_ON_A_PAGE))
    page = min(max(page, 1), count)
    first = (page - 1) * EVENTS_ON_A_PAGE
    turning = pages(page, count, lambda to: OrderTimes(order=number, page=to).pack())
    shown = desk.events[first : first + EVENTS_ON_A_PAGE]
    return Card(words.times(desk.view, shown), keyboard(turning, [to_order(texts, number)]))


def order_pools(texts: Texts, number: int, pools: Sequence[Address]) -> Card:
    """The pools that could deliver an order."""
    words = texts.office.orders
    rows = [
        [button(short_address(pool), PickPool(order=number, pool=pool).pack())] for pool in pools
    ]
    text = words.which_pool(pools) if pools else words.no_pool()
    return Card(text, keyboard(*rows, [to_order(texts, number)]))


def to_order(texts: Texts, number: int) -> InlineKeyboardButton:
    """Back to an order's card."""
    return button(texts.office.common.back_button, LookAtOrder(order=number).pack())
