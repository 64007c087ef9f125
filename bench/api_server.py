"""The HTTP API of a shop as a process of its own: ``python -m bench.api_server DSN REDIS NODE
SOLIDITY``.

It prints the origin of the API, that of the floor, the id of the process, and what a request of a
customer needs: a key, an order of theirs, and a price. The floor is a FastAPI application that has
one route and answers a constant; it is served as the API is, by the same process.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack

from fastapi import FastAPI
from redis.asyncio import Redis
from starlette.responses import JSONResponse

from api.application import ApiTerms, application
from api.limits import RateTerms
from api.server import serving
from bench.people import BUYER, address
from bench.shop import FIRST_CUSTOMER, Shop, open_orders, open_shop
from process import api_services
from services.api_keys import Scope
from services.chain_time import chain_now
from services.readiness import Readiness

HOST = "127.0.0.1"
# No request of a bench may be one too many: what is refused costs little.
_RATES = RateTerms(per_key=100_000_000, per_address=100_000_000)


def floor() -> FastAPI:
    """The least that an application on FastAPI takes."""
    app = FastAPI(openapi_url=None)

    @app.get("/floor")
    async def constant() -> JSONResponse:
        return JSONResponse({"success": True, "status": "ok"})

    return app


async def request_of(shop: Shop) -> tuple[str, str, str]:
    """The secret of a key, the id of an order of its customer's, and that of a price."""
    async with shop.database.transaction() as tx:
        now = await chain_now(tx)
    await open_orders(shop.database, [address(BUYER)], now=now)
    made = await shop.services.api_keys.make(
        FIRST_CUSTOMER, "the bench's", frozenset(Scope), made_by=FIRST_CUSTOMER
    )
    async with shop.database.transaction() as tx:
        order = await tx.connection.fetchval("SELECT id FROM energy_flash_orders")
    price = (await shop.services.quotes.prices())[0]
    return made.secret, str(order), price.id


async def main(dsn: str, redis_url: str, node_url: str, solidity_url: str) -> None:
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(redis_url)
        stack.push_async_callback(redis.aclose)
        shop = await stack.enter_async_context(open_shop(dsn, node_url, solidity_url))
        services = api_services(shop.services, Readiness(shop.database, shop.node, redis.ping))
        ours = application(services, ApiTerms(rates=_RATES), redis)
        ports = [await stack.enter_async_context(serving(app, HOST, 0)) for app in (ours, floor())]
        asked = await request_of(shop)
        print(*(f"http://{HOST}:{port}" for port in ports), os.getpid(), *asked, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
