"""The sandbox's page in headless Chromium, with the real application behind it."""

from __future__ import annotations

import io
import json
import re
import signal
from collections.abc import AsyncIterator

import aiohttp
import png
import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.sandbox.conftest import OpenPage
from tests.sandbox.processes import end, sandbox_in
from tests.sandbox.worlds import ANNA, BO, OLGA, ORDERS, STAFF, VERA, Script, script_for
from tests.support.servers import temporary_folder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

WIDE, NARROW = 1280, 390


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """A sandbox with the application, its chain six times as quick as TRON's."""
    with temporary_folder() as folder:
        async with sandbox_in(folder / "world", "--block-seconds", "0.5") as sandbox:
            yield sandbox.url


@pytest.fixture
async def script(url: str) -> AsyncIterator[Script]:
    async with script_for(url) as script:
        yield script


class Visitor:
    """Somebody at the page: sees one room at a time when it is narrow."""

    def __init__(self, page: Page) -> None:
        self.page = page
        size = page.viewport_size
        self.narrow = size is not None and size["width"] < 1000

    async def go_to(self, room: str) -> None:
        if self.narrow:
            await self.page.click(f'#tabs [data-room="{room}"]')

    async def become(self, user_id: int) -> None:
        await self.go_to("chat")
        await self.page.click(f'.persona[data-user="{user_id}"]')

    async def write(self, text: str) -> None:
        await self.page.fill(".composer textarea", text)
        await self.page.keyboard.press("Enter")

    @property
    def last_message(self) -> Locator:
        return self.page.locator(".log .message").last

    async def press(self, label: str | re.Pattern[str]) -> None:
        """Presses a button under the last message, once it is there."""
        await self.last_message.locator(".key").filter(has_text=label).first.click()

    async def press_first(self, *, under: str) -> None:
        """Presses the first button under the last message, once that says something."""
        await expect(self.last_message).to_contain_text(under)
        await self.last_message.locator(".key").first.click()


async def address_of(script: Script, user_id: int) -> str:
    accounts = (await script.state())["accounts"]
    return next(str(a["address"]) for a in accounts if a["user_id"] == user_id)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(("locale", "start"), [("en-US", "START"), ("zh-CN", "开始")])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_page_opens_without_a_complaint(
    url: str, open_page: OpenPage, width: int, locale: str, start: str, scheme: str
) -> None:
    page = await open_page(url, width=width, locale=locale, color_scheme=scheme)
    await page.click(f'.persona[data-user="{OLGA}"]')
    await expect(page.locator(".start")).to_have_text(start)
    rooms = ["chat", "wallet", "chain"] if width == NARROW else ["chat"]
    for room in rooms:
        if width == NARROW:
            await page.click(f'#tabs [data-room="{room}"]')
        await expect(page.locator(f"#room-{room}")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        overflowing = await page.evaluate(
            """() => [...document.querySelectorAll("body *")].filter((el) => {
                const box = el.getBoundingClientRect();
                const scrolls = el.closest(".contacts, .log");
                return box.width && !scrolls && (box.right > innerWidth + 1 || box.left < -1);
            }).map((el) => el.className)"""
        )
        assert overflowing == []
    # Blocks come by themselves.
    height = page.locator(".clock .height b")
    before = await height.text_content()
    await expect(height).not_to_have_text(before or "")


async def test_every_word_is_there_in_both_languages(url: str, open_page: OpenPage) -> None:
    page = await open_page(url)
    pairs = await page.evaluate(
        """async () => {
            const words = await import("/words.js");
            const keys = words.keys();
            const read = () => keys.map((key) => words.say(key));
            const first = read();
            words.switchLanguage();
            const second = read();
            words.switchLanguage();
            return keys.map((key, place) => [key, first[place], second[place]]);
        }"""
    )
    assert len(pairs) > 100
    for key, english, chinese in pairs:
        assert english != key
        assert chinese != key
        holes = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, chinese)]
        assert holes[0] == holes[1], key


@pytest.mark.parametrize(("width", "locale", "who"), [(WIDE, "en-US", ANNA), (NARROW, "zh-CN", BO)])
async def test_whole_sale_through_the_page(
    url: str, open_page: OpenPage, script: Script, width: int, locale: str, who: int
) -> None:
    page = await open_page(url, width=width, locale=locale)
    visitor = Visitor(page)
    address = await address_of(script, who)
    await visitor.become(who)
    form = page.locator(".send-form")
    await visitor.go_to("wallet")
    place_before = await form.bounding_box()
    await visitor.go_to("chat")

    # 1 ask: by START and the first button of each question.
    await page.click(".start")
    await visitor.press_first(under="USDT")
    await expect(visitor.last_message).to_contain_text("TRON")
    await visitor.write(address)
    await visitor.press_first(under=address)
    await expect(visitor.last_message).to_contain_text("20")
    await visitor.press("1")
    await expect(visitor.last_message.locator(".key").nth(2)).to_have_text(
        re.compile("3 (days|天)")
    )
    await visitor.last_message.locator(".key").first.click()
    await visitor.press_first(under="TRX")

    # 2 pay: the wallet has understood the card, and nothing has moved.
    card = visitor.last_message
    await expect(card.locator("img")).to_be_visible()
    await expect(page.locator("#guide li").nth(0)).to_have_class("done")
    await card.locator(".key").first.click()
    await expect(page.locator(".toast")).to_be_visible()
    await visitor.go_to("wallet")
    await expect(page.locator(".pay-this")).to_be_visible()
    assert await form.bounding_box() == place_before
    await page.click(".pay-this")
    await expect(page.locator("#guide li").nth(1)).to_have_class("done")

    # The energy arrives, and the wallet shows whose it is.
    await visitor.go_to("chat")
    await expect(visitor.last_message).to_contain_text("✅", timeout=30_000)
    await visitor.go_to("wallet")
    await expect(page.locator(".source.rented")).to_be_visible()

    # 3 send USDT: it burns nothing.
    await page.locator(".contact").first.click()
    await expect(page.locator(".estimate.free")).to_be_visible()
    await page.click(".send-form .wide")
    result = page.locator(".estimate.celebrate")
    await expect(result).to_contain_text("0 TRX")
    await expect(page.locator(".transfer .cost").first).to_contain_text("0 TRX")
    await expect(page.locator("#guide li").nth(2)).to_have_class("done")

    # 4 the clock moves, the energy goes home.
    await visitor.go_to("chain")
    await expect(page.locator(".kind.delegation").first).to_be_visible()
    await page.locator(".jump").nth(1).click()
    await expect(page.locator(".kind.reclaim").first).to_be_visible(timeout=30_000)
    await expect(page.locator("#guide li").nth(3)).to_have_class("done")
    await visitor.go_to("wallet")
    await expect(page.locator(".source.rented")).to_have_count(0)

    # A link of the bot leads to the transaction on this page.
    await visitor.go_to("chat")
    await page.locator('.log a[href*="#/transaction/"]').first.click()
    await expect(page.locator(".transaction.pointed")).to_be_visible()


async def test_personas_have_chats_and_wallets_of_their_own(
    url: str, open_page: OpenPage, script: Script
) -> None:
    page = await open_page(url)
    visitor = Visitor(page)
    await visitor.become(ANNA)
    shown = await page.locator(".address").get_attribute("aria-label")
    assert await address_of(script, ANNA) in (shown or "")
    bot = (await script.post(f"/chats/{OLGA}/messages", {"text": "/start"}))["change"]
    await script.get(f"/chats/{OLGA}/messages?after={bot}&wait=20")
    badge = page.locator(f'.persona[data-user="{OLGA}"] .badge')
    await expect(badge).to_be_visible()
    await visitor.become(OLGA)
    await expect(badge).to_have_count(0)
    await expect(page.locator(".owner select option")).to_have_count(5)
    await expect(page.locator(".log .from-user").last).to_contain_text("/start")


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_groups_show_who_speaks_and_who_presses(
    url: str, open_page: OpenPage, script: Script, width: int
) -> None:
    keyboard = {"inline_keyboard": [[{"text": "I am on it", "callback_data": "x"}]]}
    sent = {"chat_id": STAFF, "text": "Look", "reply_markup": json.dumps(keyboard)}
    page = await open_page(url, width=width)
    visitor = Visitor(page)
    await visitor.become(ANNA)
    places = page.locator(".place")
    await expect(places).to_have_count(2)
    await script.bot("sendMessage", **sent)
    await script.post(f"/chats/{ORDERS}/messages", {"user_id": BO, "text": "quick"})
    badge = page.locator(f'.persona[data-user="{OLGA}"] .badge')
    await expect(badge).to_be_visible()
    await expect(page.locator(f'.place[data-chat="{ORDERS}"] .badge')).to_be_visible()
    await page.click(f'.place[data-chat="{ORDERS}"]')
    await expect(visitor.last_message.locator(".sender")).to_have_text("小波")
    await visitor.write("indeed")
    await expect(visitor.last_message).to_have_class(re.compile("from-user"))
    await visitor.become(BO)
    await expect(visitor.last_message.locator(".sender")).to_have_text("Anna")

    await visitor.become(VERA)
    await page.click(f'.place[data-chat="{STAFF}"]')
    await expect(page.locator(".status")).to_have_text("3 members · group")
    await visitor.press("I am on it")
    await expect(page.locator("#alert")).to_contain_text("private")
    await page.click("#alert button")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await visitor.go_to("wallet")
    await expect(page.locator(".nobody")).to_contain_text("Vera has no wallet")
    await visitor.become(OLGA)
    await expect(page.locator(f'.place[data-chat="{STAFF}"]')).to_have_attribute(
        "aria-selected", "true"
    )
    await visitor.go_to("wallet")
    await expect(page.locator(".owner select option")).to_have_count(5)


async def test_file_of_the_bot_is_taken_home(url: str, open_page: OpenPage, script: Script) -> None:
    page = await open_page(url)
    await script.post(f"/chats/{OLGA}/messages", {"text": "/start"})
    state = await script.state()
    file = aiohttp.FormData({"chat_id": str(OLGA)})
    file.add_field("document", b"a,b\r\n1,2\r\n", filename="orders.csv")
    sending = f"{state['bot_api_url']}/bot{state['bot']['token']}/sendDocument"
    async with script.session.post(sending, data=file) as answer:
        assert answer.status == 200, await answer.text()
    visitor = Visitor(page)
    await visitor.become(OLGA)
    link = page.locator(".log .from-bot a.file")
    await expect(link).to_have_text("orders.csv")
    async with page.expect_download() as waiting:
        await link.click()
    content = await (await waiting.value).path()
    assert content.read_bytes() == b"a,b\r\n1,2\r\n"


async def test_chat_by_keyboard(url: str, open_page: OpenPage, script: Script) -> None:
    page = await open_page(url)
    visitor = Visitor(page)
    await visitor.become(OLGA)
    if await page.locator(".start").is_visible():
        await page.click(".start")
    field = page.locator(".composer textarea")
    await field.fill("/he")
    await expect(page.locator(".suggestions li")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator(".log .from-user").last).to_contain_text("/help")
    await expect(page.locator(".from-user .mark").last).to_have_attribute(
        "aria-label", "Read by the bot"
    )

    await visitor.write("a private thought")
    mine = page.locator(".log .from-user").filter(has_text="a private thought")
    await expect(mine).to_have_count(1)
    await field.press("ArrowUp")
    await expect(page.locator(".editing")).to_be_visible()
    await field.fill("a public thought")
    await field.press("Enter")
    edited = page.locator(".log .from-user").filter(has_text="a public thought")
    await expect(edited.locator(".bubble > .meta")).to_contain_text("edited")
    await edited.hover()
    await edited.locator(".dots").click()
    await edited.get_by_role("menuitem", name="Delete").click()
    await expect(edited).to_have_count(0)


async def test_phone_stays_at_the_newest_message(url: str, open_page: OpenPage) -> None:
    page = await open_page(url, width=NARROW)
    visitor = Visitor(page)
    await visitor.become(OLGA)
    if await page.locator(".start").is_visible():
        await page.click(".start")
    await expect(visitor.last_message.locator(".key").first).to_be_visible()
    tall = io.BytesIO()
    png.Writer(300, 700, greyscale=True).write(tall, [bytes(300)] * 700)
    picture: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": tall.getvalue()}
    await page.set_input_files(".composer input[type=file]", picture)
    # The answer comes while the page still moves to the picture.
    await expect(visitor.last_message).to_contain_text("I can only read text")
    await page.wait_for_function(
        """() => {
            const log = document.querySelector(".log");
            return log.scrollHeight - log.scrollTop - log.clientHeight < 2;
        }"""
    )
    await visitor.write("/language")
    keys = visitor.last_message.locator(".key")
    await expect(keys.nth(2)).to_have_text("Русский")
    heights = await keys.evaluate_all("keys => keys.map((key) => key.offsetHeight)")
    assert max(heights) <= 42, "no label takes two lines"
    await expect(page.locator("#break-open")).to_have_text(re.compile("Break something"))
    await expect(page.locator(".break-word")).to_be_visible()


async def test_transfer_that_burns_says_so(url: str, open_page: OpenPage) -> None:
    page = await open_page(url)
    visitor = Visitor(page)
    await visitor.become(BO)
    await page.locator(".contact", has_text="Carol").click()
    await expect(page.locator(".estimate.burn")).to_contain_text("13.029")
    await page.fill("#send-amount", "9999")
    await expect(page.locator(".estimate.bad")).to_contain_text("not that much USDT")
    await page.click(".segments button:nth-child(2)")
    await page.fill("#send-amount", "1,5")
    await expect(page.locator(".send-form .wide")).to_contain_text("1,5 TRX")


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_commands_for_the_api_are_copied(
    url: str, open_page: OpenPage, script: Script, width: int
) -> None:
    page = await open_page(url, width=width)
    await Visitor(page).become(BO)
    await page.click("#api-open")
    box = page.locator("#api")
    api = (await script.state())["api_url"]
    await expect(box.locator(".api-url")).to_have_text(api)
    await expect(box.locator("a")).to_have_attribute("href", f"{api}/docs")
    await expect(box.locator(".api-down")).to_be_hidden()

    async def copied(command: str) -> str:
        await box.locator(f'[data-command="{command}"] .button').click()
        return str(await page.evaluate("async () => (await import('/dom.js')).clipboard.text"))

    program, prices = (await copied("prices")).split()
    assert program == "curl"
    async with script.session.get(prices) as answer:
        assert (await answer.json())["data"]
    ordering = await copied("create")
    assert f"curl {api}/create " in ordering
    assert await address_of(script, BO) in ordering
    within = (
        "document.querySelector('#api').scrollWidth <= document.querySelector('#api').clientWidth"
    )
    assert await page.evaluate(within)


async def test_something_is_broken_and_mended(
    url: str, open_page: OpenPage, script: Script
) -> None:
    page = await open_page(url)
    await page.click("#break-open")
    box = page.locator("#break")
    await box.locator('[data-disaster="telegram"] .button').click()
    await expect(box.locator('[data-disaster="telegram"] .left')).to_have_text("3 left")
    await box.get_by_role("button", name="Mend everything").click()
    await expect(box.locator('[data-disaster="telegram"] .left')).to_have_text("")

    for name in ("pause", "stall", "revoke", "blacklist", "dearer", "postgres", "valkey"):
        row = box.locator(f'[data-disaster="{name}"]')
        await row.locator(".button").click()
        await expect(row.locator(".left")).to_have_text("on")
        await expect(row.locator(".button")).to_have_text("Undo")
    state = await script.state()
    assert (state["chain"]["paused"], state["chain"]["solid_stalled"]) == (True, True)
    assert {server["state"] for server in state["servers"].values()} == {"stopped"}
    assert [pool["permission_granted"] for pool in state["pools"]] == [False, True, True]
    assert state["tokens"][0]["energy_factor"] == 5_000
    assert len(state["tokens"][0]["blacklist"]) == 1
    await box.locator('[data-disaster="pause"] .button').click()
    await expect(box.locator('[data-disaster="pause"] .left')).to_have_text("")
    await box.get_by_role("button", name="Mend everything").click()
    for name in ("stall", "revoke", "blacklist", "dearer", "postgres", "valkey"):
        row = box.locator(f'[data-disaster="{name}"]')
        await expect(row.locator(".left")).to_have_text("")
        await expect(row.locator(".button")).to_have_text("Do it")
    state = await script.state()
    assert (state["chain"]["paused"], state["chain"]["solid_stalled"]) == (False, False)
    assert {server["state"] for server in state["servers"].values()} == {"running"}
    assert all(pool["permission_granted"] for pool in state["pools"])
    assert (state["tokens"][0]["energy_factor"], state["tokens"][0]["blacklist"]) == (0, [])

    await box.locator('[data-disaster="kill"] .button').click()
    await expect(box.locator(".app-state b")).to_have_text("app killed")
    await expect(page.locator(".chat-head .status")).to_have_text("the program is not running")
    await box.locator('[data-disaster="start"] .button').click()
    await expect(box.locator(".app-state b")).to_have_text("app running", timeout=60_000)
    await page.keyboard.press("Escape")
    await expect(box).to_be_hidden()


async def test_pools_are_shown_broken_and_mended_one_by_one(
    url: str, open_page: OpenPage, script: Script
) -> None:
    page = await open_page(url)
    table = page.locator(".pools table")
    chips, names = table.locator(".chip"), table.locator(".pool-name")
    await expect(names).to_have_text(["North", "South", "East"])
    await expect(chips).to_have_text(["ready", "ready", "ready"])
    await expect(table.locator('[data-row="permission"] td')).to_have_text(["✓ 3", "✓ 2", "✓ 3"])
    await expect(table.locator('[data-row="unstaking"]')).to_be_hidden()

    await page.click("#break-open")
    box = page.locator("#break")

    async def break_(pool: str, name: str) -> None:
        await box.get_by_role("radio", name=pool).click()
        row = box.locator(f'[data-disaster="{name}"]')
        await expect(row.locator(".left")).to_have_text("")
        await row.locator(".button").click()
        await expect(row.locator(".left")).to_have_text("on")

    await break_("South", "unstake")
    await expect(chips.nth(1)).to_have_text("empty")
    await break_("South", "ruin")
    await expect(chips.nth(1)).to_have_text("broke")
    await break_("North", "lend")
    await expect(chips.nth(0)).to_have_text("empty")
    await expect(table.locator('[data-row="free"] td').nth(0)).to_have_text(
        re.compile(r"^\d{1,3}$")
    )
    await break_("East", "unstake")
    await expect(table.locator('[data-row="unstaking"]')).to_be_visible()
    await expect(box.get_by_role("radio", name="North")).to_have_class("shaky")

    await box.get_by_role("button", name="Mend everything").click()
    # East spent its bandwidth on these orders, as it would have on a sale.
    await expect(chips).to_have_text(["ready", "ready", "broke"], timeout=30_000)
    await expect(page.locator("#app-dot")).not_to_have_class(re.compile("shaky"))
    pools = {pool["pool"]: pool for pool in (await script.state())["pools"]}
    assert pools["north"]["lent_to_exchange"]["energy_sun"] == 0
    assert [pool["unstaking_sun"] for pool in pools.values()] == [0, 0, 0]
    assert pools["south"]["bandwidth_limit"] > 40_000
    await page.keyboard.press("Escape")

    await page.click(".pools-head")
    await expect(table).to_be_hidden()
    await page.reload()
    await page.wait_for_selector("body.ready")
    await expect(table).to_be_hidden()
    await page.click(".pools-head")
    await page.click("#language")
    await expect(names).to_have_text(["北池", "南池", "东池"])


async def test_transfer_of_another_token_is_shown_in_its_own_unit(
    url: str, open_page: OpenPage, script: Script
) -> None:
    page = await open_page(url)
    await Visitor(page).become(ANNA)
    units = "1500000000000000001"
    await script.post("/transfers", {"from": "Bob", "to": "Anna", "token": "USDD", "units": units})
    await expect(page.locator(".transfer").first.locator(".sum b")).to_have_text("+1.5 USDD")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_pools_fit_a_narrow_page(url: str, open_page: OpenPage, locale: str) -> None:
    page = await open_page(url, width=320, height=700, locale=locale)
    await page.click('#tabs [data-room="chain"]')
    await expect(page.locator(".pools table")).to_be_visible()
    overflowing = await page.locator(".pools th, .pools td, .pools table").evaluate_all(
        "cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1)"
        ".map((cell) => cell.textContent)"
    )
    assert overflowing == []


async def test_language_is_switched_and_remembered(url: str, open_page: OpenPage) -> None:
    page = await open_page(url, locale="en-US")
    await page.click("#language")
    await expect(page.locator("#app-word")).to_have_text("程序运行中")
    await page.reload()
    await page.wait_for_selector("body.ready")
    await expect(page.locator("#app-word")).to_have_text("程序运行中")
    assert await page.get_attribute("html", "lang") == "zh-CN"


async def test_page_outlives_the_sandbox(open_page: OpenPage) -> None:
    with temporary_folder() as folder:
        async with sandbox_in(folder / "world", "--without-app") as sandbox:
            page = await open_page(sandbox.url, may_lose_connection=True)
            visitor = Visitor(page)
            await page.click(".start")
            await expect(visitor.last_message).to_contain_text("/start")
            await end(sandbox.process, signal.SIGTERM)
        await expect(page.locator("#offline")).to_be_visible()
        port = int(sandbox.url.rpartition(":")[2])
        async with sandbox_in(folder / "world", "--without-app", port=port):
            await expect(page.locator("#offline")).to_be_hidden()
            await expect(visitor.last_message).to_contain_text("/start")
            await visitor.write("still here?")
            await expect(visitor.last_message).to_contain_text("still here?")
