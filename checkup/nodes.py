"""Every configured TRON node by itself, the nodes beside each other, and this machine's clock.

The shop asks the nodes together and passes over one that is not well, so that nobody would notice:
until the last one fails. Here each has to stand on its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median
from time import monotonic
from urllib.parse import urlsplit

import httpx

from chain.blocks import BlockRef
from chain.errors import ChainError
from chain.node import Endpoint, NodeClient
from checkup.findings import Finding, fail, ok, warn
from settings import NodeSettings, Settings

CLOCK_TOLERANCE_SECONDS = 10.0
_TIMEOUT_SECONDS = 6.0
_NODE_SECONDS = 30.0
_SLOW_SECONDS = 3.0
_LAG_BLOCKS = 20
"""As the shop's own client: a node further behind is passed over."""
_SLIGHT_LAG_BLOCKS = 5
_STALE_SECONDS = 60.0
# Solid is what stands 18 blocks deep; java-tron is never much behind that.
_SOLID_LAG_BLOCKS = 40
# On the main network there is none of these in which no contract moves TRX.
_BLOCKS_TO_LOOK_INTO = 5

_MEND_CLOCK = (
    "Let this machine keep the time of the network: timedatectl set-ntp true, or install chrony."
)


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What one node said. `problem` says why nothing is known, if nothing is.

    `seconds` is how long it took to tell its newest block, `age_seconds` how old that block was by
    this machine's clock, `ahead_seconds` how far the clock of the node's HTTP server is before
    this machine's (exact to a second or so). `contract_transfers` are the transfers of TRX by
    contracts in its last solid blocks.
    """

    what: str
    problem: str | None = None
    solid_problem: str | None = None
    seconds: float = 0.0
    head: BlockRef | None = None
    age_seconds: float = 0.0
    solid: BlockRef | None = None
    genesis: str | None = None
    ahead_seconds: float | None = None
    contract_transfers: int | None = None


async def survey(settings: Settings) -> list[NodeReport]:
    """Ask every node by itself, all at the same time."""
    return await asyncio.gather(
        *(
            _ask(f"tron.nodes.{number} {_name(node)}", node, settings.tron.requests_per_second)
            for number, node in enumerate(settings.tron.nodes)
        )
    )


def _name(node: NodeSettings) -> str:
    """Its host, and its port if it names one: a path may hold a key."""
    parts = urlsplit(node.url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


async def _ask(what: str, node: NodeSettings, requests_per_second: float) -> NodeReport:
    key = node.api_key.get_secret_value() if node.api_key else None
    report = NodeReport(what)
    try:
        async with (
            asyncio.timeout(_NODE_SECONDS),
            NodeClient(
                [Endpoint(node.url, node.solidity_url, key)],
                requests_per_second=requests_per_second,
                timeout=_TIMEOUT_SECONDS,
                patience=2.0,
            ) as client,
        ):
            started = monotonic()
            head = (await client.head()).ref
            report = replace(
                report,
                seconds=monotonic() - started,
                head=head,
                age_seconds=(datetime.now(UTC) - head.time).total_seconds(),
                ahead_seconds=await _ahead_seconds(node, key),
            )
            first = await client.blocks(0, 0)
            report = replace(report, genesis=first[0].ref.id if first else None)
            return await _ask_for_solid(client, report)
    except ChainError as error:
        if report.head is None:
            return replace(report, problem=str(error))
        return replace(report, solid_problem=str(error))
    except TimeoutError:
        if report.head is None:
            return replace(report, problem=f"no answer in {_NODE_SECONDS:g} seconds")
        return replace(report, solid_problem=f"no whole answer in {_NODE_SECONDS:g} seconds")


async def _ask_for_solid(client: NodeClient, report: NodeReport) -> NodeReport:
    solid = await client.solid_head()
    report = replace(report, solid=solid)
    transfers = await asyncio.gather(
        *(
            client.internal_transfers(number)
            for number in range(max(1, solid.number - _BLOCKS_TO_LOOK_INTO + 1), solid.number + 1)
        )
    )
    return replace(report, contract_transfers=sum(map(len, transfers)))


async def _ahead_seconds(node: NodeSettings, api_key: str | None) -> float | None:
    """By how much the clock of a node's HTTP server is before ours; None if it does not tell."""
    headers = {"TRON-PRO-API-KEY": api_key} if api_key else {}
    local = urlsplit(node.url).hostname in {"127.0.0.1", "localhost", "::1"}
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=not local) as client:
            before = datetime.now(UTC)
            answer = await client.post(f"{node.url}/wallet/getnowblock", json={}, headers=headers)
            after = datetime.now(UTC)
        told = parsedate_to_datetime(answer.headers["Date"])
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError):
        return None
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    # The header tells whole seconds, cut off: on the average half a second less.
    return (told - before - (after - before) / 2).total_seconds() + 0.5


# ── judging ───────────────────────────────────────────────────────────────────────────────────


def judge(reports: Sequence[NodeReport], *, known_genesis: str | None) -> list[Finding]:
    """What the reports say; `known_genesis` is the first block of the database's chain."""
    if not reports:
        return [fail("tron.nodes", "none", "Set tron.nodes to at least one node.")]
    answered = [report for report in reports if report.head is not None]
    genesis = known_genesis or next((each.genesis for each in answered if each.genesis), None)
    of_our_chain = [each for each in answered if each.genesis in {genesis, None}]
    best = max((each.head.number for each in of_our_chain if each.head), default=0)
    keeps = any(each.contract_transfers for each in of_our_chain)
    findings = [
        finding
        for report in reports
        for finding in _judge_node(
            report, genesis=genesis, known=known_genesis is not None, best=best, others_keep=keeps
        )
    ]
    if of_our_chain:
        findings.append(judge_clock(of_our_chain))
    return findings


def _judge_node(
    report: NodeReport, *, genesis: str | None, known: bool, best: int, others_keep: bool
) -> list[Finding]:
    what = report.what
    if report.head is None:
        return [
            fail(what, str(report.problem), "Is the URL right, the API key valid, the node up?")
        ]
    if report.genesis is not None and report.genesis != genesis:
        whose = "the database was begun on" if known else "the node before it is on"
        return [
            fail(
                what,
                f"is on the chain {report.genesis}, and {whose} {genesis}",
                "Name only nodes of one chain. If the shop is to move to another chain, it needs"
                " an empty database: another --data-dir or database.url.",
            )
        ]
    return [_pace(report, best), *_solid(report), *_internal(report, others_keep=others_keep)]


def _pace(report: NodeReport, best: int) -> Finding:
    assert report.head is not None, "asked only of nodes that answered"
    lag = best - report.head.number
    says = f"at block {report.head.number:,}"
    if report.solid is not None:
        says += f", solid up to {report.solid.number:,}"
    says += f", answers in {report.seconds:.1f} s"
    if lag > _LAG_BLOCKS:
        return fail(
            report.what,
            f"{says}, {lag} blocks behind the best node",
            "It is passed over until it has caught up. If that stays so, mend or replace it.",
        )
    # As the node's own server sees it, so that a wrong clock here is not laid to the node.
    age = report.age_seconds + (report.ahead_seconds or 0.0)
    if report.ahead_seconds is not None and age > _STALE_SECONDS:
        return fail(
            report.what,
            f"{says}, and that block is {age:,.0f} s old",
            "It does not follow the chain any more: restart or replace it.",
        )
    if lag > _SLIGHT_LAG_BLOCKS:
        return warn(report.what, f"{says}, {lag} blocks behind the best node", "Watch it.")
    if report.seconds > _SLOW_SECONDS:
        return warn(report.what, says, "It is slow: customers wait. Prefer a nearer node.")
    return ok(report.what, says)


def _solid(report: NodeReport) -> list[Finding]:
    if report.solid_problem is not None:
        return [
            fail(
                report.what,
                f"does not tell of solid blocks: {report.solid_problem}",
                "A node of your own serves /walletsolidity on another port: set solidity_url.",
            )
        ]
    assert report.head is not None, "asked only of nodes that answered"
    assert report.solid is not None, "or solid_problem says why"
    lag = report.head.number - report.solid.number
    if lag > _SOLID_LAG_BLOCKS:
        return [
            fail(
                report.what,
                f"its solid blocks are {lag} behind its newest, where about 19 are usual",
                "Payments that wait for solid blocks wait longer. If only this node says so,"
                " mend or replace it; else the network is in trouble.",
            )
        ]
    return []


def _internal(report: NodeReport, *, others_keep: bool) -> list[Finding]:
    """Whether it tells of TRX that contracts move: nothing else tells of payments by contracts."""
    if report.contract_transfers is None:
        return []
    what = f"{report.what}, payments by contracts"
    if report.contract_transfers:
        return [ok(what, "it keeps internal transactions")]
    if others_keep:
        return [
            fail(
                what,
                "it keeps no internal transactions, which another node has in the same time:"
                " payments by contracts (exchanges, for one) are not seen through it",
                "Set vm.saveInternalTx = true in its configuration, or use another node.",
            )
        ]
    return [
        ok(
            what,
            f"cannot be told: no contract moved TRX in its last {_BLOCKS_TO_LOOK_INTO} solid"
            " blocks, or it does not keep that (vm.saveInternalTx)",
        )
    ]


def judge_clock(reports: Sequence[NodeReport]) -> Finding:
    """This machine's clock, by the clocks of the nodes' servers and the newest block's time.

    A block's time is the word of the network: a fresh block proves a clock right, whatever a
    server says. An old one proves nothing, since the node may be behind; then one server that
    agrees is enough, as two clocks are not wrong alike by chance.
    """
    what = "the clock"
    age = min(report.age_seconds for report in reports)
    told = [each.ahead_seconds for each in reports if each.ahead_seconds is not None]
    if age < -CLOCK_TOLERANCE_SECONDS:
        return fail(
            what,
            f"this machine's is at least {-age:,.0f} s behind: the newest block is not made yet"
            " by it",
            _MEND_CLOCK,
        )
    fresh = age <= CLOCK_TOLERANCE_SECONDS
    if not told:
        if fresh:
            return ok(what, f"the newest block is {age:,.0f} s old")
        return fail(
            what,
            f"the newest block is {age:,.0f} s old: this machine's clock is that much ahead, or"
            " the nodes are behind",
            _MEND_CLOCK,
        )
    ahead = median(told)
    nobody_agrees = min(map(abs, told)) > CLOCK_TOLERANCE_SECONDS
    if not fresh and nobody_agrees:
        way = "behind" if ahead > 0 else "ahead of"
        return fail(
            what,
            f"this machine's is {abs(ahead):,.0f} s {way} the nodes', and the newest block is"
            f" {age:,.0f} s old by it",
            _MEND_CLOCK,
        )
    wrong = [
        f"{each.what} ({each.ahead_seconds:+,.0f} s)"
        for each in reports
        if each.ahead_seconds is not None and abs(each.ahead_seconds) > CLOCK_TOLERANCE_SECONDS
    ]
    if wrong:
        return warn(
            what,
            f"this machine's seems right, the server's does not at {', '.join(wrong)}",
            "Tell whoever runs it; the shop does not go by it.",
        )
    if abs(ahead) < 1:
        return ok(what, "this machine's and the nodes' agree within a second")
    way = "behind" if ahead > 0 else "ahead of"
    return ok(what, f"this machine's is {abs(ahead):.0f} s {way} the nodes'")
