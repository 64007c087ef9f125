"""The pictures of a card: a QR code while it waits for money, and one for each later stage.

Once an order is closed no scannable code of its payment address stays in the chat.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from bot.qr import address_qr
from bot.screen import Picture
from services.order_views import OrderView, Stage


def picture_of(order: OrderView) -> Picture:
    """The picture for where the order stands."""
    if order.stage is Stage.AWAITING:
        return Picture(key=f"qr:{order.payment_address}", png=address_qr(order.payment_address))
    return Picture(key=f"stage:{order.stage}", png=_stage_png(order.stage))


@lru_cache(maxsize=len(Stage))
def _stage_png(stage: Stage) -> bytes:
    return (files(__name__) / f"{stage}.png").read_bytes()
