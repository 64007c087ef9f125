"""Whether the program runs, and whether the shop can serve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from sandbox.tron.faults import NodeFault
from services.alerts import AlertKind, raise_alert
from services.readiness import Part, Readiness
from tests.api.conftest import Api


async def test_a_shop_that_can_serve_says_so_at_both_places(api: Api) -> None:
    stranger = await api.client("")
    answer = await stranger.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready"), answer.text
    assert set(answer.json()["parts"]) == set(Part)
    assert (await stranger.get(f"{api.url}/ready")).json() == answer.json()
    assert (await stranger.get(f"{api.url}/health")).json()["status"] == "ok"


async def test_every_part_that_is_not_well_is_named(api: Api) -> None:
    shop = api.shop

    async def gone() -> None:
        raise ConnectionError

    def head() -> datetime:
        return datetime.fromtimestamp(shop.chain.head.time_ms / 1000, UTC)

    readiness = Readiness(shop.database, shop.node, gone, now=lambda: head() + timedelta(minutes=5))
    async with shop.database.transaction() as tx:
        await raise_alert(tx, AlertKind.TELEGRAM_CONFLICT)
    for _ in range(30):
        shop.chain.produce_block()
    looked = await readiness.look()
    assert {part: state.why for part, state in looked.parts.items()} == {
        Part.DATABASE: None,
        Part.REDIS: "ConnectionError",
        Part.NODE: "behind",
        Part.SCANNER: "behind",
        Part.TELEGRAM: "telegram_conflict",
    }
    assert looked.parts[Part.NODE].lag_seconds == 300
    assert not looked.ready


async def test_without_a_node_nothing_can_be_sold_and_the_program_lives(api: Api) -> None:
    stranger = await api.client("")
    api.shop.faults.plan(NodeFault.REFUSE_CONNECTION, 1_000)
    answer = await stranger.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert answer.json()["parts"]["node"]["why"] == "silent"
    assert (await stranger.get("/health")).status_code == 200


async def test_prometheus_reads_figures_at_both_places(api: Api) -> None:
    stranger = await api.client("")
    for url in ("/metrics", f"{api.url}/metrics"):
        answer = await stranger.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        families = {family.name for family in text_string_to_metric_families(answer.text)}
        assert len(families) > 20
