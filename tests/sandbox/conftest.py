"""Headless Chromium for the tests of the page, and a picture of the page when one fails."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
)

from sandbox.world import World
from tests.sandbox.worlds import Script, script_for, world_in
from tests.support.servers import temporary_folder

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FAILED = pytest.StashKey[bool]()

OpenPage = Callable[..., Awaitable[Page]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    """A sandbox without its application, one for all tests of a module."""
    with temporary_folder() as folder:
        async with world_in(folder / "world") as world:
            yield world


@pytest.fixture
async def script(world: World) -> AsyncIterator[Script]:
    """What a script can do there; it leaves no planned fault behind."""
    async with script_for(world.url) as script:
        yield script
        await script.delete("/faults")


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """This machine's Chromium. Without one tests are skipped, and with CI=true they fail."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium here, and CI must have one")
        pytest.skip("no Chromium here")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[OpenPage]:
    """Opens a page that must stay at home and must not complain, in a browser of its own.

    At the end it is checked for both, and photographed into tests/artifacts when the test failed.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_(
        url: str,
        *,
        width: int = 1280,
        height: int = 860,
        may_lose_connection: bool = False,
        **how: Any,
    ) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, **how)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(20_000)

        def on_console(said: ConsoleMessage) -> None:
            expected = may_lose_connection and "net::ERR" in said.text
            if said.type in ("error", "warning") and not expected:
                complaints.append(said.text)

        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: _check_home(asked.url, url, complaints))
        await page.goto(url)
        await page.wait_for_selector("body.ready")
        return page

    yield open_
    if request.node.stash.get(FAILED, False):
        ARTIFACTS.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        for number, context in enumerate(contexts):
            for page in context.pages:
                await page.screenshot(path=ARTIFACTS / f"{name}-{number}.png")
    for context in contexts:
        await context.close()
    assert complaints == []


def _check_home(asked: str, home: str, complaints: list[str]) -> None:
    if not asked.startswith((f"{home}/", "data:", "blob:")):
        complaints.append(f"the page asked for {asked}")
