"""docs/monitoring.md names every metric that there is, and its rules name no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from chain.node import NodeCall
from composition import build_services
from services.jobs import JobRun
from services.metrics import Metrics, TelegramCall
from settings import LogSettings
from tests.support.shop import open_shop

DOCUMENT = Path(__file__).parent.parent / "docs" / "monitoring.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
_NAME = re.compile(r"\benergy_flash_[a-z_]+")


def rules() -> list[dict[str, Any]]:
    [block] = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    [group] = yaml.safe_load(block)["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


@pytest.fixture
async def samples(database: str) -> dict[str, set[frozenset[str]]]:
    """Every metric of a shop that has sold: the names of its samples, and their labels' names."""
    metrics = Metrics()
    metrics.node_called(NodeCall(0, "getnowblock", "answered", 0.1))
    metrics.telegram_called(TelegramCall("SendMessage", "ok", 0.1))
    metrics.job_ran(JobRun("scan the chain", "done", 0.1, 1))
    async with open_shop(database) as shop:
        order = await shop.order()
        shop.pay(order)
        await shop.block(5)
        await shop.services.availability.note()
        async with shop.database.transaction() as tx:
            await tx.connection.execute(
                "UPDATE service_minutes SET minute = minute - interval '1 hour'"
            )
        services = build_services(shop.settings, shop.database, shop.node, metrics=metrics)
        text = (await services.exposition.text()).decode()
    found: dict[str, set[frozenset[str]]] = {}
    for family in text_string_to_metric_families(text):
        # The time when a counter began is no metric of ours.
        if family.name.startswith("energy_flash_") and not family.name.endswith("_created"):
            for sample in family.samples:
                found.setdefault(sample.name, set()).add(frozenset(sample.labels))
            found.setdefault(family.name, set())
    return found


async def test_every_metric_is_documented_and_every_documented_one_exists(
    samples: dict[str, set[frozenset[str]]],
) -> None:
    tables = TEXT.partition("### From the database")[2].partition("## Alert rules")[0]
    documented = set(re.findall(r"`(energy_flash_[a-z_]+)(?:\{[a-z,]+\})?`", tables))
    parts = ("_bucket", "_count", "_sum")
    named = {name for name in samples if not name.endswith(parts)}
    # A counter's family has no _total, its samples have.
    counters = {name.removesuffix("_total") for name in named if name.endswith("_total")}
    assert documented == named - counters
    for name, labels in re.findall(r"`(energy_flash_[a-z_]+)\{([a-z,]+)\}`", tables):
        if found := samples[name] or samples.get(f"{name}_count", set()):
            assert found == {frozenset(labels.split(","))}, name


async def test_the_rules_watch_metrics_that_there_are(
    samples: dict[str, set[frozenset[str]]],
) -> None:
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"]
        used = _NAME.findall(rule["expr"])
        assert used, rule
        for name in used:
            assert samples[name], f"{rule['alert']} watches {name}, which is not there"
        for name, conditions in re.findall(r"(energy_flash_[a-z_]+)\{([^}]*)\}", rule["expr"]):
            [labels] = samples[name]
            assert set(re.findall(r"([a-z]+)(?:=|!=|=~|!~)\"", conditions)) <= labels
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    assert all(rule["expr"].count("(") == rule["expr"].count(")") for rule in rules())


def test_the_specifications_four_figures_have_a_rule_each() -> None:
    rows = re.findall(r"^\| .* \| [<>] .* \| `(energy_flash_[a-z_]+)` \|$", TEXT, re.MULTILINE)
    assert len(rows) == 4
    watched = " ".join(rule["expr"] for rule in rules())
    assert [name for name in rows if name not in watched] == []


def test_every_setting_of_the_log_is_explained() -> None:
    assert set(re.findall(r"^\| `log\.([a-z_]+)`", TEXT, re.MULTILINE)) == set(
        LogSettings.model_fields
    )


def test_what_a_line_can_be_about_is_explained() -> None:
    from services.log_context import Subject

    table = TEXT.partition("### What a line is about")[2].partition("All that happened")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == set(Subject.__annotations__)
