"""Energy for TRON addresses, rented over the HTTP API of an Energy Flash shop.

    with EnergyFlash("https://shop.example", "ef_key_…") as shop:
        placed = shop.create(recipient_address="T…", price_config_id="1h-40-0", trx_amount=6)

Amounts are Decimals, exact both ways. What changes something is asked with an idempotency key, and
asked again with the same one while the network or the shop fails. This package needs httpx and
pydantic, and nothing else of this project.
"""

from __future__ import annotations

from energy_flash_client.client import AsyncEnergyFlash, EnergyFlash
from energy_flash_client.errors import (
    ApiProblem,
    EnergyFlashError,
    FieldError,
    NoAnswer,
    NotFromTheShop,
    UnexpectedAnswer,
)
from energy_flash_client.webhooks import verify_webhook

__all__ = (
    "ApiProblem",
    "AsyncEnergyFlash",
    "EnergyFlash",
    "EnergyFlashError",
    "FieldError",
    "NoAnswer",
    "NotFromTheShop",
    "UnexpectedAnswer",
    "verify_webhook",
)
