"""What a service refuses, as a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from api.problems import Code, Problem
from api.shapes import trx
from services.early_ends import EarlyEndFault, EarlyEndRefused
from services.extensions import ExtensionFault, ExtensionRefused
from services.order_views import OrderView
from services.orders import OrderFault, OrderRefused
from services.quotes import QuoteFault, QuoteRefused
from services.webhooks import MOST_ENDPOINTS, WebhookFault, WebhookRefused

_OF_QUOTE: Mapping[QuoteFault, Code] = {
    QuoteFault.NOT_ACTIVATED: Code.RECIPIENT_NOT_ACTIVATED,
    QuoteFault.IS_CONTRACT: Code.RECIPIENT_IS_CONTRACT,
    QuoteFault.IS_OURS: Code.RECIPIENT_IS_OURS,
    QuoteFault.NOT_TRC20: Code.TOKEN_UNKNOWN,
    QuoteFault.SENDER_FROZEN: Code.SENDER_FROZEN,
    QuoteFault.DESTINATION_FROZEN: Code.DESTINATION_FROZEN,
    QuoteFault.BALANCE_TOO_SMALL: Code.TOKEN_BALANCE_TOO_SMALL,
    QuoteFault.TRANSFER_REVERTS: Code.TRANSFER_WOULD_REVERT,
    QuoteFault.NEEDS_NOTHING: Code.NEEDS_NOTHING,
    QuoteFault.BUDGET_TOO_SMALL: Code.AMOUNT_TOO_SMALL,
    QuoteFault.DESTINATION_IS_RECIPIENT: Code.RECIPIENT_IS_DESTINATION,
    QuoteFault.NOT_ENOUGH_ENERGY: Code.NOT_ENOUGH_ENERGY,
    QuoteFault.TOO_MANY_TRANSFERS: Code.TOO_MANY_TRANSFERS,
    QuoteFault.TOO_MANY_OPEN_ORDERS: Code.TOO_MANY_OPEN_ORDERS,
    QuoteFault.ORDER_TOO_LARGE: Code.ORDER_TOO_LARGE,
    QuoteFault.RECEIVER_LIMIT: Code.RECEIVER_LIMIT,
    QuoteFault.DAILY_LIMIT: Code.DAILY_LIMIT,
    QuoteFault.PRICE_GONE: Code.PRICE_UNKNOWN,
    QuoteFault.CHAIN_UNAVAILABLE: Code.CHAIN_UNAVAILABLE,
    QuoteFault.MAINTENANCE: Code.MAINTENANCE,
}

_OF_ORDER: Mapping[OrderFault, Code] = {
    OrderFault.QUOTE_UNKNOWN: Code.QUOTE_LAPSED,
    OrderFault.QUOTE_LAPSED: Code.QUOTE_LAPSED,
    OrderFault.TOO_MANY_OPEN_ORDERS: Code.TOO_MANY_OPEN_ORDERS,
    OrderFault.TOO_OFTEN: Code.DAILY_LIMIT,
    OrderFault.NOT_ENOUGH_ENERGY: Code.NOT_ENOUGH_ENERGY,
    OrderFault.CHAIN_UNAVAILABLE: Code.CHAIN_UNAVAILABLE,
    OrderFault.NOT_YOURS: Code.ORDER_UNKNOWN,
    OrderFault.ALREADY_SEEN: Code.PAYMENT_IN_SIGHT,
    OrderFault.NOT_OPEN: Code.ORDER_NOT_OPEN,
    OrderFault.BALANCE_TOO_SMALL: Code.BALANCE_TOO_SMALL,
    OrderFault.MAINTENANCE: Code.MAINTENANCE,
    OrderFault.DECLINED: Code.ORDER_DECLINED,
    OrderFault.BANNED: Code.KEY_BANNED,
    OrderFault.NAME_TAKEN: Code.CLIENT_ORDER_ID_TAKEN,
}

_OF_EXTENSION: Mapping[ExtensionFault, Code] = {
    ExtensionFault.NOT_YOURS: Code.ORDER_UNKNOWN,
    ExtensionFault.NOT_RUNNING: Code.RENTAL_NOT_RUNNING,
    ExtensionFault.ALREADY_OPEN: Code.EXTENSION_OPEN,
    ExtensionFault.PRICE_GONE: Code.QUOTE_LAPSED,
    ExtensionFault.BANNED: Code.KEY_BANNED,
    ExtensionFault.DECLINED: Code.ORDER_DECLINED,
    ExtensionFault.CHAIN_UNAVAILABLE: Code.CHAIN_UNAVAILABLE,
}

_OF_EARLY_END: Mapping[EarlyEndFault, Code] = {
    EarlyEndFault.NOT_OFFERED: Code.EARLY_END_NOT_OFFERED,
    EarlyEndFault.NOT_YOURS: Code.ORDER_UNKNOWN,
    EarlyEndFault.NOT_RUNNING: Code.RENTAL_NOT_RUNNING,
    EarlyEndFault.EXTENSION_OPEN: Code.EXTENSION_OPEN,
    EarlyEndFault.UNSETTLED: Code.RENTAL_UNSETTLED,
    EarlyEndFault.CHAIN_UNAVAILABLE: Code.CHAIN_UNAVAILABLE,
}

_OF_WEBHOOK: Mapping[WebhookFault, Code] = {
    WebhookFault.UNKNOWN: Code.WEBHOOK_UNKNOWN,
    WebhookFault.TOO_MANY: Code.TOO_MANY_WEBHOOKS,
    WebhookFault.DELIVERY_UNKNOWN: Code.DELIVERY_UNKNOWN,
    WebhookFault.DISABLED: Code.WEBHOOK_DISABLED,
}


@contextmanager
def refusals() -> Iterator[None]:
    """Whatever a service refuses in the block becomes a problem."""
    try:
        yield
    except QuoteRefused as refused:
        facts: dict[str, Any] = {
            "availableEnergy": refused.available_energy,
            "transfers": refused.transfers,
            "limit": refused.limit,
            "priceTrx": None if refused.price_sun is None else trx(refused.price_sun),
        }
        raise Problem(
            _OF_QUOTE[refused.fault],
            facts={name: value for name, value in facts.items() if value is not None},
        ) from refused
    except OrderRefused as refused:
        facts = {} if refused.limit is None else {"limit": refused.limit}
        raise Problem(_OF_ORDER[refused.fault], facts=facts | _named(refused.order)) from refused
    except ExtensionRefused as refused:
        raise Problem(_OF_EXTENSION[refused.fault], facts=_named(refused.open_order)) from refused
    except EarlyEndRefused as refused:
        raise Problem(_OF_EARLY_END[refused.fault], facts=_named(refused.extension)) from refused
    except WebhookRefused as refused:
        facts = {"limit": MOST_ENDPOINTS} if refused.fault is WebhookFault.TOO_MANY else {}
        raise Problem(_OF_WEBHOOK[refused.fault], facts=facts) from refused


def _named(order: OrderView | None) -> dict[str, Any]:
    """Which order stands in the way."""
    if order is None:
        return {}
    return {"orderId": order.id, "number": order.number, "status": order.status}
