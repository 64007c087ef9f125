"""The examination: its parts, and what each has to know of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from chain.errors import ChainError
from chain.node import NodeClient
from checkup.database import Join, look_at_database
from checkup.findings import PART_SECONDS, Finding, side_by_side
from checkup.keys import known_passphrase, look_at_keys
from checkup.money import payment_address, prices, refund_wallet
from checkup.nodes import NodeReport, judge, survey
from checkup.pools import Charges, look_at_pool, none_sells, pools_of
from checkup.servers import data_dir, redis, telegram
from settings import Settings

_REQUESTS_FOR_POOL = 4


async def examine(settings: Settings, node: NodeClient, join: Join) -> list[Finding]:
    """All findings, in the order in which a shop is set up.

    `node` are the configured nodes together; `join` leads to the shop's database.
    """
    # First, and alone: a person may have to type it.
    passphrase, findings_of_passphrase = known_passphrase(settings)
    (findings_of_database, records), reports = await asyncio.gather(
        look_at_database(settings, join), survey(settings)
    )
    findings_of_keys, keys = await asyncio.to_thread(
        look_at_keys, settings, passphrase, records.pools
    )
    findings_of_nodes = judge(reports, known_genesis=records.genesis)
    servers = await side_by_side(
        [
            ("data_dir", data_dir(settings)),
            ("redis.url", redis(settings)),
            ("telegram", telegram(settings)),
        ]
    )
    findings = [
        *servers[:1],
        *findings_of_database,
        *servers[1:],
        *findings_of_nodes,
        *prices(settings, _now(reports)),
        *findings_of_passphrase,
        *findings_of_keys,
    ]
    charges = await _charges(node, reports)
    answering = charges is not None
    pools, unusable = pools_of(settings, records)
    findings += unusable
    if not unusable:
        findings += none_sells(pools)
    return findings + await side_by_side(
        [
            ("payment.address", payment_address(settings, node, answering=answering)),
            ("refunds", refund_wallet(settings, node, records, answering=answering)),
            *(
                (
                    f"pool {pool.address}",
                    look_at_pool(pool, node, keys=keys, charges=charges),
                )
                for pool in pools
            ),
        ],
        # The client asks no faster than it may; an operator of many pools will wait.
        seconds=PART_SECONDS + _REQUESTS_FOR_POOL * len(pools) / settings.tron.requests_per_second,
    )


def _now(reports: Sequence[NodeReport]) -> datetime:
    """The time of the newest block; while no node tells of one, this machine's."""
    heads = [report.head.time for report in reports if report.head is not None]
    return max(heads, default=datetime.now(UTC))


async def _charges(node: NodeClient, reports: Sequence[NodeReport]) -> Charges | None:
    """None if no node answers, which is told elsewhere."""
    head = next((report.head for report in reports if report.head is not None), None)
    if head is None:
        return None
    try:
        return Charges(head, await node.chain_parameters())
    except ChainError:
        return None
