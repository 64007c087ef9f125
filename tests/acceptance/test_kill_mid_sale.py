"""A sale through the production program as a process, killed at the worst moments.

Everything is done from outside: messages, clicks, transfers and faults over the control API, the
outcome read from the chain and the chat.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.processes import sandbox_in
from tests.sandbox.worlds import ANNA, Script, script_for

FAST = ("--block-seconds", "0.4")
PATIENCE_SECONDS = 40


@pytest.fixture
async def script(server_folder: Path) -> AsyncIterator[Script]:
    async with sandbox_in(server_folder / "world", *FAST) as sandbox, script_for(sandbox.url) as s:
        yield s


async def messages(script: Script) -> list[dict[str, Any]]:
    found = (await script.get(f"/chats/{ANNA}/messages?after=0"))["messages"]
    return [message for message in found if message["kind"] == "message"]


def words(message: dict[str, Any]) -> str:
    return message["text"] or message["caption"] or ""


def amount_to_pay(message: dict[str, Any]) -> int | None:
    """The amount on a payment card's copy button, in sun."""
    for row in message["keyboard"]:
        for button in row:
            copied = button.get("copy_text", {}).get("text", "")
            if copied and not copied.startswith("T"):
                return int(copied.replace(".", ""))
    return None


async def until(script: Script, what: str, *, least: int = 1) -> list[dict[str, Any]]:
    """Wait until the bot has said `what` so often; returns those messages."""
    after = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = [
                message
                for message in await messages(script)
                if message["from"] == "bot" and what in words(message)
            ]
            if len(found) >= least:
                return found
            answer = await script.get(f"/chats/{ANNA}/messages?after={after}&wait=5")
            after = max([after, *(each["change"] for each in answer["messages"])])


async def press(script: Script, position: int = 0) -> None:
    """Press a button of the newest message that has some, and wait for what comes of it."""
    newest = [message for message in await messages(script) if message["keyboard"]][-1]
    change = newest["change"]
    await script.post(
        f"/chats/{ANNA}/clicks",
        {
            "message_id": newest["message_id"],
            "button": newest["keyboard"][0][position]["callback_data"],
        },
    )
    await script.get(f"/chats/{ANNA}/messages?after={change}&wait=10")


async def order(script: Script) -> int:
    """Talk until there is an order for one transfer and an hour; returns the sun to pay."""
    anna = await script.account("Anna")
    await script.post(f"/chats/{ANNA}/messages", {"text": "/start"})
    await until(script, "Energy Flash")
    await press(script)
    await until(script, "Which wallet")
    await script.post(f"/chats/{ANNA}/messages", {"text": anna["address"]})
    await until(script, "Who will receive")
    for step in ("How many", "For how long", "Available now", "Send exactly"):
        await press(script)
        await until(script, step)
    amounts = [amount for m in await messages(script) if (amount := amount_to_pay(m))]
    return amounts[-1]


async def pay(script: Script, sun: int) -> None:
    anna = await script.account("Anna")
    to = (await script.state())["payment_address"]
    await script.post("/transfers", {"from": anna["address"], "to": to, "sun": sun})


async def kinds_on_chain(script: Script) -> list[str]:
    """What the pool did since the world began, as the explorer names it, oldest first."""
    blocks = (await script.get("/blocks?limit=200"))["blocks"]
    return [
        transaction["kind"]
        for block in sorted(blocks, key=lambda block: int(block["number"]))
        for transaction in block["transactions"]
        if transaction["kind"] in {"delegation", "reclaim"}
    ]


async def restart(script: Script) -> None:
    await script.post("/app", {"action": "kill"})
    await script.post("/app", {"action": "start"})


async def happened(script: Script, fault: str) -> None:
    """Wait until the node has met the fault."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (await script.get("/faults"))["happened"]["node"].get(fault):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # another process meets it, and tells nobody


async def test_killed_between_the_broadcast_and_its_record_delivers_exactly_once(
    script: Script,
) -> None:
    sun = await order(script)
    await script.post(
        "/faults",
        {"on": "node", "fault": "slow_answer", "methods": ["broadcasthex"], "amount": 30},
    )
    await pay(script, sun)
    await happened(script, "slow_answer")
    await restart(script)
    await until(script, "energy delivered")
    assert await kinds_on_chain(script) == ["delegation"]

    # The clock moves to the end of the rental, and the same happens to the reclaim.
    await script.post(
        "/faults", {"on": "node", "fault": "lose_answer", "methods": ["broadcasthex"]}
    )
    await script.post("/clock", {"advance_seconds": 3600})
    await happened(script, "lose_answer")
    await restart(script)
    await until(script, "rental is over", least=2)
    assert await kinds_on_chain(script) == ["delegation", "reclaim"]
    anna = await script.account("Anna")
    assert anna["energy_rented"] == 0


async def test_killed_while_the_payment_comes_finds_it_at_the_next_start(script: Script) -> None:
    sun = await order(script)
    await script.post("/app", {"action": "kill"})
    await pay(script, sun)
    await script.post("/clock", {"advance_seconds": 3600})
    await script.post("/app", {"action": "start"})
    # Paid in time by the chain's clock, though an hour has passed when the program looks.
    await until(script, "energy delivered")
    assert await kinds_on_chain(script) == ["delegation"]


async def test_killed_again_and_again_during_one_sale(script: Script) -> None:
    sun = await order(script)
    await pay(script, sun)
    for _ in range(4):
        await restart(script)
    await until(script, "energy delivered")
    assert (await kinds_on_chain(script)).count("delegation") == 1
