"""What the API's description shows: one purchase, from the first question to the end of the rental.

Tests compare every example with the shape that its route declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from api.problems import Code

NULL = "(null)"
"""Stands for null until the description is written: FastAPI leaves null members away."""


def shown(example: Any) -> Any:
    """The example as routes declare it."""
    match example:
        case None:
            return NULL
        case Mapping():
            return {name: shown(value) for name, value in example.items()}
        case list():
            return [shown(each) for each in example]
        case _:
            return example


RECIPIENT = "TKJTNAnVGgsTmLv7tZckG1a1NYTiwKyhBb"
DESTINATION = "TSYN6nysBinKqw4MTsn2eEF1mgbPA9U9Ta"
PAYMENT_ADDRESS = "TALgrohwrTfqjwexX5GEcvWjoxhJCwDp9M"
_POOL = "TDbcGJKdGxd8Uz5V5J3AG7y2CuwPtYXU5B"
ORDER_ID = "0198c0de-6a51-7c3e-9d2f-4b1a5e8f7c60"
_MONITOR_ID = "3f0d5c1e-8a4b-4f6d-9b7e-2c1a0d9e8f77"
_DELEGATION_ID = "b8a6d4c2-1e3f-4a5b-8c7d-6e9f0a1b2c3d"
_EXTENSION_ID = "5d2e8f10-7b6a-4c3d-a1e9-f08b7c6d5e4f"
WEBHOOK_ID = "c1f7a3e5-9d2b-4e8f-a6c4-0b1d2e3f4a5b"
DELIVERY_ID = "2a4c6e80-1b3d-4f57-8a9c-be0d1f2a3b4c"
_PAYMENT_TXID = "7c2d4241aa4fe6e0b2b1d5a0d3c7a4e9f1b6c8d2e5f7091a3b4c5d6e7f809112"
_DELEGATION_TXID = "e1f0a9b8c7d6e5f4031221304f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2"
_TRX = Decimal("5.657133")

HEALTH: Mapping[str, Any] = {"success": True, "status": "ok"}

PRICES: Mapping[str, Any] = {
    "success": True,
    "data": [
        {
            "priceConfigId": "1h-40-0",
            "durationHours": 1,
            "unitPrice": Decimal("0.00004"),
            "sunPerEnergy": 40,
            "minimumTrx": 0,
        },
        {
            "priceConfigId": "24h-70-0",
            "durationHours": 24,
            "unitPrice": Decimal("0.00007"),
            "sunPerEnergy": 70,
            "minimumTrx": 0,
        },
    ],
}

AVAILABILITY: Mapping[str, Any] = {"success": True, "data": {"availableEnergy": 4_180_000}}

DELIVERIES: Mapping[str, Any] = {
    "success": True,
    "data": [
        {
            "hours": 24,
            "deliveries": 1_370,
            "successRate": Decimal("0.999"),
            "p50Seconds": 9,
            "p95Seconds": 18,
            "availability": Decimal("0.9993"),
        },
        {
            "hours": 168,
            "deliveries": 9_240,
            "successRate": Decimal("0.998"),
            "p50Seconds": 9,
            "p95Seconds": 21,
            "availability": Decimal("0.9996"),
        },
    ],
}

CREATE: Mapping[str, Any] = {
    "recipientAddress": RECIPIENT,
    "trxAmount": 6,
    "priceConfigId": "1h-40-0",
    "clientOrderId": "invoice-2041",
}

CALCULATE: Mapping[str, Any] = {
    "trxAmount": 6,
    "priceConfigId": "1h-40-0",
    "recipientAddress": RECIPIENT,
}

MONITOR: Mapping[str, Any] = {
    "paymentAddress": PAYMENT_ADDRESS,
    "expectedAmount": _TRX,
    "orderId": ORDER_ID,
    "timeout": 900,
}

DELEGATE: Mapping[str, Any] = {
    "orderId": ORDER_ID,
    "recipientAddress": RECIPIENT,
    "energyAmount": 141_428,
    "durationHours": 1,
}

ESTIMATE: Mapping[str, Any] = {
    "senderAddress": RECIPIENT,
    "destinationAddress": DESTINATION,
    "amount": Decimal("250.5"),
}

EXTEND: Mapping[str, Any] = {
    "durationHours": 24,
    "maximumTrx": 10,
    "payFromBalance": True,
}

_ORDERED: Mapping[str, Any] = {
    "orderId": ORDER_ID,
    "number": 1001,
    "clientOrderId": "invoice-2041",
    "status": "pending",
    "stage": "awaiting",
    "origin": "asked",
    "recipientAddress": RECIPIENT,
    "destinationAddress": None,
    "tokenAddress": None,
    "tokenSymbol": "USDT",
    "paymentAddress": PAYMENT_ADDRESS,
    "trxAmount": _TRX,
    "dueTrx": _TRX,
    "receivedTrx": 0,
    "creditedTrx": 0,
    "transactionCount": 2,
    "energyPerTransaction": 70_714,
    "energyOfNext": 70_714,
    "totalEnergy": 141_428,
    "durationHours": 1,
    "extendedHours": 0,
    "extensionsTrx": 0,
    "priceConfigId": "1h-40-0",
    "burnTrx": Decimal("12.857"),
    "createdAt": "2026-11-27T08:40:00Z",
    "payBefore": "2026-11-27T09:10:00Z",
    "paidAt": None,
    "completedAt": None,
    "expiresAt": None,
    "endedAt": None,
    "endedEarlyAt": None,
    "earlyCreditTrx": 0,
    "paymentTxid": None,
    "delegationTxids": [],
    "reclaimTxids": [],
    "extendsOrderId": None,
    "failure": None,
    "compensation": None,
    "waitsForPerson": False,
}

_DELIVERED: Mapping[str, Any] = {
    **_ORDERED,
    "status": "completed",
    "stage": "delivered",
    "receivedTrx": _TRX,
    "paidAt": "2026-11-27T08:41:12Z",
    "completedAt": "2026-11-27T08:41:21Z",
    "expiresAt": "2026-11-27T09:41:21Z",
    "paymentTxid": _PAYMENT_TXID,
    "delegationTxids": [_DELEGATION_TXID],
}

_DELEGATION: Mapping[str, Any] = {
    "delegationId": _DELEGATION_ID,
    "status": "active",
    "poolAddress": _POOL,
    "recipientAddress": RECIPIENT,
    "energyAmount": 141_428,
    "durationHours": 1,
    "txId": _DELEGATION_TXID,
    "reclaimTxId": None,
    "expiresAt": "2026-11-27T09:41:21Z",
}

_MONITORING: Mapping[str, Any] = {
    "monitorId": _MONITOR_ID,
    "orderId": ORDER_ID,
    "status": "monitoring",
    "paymentAddress": PAYMENT_ADDRESS,
    "expectedAmount": _TRX,
    "actualAmount": None,
    "txid": None,
    "confirmations": 0,
    "expiresAt": "2026-11-27T08:55:00Z",
    "confirmedAt": None,
}

CREATED: Mapping[str, Any] = {
    "success": True,
    "orderId": ORDER_ID,
    "monitorId": _MONITOR_ID,
    "order": _ORDERED,
}

CALCULATED: Mapping[str, Any] = {
    "success": True,
    "data": {
        "transactionCount": 2,
        "energyPerTransaction": 70_714,
        "totalEnergy": 141_428,
        "unitPrice": Decimal("0.00004"),
        "priceTrx": Decimal("5.65712"),
        "energyOfFirst": 70_714,
        "energyOfNext": 70_714,
        "surgePercent": 0,
        "durationHours": 1,
        "simulated": True,
    },
}

MONITORED: Mapping[str, Any] = {
    "success": True,
    "monitorId": _MONITOR_ID,
    "monitor": _MONITORING,
}

ARRIVED: Mapping[str, Any] = {
    "success": True,
    "transactions": [
        {
            "txid": _PAYMENT_TXID,
            "amount": 5_657_133,
            "fromAddress": RECIPIENT,
            "timestamp": 1_795_768_872,
            "confirmations": 3,
        }
    ],
}

DELEGATED: Mapping[str, Any] = {
    "success": True,
    "txIds": [_DELEGATION_TXID],
    "delegationId": _DELEGATION_ID,
    "status": "completed",
    "waitsForPerson": False,
    "delegations": [_DELEGATION],
}

UNDER_WAY: Mapping[str, Any] = {
    "success": True,
    "txIds": [],
    "delegationId": None,
    "status": "paid",
    "waitsForPerson": False,
    "delegations": [],
}

ORDERS: Mapping[str, Any] = {
    "success": True,
    "data": {"orders": [_ORDERED], "page": 1, "pages": 1},
}

ORDER: Mapping[str, Any] = {"success": True, "data": _ORDERED}

CANCELLED: Mapping[str, Any] = {
    "success": True,
    "data": {**_ORDERED, "status": "cancelled", "stage": "cancelled"},
}

STATUS: Mapping[str, Any] = {
    "success": True,
    "data": {
        **_DELIVERED,
        "id": ORDER_ID,
        "userId": "7000001",
        "updatedAt": "2026-11-27T08:41:22Z",
        "monitor": {
            **_MONITORING,
            "status": "confirmed",
            "actualAmount": _TRX,
            "txid": _PAYMENT_TXID,
            "confirmations": 4,
            "confirmedAt": "2026-11-27T08:41:15Z",
        },
        "delegations": [_DELEGATION],
    },
}

EXTENSIONS: Mapping[str, Any] = {
    "success": True,
    "data": {
        "orderId": ORDER_ID,
        "expiresAt": "2026-11-27T09:41:21Z",
        "offers": [
            {
                "priceConfigId": "24h-70-0",
                "durationHours": 24,
                "priceTrx": Decimal("4.24284"),
                "expiresAt": "2026-11-28T09:41:21Z",
            }
        ],
    },
}

EXTENDED: Mapping[str, Any] = {
    "success": True,
    "data": {
        **_ORDERED,
        "orderId": _EXTENSION_ID,
        "number": 1002,
        "clientOrderId": None,
        "status": "paid",
        "stage": "paid",
        "origin": "extension",
        "trxAmount": Decimal("4.242861"),
        "dueTrx": Decimal("4.242861"),
        "receivedTrx": Decimal("4.242861"),
        "durationHours": 24,
        "priceConfigId": "24h-70-0",
        "burnTrx": 0,
        "paidAt": "2026-11-27T09:00:03Z",
        "extendsOrderId": ORDER_ID,
    },
}

END_OFFER: Mapping[str, Any] = {
    "success": True,
    "data": {
        "orderId": ORDER_ID,
        "paidTrx": _TRX,
        "mostTrx": Decimal("1.414283"),
        "energyUnused": 141_428,
        "expiresAt": "2026-11-27T09:41:21Z",
    },
}

ENDED: Mapping[str, Any] = {
    "success": True,
    "data": {
        "order": {**_DELIVERED, "endedEarlyAt": "2026-11-27T09:11:21Z"},
        "mostTrx": Decimal("1.414283"),
    },
}

ESTIMATED: Mapping[str, Any] = {
    "success": True,
    "data": {
        "senderAddress": RECIPIENT,
        "destinationAddress": DESTINATION,
        "tokenAddress": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "tokenSymbol": "USDT",
        "energyOfFirst": 130_285,
        "energyOfNext": 64_285,
        "rentedFirst": 143_314,
        "rentedNext": 70_714,
        "ownEnergy": 0,
        "destinationHoldsToken": False,
        "destinationActivated": True,
        "burnFirstTrx": Decimal("13.0285"),
        "burnNextTrx": Decimal("6.4285"),
        "bandwidthTrx": 0,
        "prices": [
            {
                "priceConfigId": "1h-40-0",
                "durationHours": 1,
                "priceTrx": Decimal("5.73256"),
                "unitPrice": Decimal("0.00004"),
                "surgePercent": 0,
            }
        ],
        "simulated": True,
    },
}

BALANCE: Mapping[str, Any] = {
    "success": True,
    "data": {
        "balanceTrx": Decimal("12.4"),
        "movements": [
            {
                "event": "prepaid",
                "trx": Decimal("-5.657133"),
                "orderNumber": 1001,
                "at": "2026-11-27T08:41:12Z",
            }
        ],
    },
}

WEBHOOK_ASKED: Mapping[str, Any] = {
    "url": "https://shop.example/hooks/energy",
    "events": ["order.completed", "order.failed"],
}

WEBHOOK_CHANGE: Mapping[str, Any] = {"enabled": True}

ROTATION: Mapping[str, Any] = {"previousHours": 24}

_WEBHOOK: Mapping[str, Any] = {
    "webhookId": WEBHOOK_ID,
    "url": "https://shop.example/hooks/energy",
    "events": ["order.completed", "order.failed"],
    "enabled": True,
    "disabledReason": None,
    "disabledAt": None,
    "failingSince": None,
    "lastDeliveredAt": "2026-11-27T08:41:22Z",
    "previousSecretUntil": None,
    "createdAt": "2026-11-26T10:00:00Z",
}

NEW_WEBHOOK: Mapping[str, Any] = {
    "success": True,
    "data": {
        **_WEBHOOK,
        "lastDeliveredAt": None,
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw7DzSBdmYaX0=",
    },
}

ROTATED: Mapping[str, Any] = {
    "success": True,
    "data": {
        **_WEBHOOK,
        "previousSecretUntil": "2026-11-28T09:00:00Z",
        "secret": "whsec_bXlbyJ5PzBvYd1Gf0QkV3m7tR2sWc8eLxN4uH6jA9pI=",
    },
}

WEBHOOK: Mapping[str, Any] = {"success": True, "data": _WEBHOOK}

WEBHOOKS: Mapping[str, Any] = {"success": True, "data": [_WEBHOOK]}

_ATTEMPT: Mapping[str, Any] = {
    "delivered": True,
    "status": 200,
    "failure": None,
    "milliseconds": 87,
    "answer": "ok",
    "at": "2026-11-27T08:41:22Z",
}

TESTED: Mapping[str, Any] = {"success": True, "data": {**_ATTEMPT, "at": None}}

_DELIVERY: Mapping[str, Any] = {
    "deliveryId": DELIVERY_ID,
    "eventId": "evt_8f14e45fceea467fa8b9c1a0d3c7e2b1",
    "type": "order.completed",
    "state": "delivered",
    "attempts": [_ATTEMPT],
    "nextAttemptAt": None,
    "createdAt": "2026-11-27T08:41:21Z",
}

WEBHOOK_LOG: Mapping[str, Any] = {
    "success": True,
    "data": {"deliveries": [_DELIVERY], "page": 1},
}

RETRIED: Mapping[str, Any] = {
    "success": True,
    "data": {
        **_DELIVERY,
        "state": "waiting",
        "attempts": [],
        "nextAttemptAt": "2026-11-27T09:00:00Z",
    },
}

EVENT: Mapping[str, Any] = {
    "id": "evt_8f14e45fceea467fa8b9c1a0d3c7e2b1",
    "type": "order.completed",
    "createdAt": "2026-11-27T08:41:21Z",
    "data": {"order": _DELIVERED},
}

FACTS: Mapping[Code, Mapping[str, Any]] = {
    Code.INVALID_JSON: {"why": "Expecting value"},
    Code.BODY_TOO_LARGE: {"limit": 65_536},
    Code.SCOPE_MISSING: {"scope": "order"},
    Code.TOO_MANY_REQUESTS: {"seconds": 3},
    Code.AMOUNT_TOO_SMALL: {"priceTrx": Decimal("2.82856")},
    Code.NOT_ENOUGH_ENERGY: {"availableEnergy": 128_000, "transfers": 1},
    Code.TOO_MANY_OPEN_ORDERS: {"limit": 3},
    Code.TIMED_OUT: {"seconds": 30},
    Code.USER_IS_ANOTHER: {"userId": 7_000_001},
    Code.PAYMENT_ADDRESS_WRONG: {"paymentAddress": PAYMENT_ADDRESS},
    Code.CLIENT_ORDER_ID_TAKEN: {"orderId": ORDER_ID, "number": 1001, "status": "completed"},
    Code.AMOUNT_NOT_EXACT: {"expectedAmount": _TRX, "withinTolerance": True},
    Code.DELEGATION_MISMATCH: {
        "recipientAddress": RECIPIENT,
        "energyAmount": 141_428,
        "durationHours": 1,
    },
    Code.ORDER_UNPAID: {
        "dueTrx": _TRX,
        "paymentAddress": PAYMENT_ADDRESS,
        "payBefore": "2026-11-27T09:10:00Z",
    },
    Code.ORDER_CLOSED: {"status": "expired"},
    Code.EXTENSION_OPEN: {"orderId": _EXTENSION_ID, "number": 1002, "status": "pending"},
    Code.PRICE_ABOVE_MAXIMUM: {"priceTrx": Decimal("4.24284")},
    Code.TOO_MANY_WEBHOOKS: {"limit": 10},
}
"""What the sentences of problems are made of, for the codes that need it."""

_PARTS: Mapping[str, Mapping[str, Any]] = {
    "database": {"well": True, "why": None, "lagSeconds": None},
    "redis": {"well": True, "why": None, "lagSeconds": None},
    "node": {"well": True, "why": None, "lagSeconds": 2},
    "scanner": {"well": True, "why": None, "lagSeconds": 3},
    "telegram": {"well": True, "why": None, "lagSeconds": None},
}
READY: Mapping[str, Any] = {"success": True, "status": "ready", "parts": _PARTS}
UNREADY: Mapping[str, Any] = {
    "success": False,
    "status": "unready",
    "parts": {**_PARTS, "node": {"well": False, "why": "silent", "lagSeconds": None}},
}

METRICS = """\
# HELP energy_flash_orders Orders by state.
# TYPE energy_flash_orders gauge
energy_flash_orders{state="completed"} 1729.0
"""
