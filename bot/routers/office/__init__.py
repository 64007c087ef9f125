"""The routers of the office: one door, then a router for each area, then those who may not."""

from __future__ import annotations

from aiogram import Router

from bot.office.access import may_say, may_tap
from bot.routers.office import (
    alerts,
    broadcast,
    held,
    keys,
    log,
    maintenance,
    orders,
    people,
    pools,
    prices,
    questions,
    refused,
    reports,
    risk,
    settings,
    today,
)


def router() -> Router:
    """For everybody else these commands and buttons do not exist."""
    office = Router(name="office")
    for observer in (office.message, office.edited_message):
        observer.filter(may_say)
    office.callback_query.filter(may_tap)
    office.include_routers(
        today.router(),
        held.router(),
        orders.router(),
        pools.router(),
        prices.router(),
        people.router(),
        keys.router(),
        broadcast.router(),
        maintenance.router(),
        risk.router(),
        settings.router(),
        log.router(),
        alerts.router(),
        reports.router(),
        questions.router(),
    )
    outer = Router(name="office and its door")
    outer.include_routers(office, refused.router())
    return outer
