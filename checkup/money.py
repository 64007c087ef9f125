"""Prices, where customers pay, and what refunds are sent from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chain.accounts import Account
from chain.addresses import Address
from chain.errors import ChainError
from chain.node import NodeClient
from checkup.database import Records
from checkup.findings import Finding, fail, ok, warn
from configured_keys import key_address
from services.permissions import signs_alone
from settings import PriceSettings, Settings, SettingsError

NO_NODE = "not looked at: no TRON node answers"
_SUN = 1_000_000
_SOON = timedelta(days=1)
_EVER = datetime.min.replace(tzinfo=UTC)
_MEND = "Set its valid_until later, or add a [[prices]] that is valid then."
_REFUND_RESERVE_SUN = 5 * _SUN


def prices(settings: Settings, now: datetime) -> list[Finding]:
    """What customers can choose from at a time, which is the chain's if a node tells it."""
    by_duration: dict[Decimal, list[PriceSettings]] = {}
    for price in settings.prices:
        by_duration.setdefault(price.duration_hours, []).append(price)
    findings: list[Finding] = []
    offered: list[str] = []
    for hours, list_of_prices in sorted(by_duration.items()):
        what = f"prices, {hours.normalize():f} h"
        valid = [
            price
            for price in list_of_prices
            if (price.valid_from is None or price.valid_from <= now) and not _over(price, now)
        ]
        if valid:
            price = max(valid, key=lambda each: each.valid_from or _EVER)
            offered.append(f"{hours.normalize():f} h for {price.sun_per_energy} sun")
            # What stays valid then, or begins by then, is enough.
            soon = now + _SOON
            if all(_over(each, soon) for each in list_of_prices):
                findings.append(
                    warn(what, f"no price is valid from {_last_end(list_of_prices)} on", _MEND)
                )
        elif all(_over(price, now) for price in list_of_prices):
            findings.append(
                fail(what, f"expired at {_last_end(list_of_prices)}: nobody can buy it", _MEND)
            )
        else:
            findings.append(warn(what, "its price is not valid yet: nobody can buy it"))
    if not offered:
        return [*findings, fail("prices", "none is valid now, so nothing can be bought", _MEND)]
    return [ok("prices", f"valid now: {', '.join(offered)}"), *findings]


def _over(price: PriceSettings, at: datetime) -> bool:
    return price.valid_until is not None and price.valid_until <= at


def _last_end(prices: Sequence[PriceSettings]) -> str:
    last = max(price.valid_until for price in prices if price.valid_until is not None)
    return f"{last.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


async def payment_address(
    settings: Settings, node: NodeClient, *, answering: bool
) -> list[Finding]:
    what = "payment.address"
    address = settings.payment.address
    if address is None:
        return [fail(what, "not set", "Set it to an address of your wallet.")]
    if not answering:
        return [warn(what, NO_NODE)]
    try:
        account = await node.account(address)
    except ChainError as error:
        return [fail(what, str(error))]
    if account is None:
        return [
            fail(
                what,
                f"{address} is not activated, so the first customer would pay 1.1 TRX more",
                "Send it a little TRX.",
            )
        ]
    if account.is_contract:
        return [fail(what, f"{address} is a contract", "Use an address of your wallet.")]
    return [ok(what, f"{address} is active")]


async def refund_wallet(
    settings: Settings, node: NodeClient, records: Records, *, answering: bool
) -> list[Finding]:
    what = "refunds"
    refunds = settings.refunds
    if refunds.key is None and refunds.key_name is None:
        return [ok(what, "no wallet: refunds wait until you send them by hand")]
    try:
        key = key_address(settings, refunds)
    except SettingsError as error:
        return [fail(what, error.lines[0], "Add the key, or set refunds.key_name to one of yours.")]
    address = refunds.address or key
    pools = {pool.address for pool in settings.pools} | {pool.address for pool in records.pools}
    if address == settings.payment.address or address in pools:
        return [
            fail(
                what,
                f"{address} is the payment address or a pool",
                "Use a small wallet of its own: its key can move all that is in it.",
            )
        ]
    if not answering:
        return [warn(what, NO_NODE)]
    try:
        account = await node.account(address)
    except ChainError as error:
        return [fail(what, str(error))]
    return [_wallet(settings, address, key, account)]


def _wallet(settings: Settings, address: Address, key: Address, account: Account | None) -> Finding:
    what, refunds = "refunds", settings.refunds
    if account is None:
        return fail(what, f"{address} is not activated", "Send it what a day's refunds need.")
    permission = account.permission(refunds.permission_id)
    if permission is None or not signs_alone(permission, key):
        return fail(
            what,
            f"permission {refunds.permission_id} of {address} does not let {key} sign alone",
            "Set refunds.key to the wallet's own key, or permission_id to the key's.",
        )
    says = f"{address} has {account.balance_sun // _SUN:,} TRX"
    if account.balance_sun < _REFUND_RESERVE_SUN:
        return fail(what, says, "Send it what a day's refunds need.")
    return ok(what, f"{says}, at most {refunds.daily_sun // _SUN:,} TRX are sent in a day")
