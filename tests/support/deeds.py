"""What is asked of a shop, one call each: in this process, or in one that may be killed.

Run as a program it is a counter: it opens the shop of the environment's settings, does the deeds
that come in as lines of JSON one after the other, and answers each with a line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

from chain.addresses import Address
from chain.errors import ChainError
from composition import Services, build_services, node_client
from db.database import Database
from services.acts import ActRefused
from services.balances import AddressNotProved, AddressOfAnother, proof_text
from services.early_ends import EarlyEndRefused
from services.extensions import ExtensionRefused
from services.held import Choice, ChoiceRefused
from services.order_acts import OrderActImpossible
from services.orders import OrderRefused
from services.quotes import QuoteRefused
from services.refunds import RefundRefused
from services.staff import Actor, Role
from settings import load
from tests.support.shop import address, key

_REFUSALS = (
    *(OrderRefused, QuoteRefused, ChoiceRefused, RefundRefused),
    *(AddressNotProved, AddressOfAnother),
    *(ExtensionRefused, EarlyEndRefused, ActRefused, OrderActImpossible),
)


async def do(services: Services, deed: dict[str, Any]) -> dict[str, Any]:
    """Do one deed; what came of it, which is `refused` for what the shop does not allow."""
    try:
        if deed["do"] == "act":
            await _act(services, Actor(deed["user"], Role.OWNER), deed["nonce"])
            return {}
        return await _do(services, deed)
    except _REFUSALS as refusal:
        return {"refused": repr(refusal)}


async def _do(services: Services, deed: dict[str, Any]) -> dict[str, Any]:
    user = deed["user"]
    match deed["do"]:
        case "order":
            price = (await services.quotes.prices())[0]
            quote = await services.quotes.quote(
                user,
                recipient=address(deed["wallet"]),
                transfers=deed["transfers"],
                price_id=price.id,
                destination=None,
            )
            order = await services.orders.place(user, quote.id)
            return {"order": str(order.id), "sun": order.due_sun}
        case "extend":
            offers = await services.extensions.offers(user, UUID(deed["order"]))
            offer = offers.offers[0]
            order = await services.extensions.place(
                user, UUID(deed["order"]), duration=offer.duration, price_sun=offer.price_sun
            )
            return {"order": str(order.id), "sun": order.due_sun}
        case "end early":
            await services.early_ends.end(user, UUID(deed["order"]))
        case "cancel":
            await services.orders.cancel(user, UUID(deed["order"]))
        case "prepay":
            await services.balances.pay(user, UUID(deed["order"]))
        case "choose":
            await services.held_payments.choose(user, deed["payment"], Choice(deed["choice"]))
        case "pay out":
            places = await services.refunds.places(user)
            if not places:
                return {"refused": "no place"}
            await services.refunds.pay_out(user, places[0], deed["sun"])
        case "prove":
            wallet: Address = address(deed["wallet"])
            text = proof_text("bot", user, wallet)
            signature = key(deed["wallet"]).sign_message(text)
            await services.balances.prove_address(user, wallet, text, signature)
        case "take back orphans":
            orphans = services.orphans
            try:
                taken = await orphans.take_back(await orphans.find())
            except ChainError:
                return {"refused": "no answer"}
            return {"taken": list(taken)}
        case unknown:
            raise ValueError(unknown)
    return {}


async def _act(services: Services, actor: Actor, nonce: str) -> None:
    """What one of the staff proposed, done."""
    proposal = await services.acts.look(actor, nonce)
    if "user" in proposal.arguments:
        await services.people.adjust(actor, nonce)
    elif "payment" in proposal.arguments:
        await services.held_acts.carry_out(actor, proposal)
    else:
        await services.order_acts.carry_out(actor, proposal)


async def _serve() -> None:
    settings = load()
    assert settings.database.url is not None
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            Database(settings.database.url.get_secret_value(), connections=2)
        )
        node = await stack.enter_async_context(node_client(settings))
        services = build_services(settings, database, node)
        async with database.transaction() as tx:
            await services.pools.reload(tx)
        _say({"open": True})
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(await do(services, json.loads(line)))


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve())
