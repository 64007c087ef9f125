"""The usual way: how services in this field are commonly written, for comparison.

A block is fetched alone, read as JSON and walked through as dictionaries, with its addresses turned
to base58. Each order has a task that asks for the transactions of the payment address every ten
seconds. A payment is compared with every open order. All pools are sorted for each order.
Delegations are built by the node, signed, and sent one after the other. Messages are sent as they
come, whatever Telegram says about pauses.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
from tronpy.keys import PrivateKey, to_base58check_address

from chain.addresses import Address, address_hex
from db.database import Database
from services.allocation import SMALLEST_DELEGATION_SUN, EnergyRate, PoolStock

POLL_SECONDS = 10.0


class NaiveReader:
    """Reads blocks one by one."""

    def __init__(
        self, url: str, http: httpx.AsyncClient, database: Database, mine: Address
    ) -> None:
        self._url = url
        self._http = http
        self._database = database
        self._mine = mine

    async def read(self, first: int, last: int) -> int:
        """Handle the blocks from `first` to `last`; how many payments were in them."""
        async with self._database.transaction() as tx:
            await tx.connection.execute(
                "CREATE TABLE IF NOT EXISTS naive_payments (txid text, sender text, sun bigint);"
                "CREATE TABLE IF NOT EXISTS naive_cursor (number bigint);"
                "INSERT INTO naive_cursor VALUES (0)"
            )
        found = 0
        for number in range(first, last + 1):
            response = await self._http.post(
                f"{self._url}/wallet/getblockbynum", json={"num": number}
            )
            found += await self._handle(json.loads(response.content))
            async with self._database.transaction() as tx:
                await tx.connection.execute("UPDATE naive_cursor SET number = $1", number)
        return found

    async def _handle(self, block: dict[str, Any]) -> int:
        found = 0
        for transaction in block.get("transactions", ()):
            contract = transaction["raw_data"]["contract"][0]
            value = contract["parameter"]["value"]
            sender = to_base58check_address(value["owner_address"])
            if contract["type"] != "TransferContract":
                continue
            if to_base58check_address(value["to_address"]) != self._mine:
                continue
            if transaction["ret"][0]["contractRet"] != "SUCCESS":
                continue
            found += 1
            async with self._database.transaction() as tx:
                await tx.connection.execute(
                    "INSERT INTO naive_payments VALUES ($1, $2, $3)",
                    transaction["txID"],
                    sender,
                    value["amount"],
                )
        return found


async def match_by_scanning(database: Database, amounts: Sequence[int]) -> int:
    """Compare each payment with every open order; how many were found."""
    found = 0
    for amount in amounts:
        async with database.transaction() as tx:
            orders = await tx.connection.fetch(
                "SELECT * FROM energy_flash_orders WHERE status = 'pending'"
            )
            for order in orders:
                if order["trx_amount"] == amount:
                    found += 1
                    break
    return found


class NaiveChooser:
    """Sorts all pools for each order; the first that suffices, else the first ones together."""

    def __init__(self, stocks: Iterable[PoolStock], rate: EnergyRate) -> None:
        self._rate = rate
        self._pools: dict[Address, dict[str, Any]] = {
            stock.pool: {
                "address": stock.pool,
                "available": stock.stake_sun,
                "limit": stock.cap_sun or stock.stake_sun,
                "priority": stock.priority,
                "busy": stock.busy,
                "cost": stock.cost_sun,
                "left": stock.delegations,
            }
            for stock in stocks
        }

    def choose(self, energy: int) -> list[tuple[Address, int]] | None:
        """The pools that deliver `energy`, and the sun of each; None if they cannot."""
        pools = sorted(
            (pool for pool in self._pools.values() if pool["left"] > 0),
            key=lambda pool: (-pool["priority"], -pool["available"], pool["busy"], pool["cost"]),
        )
        needed = self._rate.stake_for(energy)
        for pool in pools:
            if min(pool["available"], pool["limit"]) >= needed:
                return [(pool["address"], needed)]
        chosen = []
        for pool in pools:
            part = min(pool["available"], pool["limit"], needed)
            part -= part % SMALLEST_DELEGATION_SUN
            if part:
                chosen.append((pool["address"], part))
                needed -= part
            if not needed:
                return chosen
        return None

    def take(self, chosen: Sequence[tuple[Address, int]]) -> None:
        for address, sun in chosen:
            pool = self._pools[address]
            pool["available"] -= sun
            pool["busy"] += 1
            pool["left"] -= 1


@dataclass(frozen=True, slots=True)
class NaiveLender:
    """Delegates with the node's help, one order at a time."""

    url: str
    http: httpx.AsyncClient
    database: Database
    pool: Address
    key_hex: str

    async def deliver(self, recipient: str, sun: int, energy: int) -> None:
        """One delegation to `recipient`, for the order of `sun`."""
        await self._ask("getaccountresource", address=self.pool, visible=True)
        built = await self._ask(
            "delegateresource",
            owner_address=address_hex(self.pool),
            receiver_address=address_hex(Address(recipient)),
            balance=energy // 9 * 1_000_000,
            resource="ENERGY",
            Permission_id=2,
        )
        digest = sha256(bytes.fromhex(built["raw_data_hex"])).digest()
        built["signature"] = [PrivateKey(bytes.fromhex(self.key_hex)).sign_msg_hash(digest).hex()]
        answer = await self._ask("broadcasttransaction", **built)
        if not answer.get("result"):
            raise RuntimeError(f"the delegation was refused: {answer}")
        async with self.database.transaction() as tx:
            await tx.connection.execute(
                "UPDATE energy_flash_orders SET burn_sun = burn_sun WHERE trx_amount = $1", sun
            )
        async with self.database.transaction() as tx:
            await tx.connection.execute(
                "UPDATE payment_monitors SET confirmations = 1 WHERE expected_amount = $1", sun
            )

    async def _ask(self, method: str, **body: Any) -> dict[str, Any]:
        response = await self.http.post(f"{self.url}/wallet/{method}", json=body)
        answer: dict[str, Any] = response.json()
        return answer


class NaivePoller:
    """A task for each order, which asks for the last transactions every ten seconds."""

    def __init__(
        self, explorer_url: str, http: httpx.AsyncClient, mine: Address, *, limit: int = 200
    ) -> None:
        self._url = f"{explorer_url}/v1/accounts/{mine}/transactions?limit={limit}"
        self._http = http

    async def wait_for(self, sun: int, wait_first: float, seen: Callable[[], object]) -> None:
        """Ask until a payment of exactly `sun` is there."""
        await asyncio.sleep(wait_first)
        while True:
            response = await self._http.get(self._url)
            for transaction in response.json()["data"]:
                value = transaction["raw_data"]["contract"][0]["parameter"]["value"]
                if value.get("amount") == sun:
                    seen()
                    return
            await asyncio.sleep(POLL_SECONDS)
