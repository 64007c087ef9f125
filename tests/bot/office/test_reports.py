"""/admin and /report as people see them: figures, pictures, files, the report of the morning."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import logging
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bot import charts
from bot.office.report_cards import chart
from bot.texts.figures import utf16_length
from sandbox.telegram.files import read_image
from services.customers import Language
from services.spans import SpanKind
from tests.bot.office.samples_reports import EMPTY_REPORT, full_report
from tests.bot.people import Person, World, labels, order_something, words
from tests.bot.samples import TEXTS
from tests.support.shop import address

ENGLISH = TEXTS[Language.EN]
BOOKS = ["Orders CSV", "Payments CSV", "Ledger CSV"]


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without matplotlib."""
    monkeypatch.setattr(charts, "find_spec", lambda _: None)


async def sell_one(world: World, ann: Person) -> None:
    await order_something(ann)
    order = (await world.shop.services.orders.page(ann.user.id, 1)).orders[0]
    world.shop.pay(order)
    await world.block(3)


async def test_the_first_card_says_that_all_is_well_and_what_today_brought(
    world: World, ann: Person, viewer: Person
) -> None:
    card = await viewer.says("/admin")
    assert words(card).startswith("🟢 All is well\n\nToday: 23 Nov (12:0")
    assert "Orders: 0\n" in words(card)
    await sell_one(world, ann)
    card = await viewer.taps("🔄 Refresh")
    said = words(card)
    assert "Orders: 1 (delivered 1)" in said
    assert "Revenue: 2.8" in said
    assert "100.00\u00a0% (1/1)" in said
    assert "From payment to energy: half within 6\u00a0s · 95 % within 6\u00a0s" in said
    assert "Refund wallet: 200.000000 TRX" in said
    assert "Behind the chain: 0\u00a0s (blocks: 0)" in said
    assert str(ann.user.id) not in said
    assert address("ann")[:6] not in said
    async with world.shop.database.transaction() as tx:
        await tx.connection.execute(
            "UPDATE energy_pools SET trouble = 'failing', trouble_since = now()"
        )
    assert words(await viewer.taps("🔄 Refresh")).startswith(
        "🔴 Look at this\n• Pools that cannot be sold from: 1/1\n"
    )


async def test_a_report_is_looked_at_and_turned_over(
    world: World, ann: Person, viewer: Person, no_pictures: None
) -> None:
    await sell_one(world, ann)
    await viewer.says("/admin")
    card = await viewer.taps("Reports")
    assert words(card).startswith("Day 2026-11-23 UTC · so far\nOrders: placed 1 · delivered 1")
    assert "✓ Delivered, over 95 %: 100.00\u00a0%" in words(card)
    assert "– Open, over 99.9 %: –" in words(card)
    assert not card.media_kind
    assert labels(card) == ["‹ Earlier", "Day", "Week", "Month", "‹ Back"]
    card = await viewer.taps("‹ Earlier")
    assert words(card).startswith("Day 2026-11-22 UTC\nOrders: placed 0")
    assert "Later ›" in labels(card)
    assert words(await viewer.taps("Later ›")).startswith("Day 2026-11-23")
    assert words(await viewer.taps("Week")).startswith("Week 2026-11-23 – 11-29 UTC · so far")
    assert words(await viewer.taps("Month")).startswith("Month 2026-11 UTC · so far")
    assert words(await viewer.says("/report month")).startswith("Month 2026-11 UTC")
    assert words(await viewer.says("/report")).startswith("Day 2026-11-23 UTC")
    assert words(await viewer.taps("‹ Back")).startswith("🟢")


async def test_the_books_come_as_files(
    world: World, ann: Person, operator: Person, no_pictures: None
) -> None:
    await sell_one(world, ann)
    card = await operator.says("/report week")
    assert labels(card)[5 - 1 : 7] == BOOKS
    await operator.taps("Orders CSV")
    sent = operator.newest
    assert (sent.media_kind, sent.media_name) == ("document", "orders-2026-11-23-week.csv")
    assert words(sent) == "Orders · 2026-11-23 – 11-29 · rows: 1"
    assert sent.media_path
    found = world.telegram.file_content(sent.media_path)
    assert found is not None
    (row,) = csv.DictReader(io.StringIO(found[1].decode("utf-8-sig")))
    assert (row["number"], row["status"]) == ("1001", "completed")
    await operator.says("/report")
    await operator.taps("‹ Earlier")
    await operator.taps("Payments CSV")
    assert operator.toast == "Payments · 2026-11-22: nothing there"


async def test_yesterdays_report_comes_by_itself_with_a_picture(
    world: World, ann: Person, operator: Person, viewer: Person
) -> None:
    await viewer.says("/start")
    await operator.says("/start")
    await sell_one(world, ann)
    world.shop.advance(21 * 3600)
    await world.block()
    await world.shop.services.reports.announce_due()
    await world.settle()
    card = operator.newest
    assert words(card).startswith("Day 2026-11-23 UTC\nOrders: placed 1")
    assert card.media_kind == "photo"
    assert "Later ›" in labels(card)
    assert labels(card)[-4:-1] == BOOKS
    assert not words(viewer.newest).startswith("Day")
    assert not words(ann.newest).startswith("Day")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", list(SpanKind))
def test_it_fits_below_a_picture(language: Language, kind: SpanKind) -> None:
    text = TEXTS[language].office.reports.report(full_report(kind, pools=300)).render()[0]
    assert utf16_length(text) <= 1024


# ── pictures ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", list(Language))
async def test_a_picture_is_drawn_of_much_and_of_nothing(language: Language) -> None:
    for report in (EMPTY_REPORT, full_report(SpanKind.MONTH, pools=9)):
        png = await charts.draw(chart(TEXTS[language], report))
        assert png is not None
        image = read_image(png)
        assert image is not None
        assert image.width == 960


async def test_no_picture_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="bot")
    assert await charts.draw(chart(ENGLISH, EMPTY_REPORT), seconds=0.01) is None
    assert "was not drawn within" in caplog.text
    broken = replace(chart(ENGLISH, EMPTY_REPORT), orders=())
    assert await charts.draw(broken) is None
    assert "could not be drawn" in caplog.text


async def test_without_matplotlib_there_is_no_picture(no_pictures: None) -> None:
    assert await charts.draw(chart(ENGLISH, EMPTY_REPORT)) is None


async def test_without_a_chinese_font_the_picture_is_in_english() -> None:
    """DejaVu, which comes with matplotlib, has no Chinese: boxes would be drawn."""
    program = f"""
import json, sys
sys.path.insert(0, {str(Path(charts.__file__).parent)!r})
import drawing
drawing._CHINESE = ()
chart = json.load(sys.stdin)
print(json.dumps(drawing._words(chart)))
"""
    drawn = chart(TEXTS[Language.ZH], EMPTY_REPORT)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate(json.dumps(asdict(drawn)).encode())
    assert json.loads(said) == asdict(drawn.plain_words)
    assert drawn.plain_words.title == "Day 2026-11-23 UTC"
