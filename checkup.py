"""Is the shop ready to open? Looks at everything it needs, and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from chain.accounts import Account
from chain.addresses import Address
from chain.contract_types import CONTRACT_TYPES
from chain.contracts import DelegateResource, UnDelegateResource
from chain.errors import ChainError
from chain.node import NodeClient
from configured_keys import key_address

if TYPE_CHECKING:
    from settings import PoolSettings, Settings

_OWNER_PERMISSION = 0
_NEEDED = frozenset(
    kind.number
    for kind in CONTRACT_TYPES
    if kind.contract_class in {DelegateResource, UnDelegateResource}
)
_TIMEOUT_SECONDS = 10.0
_REFUND_RESERVE_SUN = 5_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the shop needs. `mend` says what to do when it is not well."""

    what: str
    well: bool
    says: str
    mend: str = ""

    def __str__(self) -> str:
        line = f"{'ok  ' if self.well else 'FAIL'}  {self.what}: {self.says}"
        return line if self.well or not self.mend else f"{line}\n      {self.mend}"


def _well(what: str, says: str) -> Finding:
    return Finding(what, well=True, says=says)


def _amiss(what: str, says: str, mend: str = "") -> Finding:
    return Finding(what, well=False, says=says, mend=mend)


async def examine(settings: Settings, node: NodeClient) -> list[Finding]:
    """All findings, in the order in which a shop is set up."""
    findings = [finding async for finding in _servers(settings)]
    findings.append(await _telegram(settings))
    findings += [finding async for finding in _chain(settings, node)]
    return findings


async def _servers(settings: Settings) -> AsyncIterator[Finding]:
    if settings.database.url is None:
        yield _well("database.url", f"embedded, in {settings.data_dir}")
    else:
        from db.database import reachable

        problem = await reachable(settings.database.url.get_secret_value())
        yield _server(
            "database.url",
            problem,
            "Start that PostgreSQL, or leave database.url empty for the embedded one.",
        )
    if settings.redis.url is None:
        yield _well("redis.url", f"embedded, in {settings.data_dir}")
    else:
        problem = await _redis_problem(settings.redis.url.get_secret_value())
        yield _server(
            "redis.url",
            problem,
            "Start that Redis, or leave redis.url empty for the embedded one.",
        )


def _server(what: str, problem: str | None, mend: str) -> Finding:
    return _well(what, "answers") if problem is None else _amiss(what, problem, mend)


async def _redis_problem(url: str) -> str | None:
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(url, socket_connect_timeout=_TIMEOUT_SECONDS)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return str(error)
    finally:
        await client.aclose()
    return None


async def _telegram(settings: Settings) -> Finding:
    what = "telegram.token"
    token = settings.telegram.token
    if token is None:
        return _amiss(what, "not set", "Get one from @BotFather.")
    url = f"{settings.telegram.api_url}/bot{token.get_secret_value()}/getMe"
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            answer = (await client.get(url)).json()
    except (httpx.HTTPError, ValueError) as error:
        # The error's text may contain the URL, and so the token.
        return _amiss(
            what,
            f"{settings.telegram.api_url} does not answer ({type(error).__name__})",
            "Is telegram.api_url right, and this machine online?",
        )
    if not answer.get("ok"):
        return _amiss(what, str(answer.get("description")), "Copy the token from @BotFather again.")
    return _well(what, f"@{answer['result']['username']}")


async def _chain(settings: Settings, node: NodeClient) -> AsyncIterator[Finding]:
    try:
        head = (await node.head()).ref
        solid = await node.solid_head()
    except ChainError as error:
        yield _amiss("tron.nodes", str(error), "Is the URL right, and the API key valid?")
        return
    yield _well("tron.nodes", f"at block {head.number}, solid up to {solid.number}")
    address = settings.payment.address
    if address is None:
        yield _amiss("payment.address", "not set", "Set it to an address of your wallet.")
    else:
        yield await _payment_address(node, address)
    yield await _refunds(node, settings)
    if not settings.pools:
        yield _amiss("pools", "none", "Add an account with staked TRX to [[pools]].")
    for pool in settings.pools:
        async for finding in _pool(node, settings, pool):
            yield finding


async def _payment_address(node: NodeClient, address: Address) -> Finding:
    what = "payment.address"
    try:
        account = await node.account(address)
    except ChainError as error:
        return _amiss(what, str(error))
    if account is None:
        return _amiss(
            what,
            f"{address} is not activated, so the first customer would pay 1.1 TRX more",
            "Send it a little TRX.",
        )
    return _well(what, f"{address} is active")


async def _refunds(node: NodeClient, settings: Settings) -> Finding:
    what = "refunds"
    refunds = settings.refunds
    if refunds.key is None and refunds.key_name is None:
        return _well(what, "no wallet: refunds wait until you send them by hand")
    key = key_address(settings, refunds)
    address = refunds.address or key
    if address == settings.payment.address or address in {pool.address for pool in settings.pools}:
        return _amiss(
            what,
            f"{address} is the payment address or a pool",
            "Use a small wallet of its own: its key can move all that is in it.",
        )
    try:
        account = await node.account(address)
    except ChainError as error:
        return _amiss(what, str(error))
    if account is None:
        return _amiss(what, f"{address} is not activated", "Send it what a day's refunds need.")
    permission = account.permission(refunds.permission_id)
    weight = (
        sum(entry.weight for entry in permission.keys if entry.address == key) if permission else 0
    )
    if permission is None or weight < permission.threshold:
        return _amiss(
            what,
            f"permission {refunds.permission_id} of {address} does not let {key} sign alone",
            "Set refunds.key to the wallet's own key, or permission_id to the key's.",
        )
    says = f"{address} has {account.balance_sun // 1_000_000:,} TRX"
    if account.balance_sun < _REFUND_RESERVE_SUN:
        return _amiss(what, says, "Send it what a day's refunds need.")
    return _well(what, f"{says}, at most {refunds.daily_sun // 1_000_000:,} TRX are sent in a day")


async def _pool(node: NodeClient, settings: Settings, pool: PoolSettings) -> AsyncIterator[Finding]:
    what = f"pool {pool.address}"
    try:
        account = await node.account(pool.address)
        stake = await node.delegatable_energy_stake(pool.address)
    except ChainError as error:
        yield _amiss(what, str(error))
        return
    if account is None:
        yield _amiss(what, "not activated", "Is the address right?")
        return
    yield _permission(what, settings, pool, account)
    says = f"{stake // 1_000_000:,} TRX of stake can be delegated now"
    if stake > pool.reserve_sun:
        yield _well(what, says)
    else:
        yield _amiss(what, says, "Stake TRX for energy, or wait until used energy has recovered.")


def _permission(what: str, settings: Settings, pool: PoolSettings, account: Account) -> Finding:
    key = key_address(settings, pool)
    permission = account.permission(pool.permission_id)
    if permission is None:
        return _amiss(
            what, f"has no permission {pool.permission_id}", "Set permission_id to its id."
        )
    weight = sum(entry.weight for entry in permission.keys if entry.address == key)
    if weight < permission.threshold:
        return _amiss(
            what,
            f"permission {pool.permission_id} does not let {key} sign alone",
            "Grant that key the permission, or configure the key that has it.",
        )
    if pool.permission_id == _OWNER_PERMISSION:
        return _well(
            what,
            "the key is the owner's and could move all TRX; better grant a permission that is"
            " limited to DelegateResource and UnDelegateResource",
        )
    allowed = {
        number
        for number in range(len(permission.operations) * 8)
        if permission.operations[number // 8] >> (number % 8) & 1
    }
    if missing := _NEEDED - allowed:
        return _amiss(
            what,
            f"permission {pool.permission_id} lacks the operations {sorted(missing)}",
            "Allow DelegateResource (57) and UnDelegateResource (58).",
        )
    if beyond := allowed - _NEEDED:
        return _well(
            what,
            f"permission {pool.permission_id} can do more than delegate: {sorted(beyond)};"
            " better limit it to 57 and 58",
        )
    return _well(what, f"permission {pool.permission_id} can delegate, and nothing else")
