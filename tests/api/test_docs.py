"""Whatever docs/api.md tells programs to do works as it stands there, and leaves nothing out."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from aiohttp import web

from api.application import PREFIX
from api.problems import STATUS, Code
from api.words import LANGUAGES
from tests.api.conftest import Api
from tests.api.test_client import OPERATIONS
from tests.support.shop import USER, address, serve

ROOT = Path(__file__).parent.parent.parent
TEXTS = {
    language: (ROOT / "docs" / name).read_text(encoding="utf-8")
    for language, name in (("en", "api.md"), ("zh", "api.zh-CN.md"))
}
TEXT = TEXTS["en"]


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def sandbox_of(api: Api) -> web.Application:
    """The sandbox's way to pay, on the chain of these tests."""

    async def transfer(request: web.Request) -> web.Response:
        asked = json.loads(await request.text())
        assert asked["from"] == address("ann")
        orders = httpx.AsyncClient(
            base_url=api.url + PREFIX, headers={"X-API-Key": await api.secret()}
        )
        async with orders:
            [order] = (await orders.get("/orders")).json()["data"]["orders"]
        assert asked["to"] == order["paymentAddress"]
        view = await api.shop.services.orders.view(USER, UUID(order["orderId"]))
        assert view is not None
        return web.json_response({"txid": api.shop.pay(view, sun=asked["sun"])})

    app = web.Application()
    app.router.add_post("/transfers", transfer)
    return app


@pytest.fixture
async def environment(api: Api) -> dict[str, str]:
    return os.environ | {
        "API": api.url + PREFIX,
        "KEY": await api.secret(),
        "WALLET": address("ann"),
        "PYTHONPATH": str(ROOT),
    }


async def run(*command: str, env: dict[str, str]) -> str:
    running = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told = (await running.communicate())[0].decode()
    assert running.returncode == 0, told
    return told


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None,
    reason="the commands of docs/api.md are run by bash and curl",
)
async def test_every_command_of_the_document_works_one_after_another(
    api: Api, environment: dict[str, str], language: str
) -> None:
    [place, *commands] = blocks("sh", TEXTS[language])
    assert len(commands) >= 5
    named = set(re.findall(r"^export (\w+)=", place, re.MULTILINE))
    assert named == {"API", "KEY", "WALLET", "SANDBOX"}
    async with serve(sandbox_of(api)) as sandbox:
        script = "set -euo pipefail\n" + "\n".join(commands)
        running = asyncio.create_task(
            run("bash", "-c", script, env=environment | {"SANDBOX": sandbox})
        )
        while not running.done():
            await api.shop.block()
            await asyncio.sleep(0.1)
        told = await running
    assert '"status":"completed"' in told
    if language == "en":
        assert '"code":"key_missing"' in told
        assert '"secret":"whsec_' in told
    assert api.shop.delegations()


@pytest.mark.parametrize("language", TEXTS)
async def test_the_python_of_the_document_works(
    api: Api, environment: dict[str, str], language: str
) -> None:
    [code] = blocks("python", TEXTS[language])
    told = await run(sys.executable, "-c", code, env=environment)
    assert f"TRX to {address('payments')}\npending\n" in told


def rows(text: str) -> Iterator[tuple[str, int, str]]:
    for code, status, words in re.findall(r"^\| `(\w+)` \| (\d+) \| (.*) \|$", text, re.MULTILINE):
        yield code, int(status), words


@pytest.mark.parametrize("language", TEXTS)
def test_every_code_stands_in_the_document_with_its_status(language: str) -> None:
    titles = LANGUAGES[language].titles
    assert list(rows(TEXTS[language])) == [
        (code.value, STATUS[code], titles[code]) for code in Code
    ]


def test_every_path_stands_in_the_document() -> None:
    said = re.sub(r"\{\w*[iI]d\}", "{}", TEXT)
    for operation in OPERATIONS:
        path = re.sub(r"\{\w*[iI]d\}", "{}", operation.partition(" ")[2])
        assert f"{path}`" in said or f"{path}?" in said or f"$API{path}" in said, operation
