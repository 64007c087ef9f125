"""A whole sale by the control API alone, also when the application is killed in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.processes import sandbox_in
from tests.sandbox.worlds import ANNA, Script, script_for

pytestmark = pytest.mark.timeout(150)

FAST = ("--block-seconds", "0.5")


class Chat:
    """Anna's chat, read as it changes."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._change = 0

    async def write(self, text: str) -> None:
        await self._script.post(f"/chats/{ANNA}/messages", {"text": text})

    async def click(self, button: str) -> dict[str, Any]:
        click: dict[str, Any] = await self._script.post(
            f"/chats/{ANNA}/clicks", {"button": button, "wait_seconds": 15}
        )
        return click

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message of the bot, new or changed, that is the wanted one."""
        async with asyncio.timeout(60):
            while True:
                path = f"/chats/{ANNA}/messages?after={self._change}&wait=30"
                for message in (await self._script.get(path))["messages"]:
                    self._change = message["change"]
                    if message["from"] == "bot" and not message["deleted"] and wanted(message):
                        return dict(message)

    async def until_button(self, label: str) -> dict[str, Any]:
        return await self.until(
            lambda message: any(label in b["text"] for row in message["keyboard"] for b in row)
        )

    async def until_text(self, part: str) -> dict[str, Any]:
        return await self.until(
            lambda message: part in (message["text"] or message["caption"] or "")
        )


async def order(script: Script, chat: Chat) -> int:
    """Anna orders energy for one transfer and one hour; returns what to pay, in sun."""
    await chat.write("/start")
    for button in ("Rent energy", "Has USDT already", "1", "1 hour", "Order for"):
        if button == "Has USDT already":
            await chat.until_text("TRON address")
            await chat.write((await script.account("Anna"))["address"])
        await chat.until_button(button)
        await chat.click(button)
    card = await chat.until_button("Copy address")
    assert card["photo_url"]
    copied = [b["copy_text"]["text"] for row in card["keyboard"] for b in row if "copy_text" in b]
    amount = next(text for text in copied if text[0].isdigit())
    assert (await script.state())["payment_address"] in copied
    whole, _, rest = amount.partition(".")
    return int(whole) * 1_000_000 + int(rest.ljust(6, "0"))


async def pay(script: Script, sun: int) -> None:
    await script.post("/transfers", {"from": "Anna", "to": "Payment address", "sun": sun})


async def kill_at_the_broadcast(script: Script, cause: Awaitable[object]) -> None:
    """Kill and start the program while it waits for the answer to the broadcast that follows."""
    await script.post(
        "/faults",
        {"on": "node", "fault": "slow_answer", "amount": 60, "methods": ["broadcasthex"]},
    )
    await cause
    await script.until_state(lambda state: not state["faults"])
    await script.post("/app", {"action": "kill"})
    await script.post("/app", {"action": "start"})


async def of_kind(script: Script, kind: str) -> list[dict[str, Any]]:
    """All transactions of a kind so far."""
    blocks = (await script.get("/blocks?limit=500"))["blocks"]
    return [each for block in blocks for each in block["transactions"] if each["kind"] == kind]


async def send_and_return(script: Script, chat: Chat) -> None:
    """Anna sends USDT, which burns nothing, and an hour later the energy goes home, once."""
    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "usdt": 10_000_000})
    done = await script.get(f"/transactions/{sent['txid']}?wait=30")
    assert (done["success"], done["burned_sun"], done["energy_source"]) == (True, 0, "rented")
    await script.post("/clock", {"advance_seconds": 3600})
    await chat.until_text("🏁")
    assert (await script.account("Anna"))["energy_rented"] == 0
    (delegation,), (reclaim,) = [await of_kind(script, kind) for kind in ("delegation", "reclaim")]
    assert delegation["to"] == reclaim["to"] == (await script.account("Anna"))["address"]
    assert delegation["sun"] == reclaim["sun"]


async def test_whole_sale_by_script(server_folder: Path) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        chat = Chat(script)
        await pay(script, await order(script, chat))
        delivered = await chat.until_text("✅")
        assert any(entity["type"] == "date_time" for entity in delivered["entities"])
        assert (await script.account("Anna"))["energy_rented"] >= 64_285
        await send_and_return(script, chat)


async def test_killed_between_a_broadcast_and_its_record(server_folder: Path) -> None:
    """The node has accepted, the program dies before it hears so: delivered once, returned once."""
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        chat = Chat(script)
        sun = await order(script, chat)
        await kill_at_the_broadcast(script, pay(script, sun))
        await chat.until_text("✅")

        await kill_at_the_broadcast(script, script.post("/clock", {"advance_seconds": 3600}))
        await chat.until_text("🏁")

        assert (await script.account("Anna"))["energy_rented"] == 0
        for kind in ("payment", "delegation", "reclaim"):
            assert len(await of_kind(script, kind)) == 1, kind


async def test_killed_again_and_again_during_one_sale(server_folder: Path) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        chat = Chat(script)
        await pay(script, await order(script, chat))
        for _ in range(4):
            await script.post("/app", {"action": "kill"})
            await script.post("/app", {"action": "start"})

        await chat.until_text("✅")

        await send_and_return(script, chat)


async def test_payment_made_while_the_app_is_dead_is_found(server_folder: Path) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        chat = Chat(script)
        sun = await order(script, chat)
        await script.post("/app", {"action": "kill"})
        await pay(script, sun)
        # Longer than the order waits for its payment: it was paid in time all the same.
        await script.post("/clock", {"advance_seconds": 2400})
        await script.post("/app", {"action": "start"})

        await chat.until_text("✅")

        await send_and_return(script, chat)


async def test_sale_goes_on_through_a_bad_day(server_folder: Path) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        chat = Chat(script)
        sun = await order(script, chat)
        for fault in (
            {"on": "node", "fault": "refuse_connection", "count": 2},
            {"on": "node", "fault": "truncated", "count": 1},
            {"on": "node", "fault": "lagging", "amount": 5, "count": 5},
            {"on": "telegram", "fault": "too_many_requests", "count": 1, "retry_after": 1},
            {"on": "telegram", "fault": "server_error", "count": 1},
        ):
            await script.post("/faults", fault)
        await pay(script, sun)
        await chat.until_text("✅")
        await script.delete("/faults")
        await send_and_return(script, chat)
