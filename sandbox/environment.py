"""The settings with which the production program runs on the stand-ins."""

from __future__ import annotations

import json

from yarl import URL

from sandbox.beginning import USDT_CONTRACT
from sandbox.inhabitants import (
    ORDERS,
    PEOPLE,
    STAFF,
    AccountRole,
    Inhabitants,
    PersonRole,
)
from sandbox.options import SandboxOptions

_POLLS_AT_LEAST_PER_BLOCK = 2


def environment(
    inhabitants: Inhabitants,
    options: SandboxOptions,
    urls: dict[str, str],
    *,
    postgres_dsn: str,
    valkey_url: str,
) -> dict[str, str]:
    """The variables to set for it; `urls` are those of the state."""
    node = {"url": urls["node_url"], "solidity_url": urls["solidity_url"]}
    pace = options.block_seconds / _POLLS_AT_LEAST_PER_BLOCK or 0.5
    settings = {
        "TELEGRAM__TOKEN": inhabitants.bot_token,
        "TELEGRAM__API_URL": urls["bot_api_url"],
        "TELEGRAM__ADMINS": json.dumps(_with_role(PersonRole.OPERATOR)),
        "TELEGRAM__VIEWERS": json.dumps(_with_role(PersonRole.VIEWER)),
        "TELEGRAM__ALERTS_CHAT": str(STAFF.id),
        "TELEGRAM__ORDERS_CHAT": str(ORDERS.id),
        "TRON__NODES": json.dumps([node]),
        "TRON__REQUESTS_PER_SECOND": "200",
        "TRON__POLL_SECONDS": f"{min(1.0, max(0.1, pace)):g}",
        "TRON__USDT_CONTRACT": USDT_CONTRACT,
        "TRON__EXPLORER_URL": f"{urls['page_url']}/#",
        "PAYMENT__ADDRESS": inhabitants.the(AccountRole.PAYMENT).address,
        "REFUNDS__KEY": inhabitants.the(AccountRole.REFUND).private_key,
        "POOLS": json.dumps(
            [
                {
                    "address": pool.account.address,
                    "permission_id": pool.permission_id,
                    "key": pool.hot_key.private_key,
                }
                for pool in inhabitants.pools
            ]
        ),
        "API__PORT": str(URL(urls["api_url"]).port),
        # Webhooks are tried out on this machine.
        "API__WEBHOOK_PRIVATE": "true",
        "DATABASE__URL": postgres_dsn,
        "REDIS__URL": valkey_url,
        "DATA_DIR": str(options.data_dir / "app"),
        # Its end is shown to a person when the program does not come up.
        "LOG__FORMAT": "console",
    }
    return {f"ENERGY_FLASH_{name}": value for name, value in settings.items()}


def _with_role(role: PersonRole) -> list[int]:
    return [person.id for person in PEOPLE if person.role is role]
