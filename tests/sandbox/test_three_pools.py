"""What docs/sandbox.md says can be seen with three pools, done by a script with the application."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_sale import FAST, Chat, of_kind, pay
from tests.sandbox.processes import sandbox_in
from tests.sandbox.worlds import Script, script_for

pytestmark = pytest.mark.timeout(240)

LARGEST_ORDER = 20 * 130_285


async def rent(script: Script, chat: Chat, transfers: int) -> list[dict[str, Any]]:
    """Anna rents for transfers to addresses without USDT; returns the delegations of it."""
    before = {each["txid"] for each in await of_kind(script, "delegation")}
    await chat.write("/start")
    await chat.until_button("Rent energy")
    await chat.click("Rent energy")
    await chat.until_text("TRON address")
    await chat.write((await script.account("Anna"))["address"])
    await chat.until_button("No USDT yet")
    await chat.click("No USDT yet")
    await chat.until_text("How many USDT transfers")
    await chat.write(str(transfers))
    for button in ("1 hour", "Order for"):
        await chat.until_button(button)
        await chat.click(button)
    card = await chat.until_button("Copy address")
    copied = [b["copy_text"]["text"] for row in card["keyboard"] for b in row if "copy_text" in b]
    whole, _, rest = next(text for text in copied if text[0].isdigit()).partition(".")
    await pay(script, int(whole) * 1_000_000 + int(rest.ljust(6, "0")))
    await chat.until_text("✅")
    return [each for each in await of_kind(script, "delegation") if each["txid"] not in before]


async def until_returned(script: Script, chat: Chat) -> None:
    await script.post("/clock", {"advance_seconds": 3600})
    await chat.until_text("The rental is over")
    assert (await script.account("Anna"))["energy_rented"] == 0
    # A quote may look at stock of 3 seconds ago.
    await asyncio.sleep(3.5)


async def test_largest_order_is_split_and_later_done_without_the_poor_pool(
    server_folder: Path,
) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        chat = Chat(script)
        split = await rent(script, chat, 20)
        assert len({each["pool"] for each in split}) >= 2
        assert sum(each["energy"] for each in split) >= LARGEST_ORDER
        await until_returned(script, chat)

        # East cannot pay for a third and a fourth transaction of this day.
        pools = {pool["pool"]: pool for pool in (await script.state())["pools"]}
        if pools["east"]["bandwidth_left"] < 275:
            again = await rent(script, chat, 20)
            assert {each["pool"] for each in again if each["success"]} == {"north", "south"}
            assert sum(each["energy"] for each in again if each["success"]) >= LARGEST_ORDER
            await until_returned(script, chat)


async def test_another_pool_takes_over_when_one_has_lost_its_permission(
    server_folder: Path,
) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        chat = Chat(script)
        first = await rent(script, chat, 1)
        assert [each["pool"] for each in first] == ["north"], "of equally rich ones the smaller"
        await until_returned(script, chat)
        await script.post("/pool", {"pool": "north", "action": "revoke_permission"})
        await script.until_state(lambda state: not state["pools"][0]["permission_granted"])
        second = await rent(script, chat, 1)
        assert "north" not in {each["pool"] for each in second}
        assert sum(each["energy"] for each in second if each["success"]) >= 130_285
