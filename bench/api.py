"""The HTTP API under load, beside the least that FastAPI takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import psutil
from yarl import URL

from api.application import PREFIX
from bench.figures import Figure, percentile
from bench.load import Load, Request, load
from bench.people import BUYER, address
from bench.shop import Databases, local_node, process, server_folder
from embedded import EmbeddedValkey

_CONNECTIONS = (1, 8, 32)
_TOLD = 8
_WARMING_SECONDS = 0.5
_SECONDS = 3.0
FLOOR = "a constant"


@dataclass(frozen=True, slots=True)
class Row:
    """A route asked on so many connections; `busy` are seconds of the server's processor time."""

    what: str
    connections: int
    load: Load
    busy: float

    @property
    def busy_each(self) -> float:
        """Seconds of the server's processor for one request."""
        return self.busy / len(self.load.seconds)

    def milliseconds(self, share: float) -> float:
        return percentile(self.load.seconds, share) * 1000


async def bench(databases: Databases) -> list[Figure]:
    """Prints all of it; of the middle number of connections also the figures."""
    rows: list[Row] = []
    with server_folder() as folder:
        async with (
            EmbeddedValkey(folder / "valkey") as valkey,
            local_node(0) as node,
            databases.database() as dsn,
            process("bench.api_server", dsn, valkey.url, node.url, node.solidity_url) as told,
        ):
            requests = _requests(told)
            server = psutil.Process(int(told[2]))
            for connections in _CONNECTIONS:
                # One after the other, so that all meet the same machine.
                for what, request in requests.items():
                    await load(request, connections, lasting=_WARMING_SECONDS)
                    before = _busy(server)
                    found = await load(request, connections, lasting=_SECONDS)
                    rows.append(Row(what, connections, found, _busy(server) - before))
    print(table(rows))
    [least] = (row for row in rows if (row.what, row.connections) == (FLOOR, _TOLD))
    return [
        Figure(
            f"{row.what}, {_TOLD} connections",
            row.load.per_second,
            "requests/s",
            baseline=least.load.per_second,
            more=True,
        )
        for row in rows
        if row.connections == _TOLD and row is not least
    ]


def _busy(server: psutil.Process) -> float:
    times = server.cpu_times()
    return float(times.user + times.system)


def _requests(told: Sequence[str]) -> dict[str, Request]:
    ours, floor, _, secret, order, price = told
    api = URL(ours + PREFIX)
    keyed = {"Authorization": f"Bearer {secret}"}
    asked = {"recipientAddress": address(BUYER), "trxAmount": 20, "priceConfigId": price}
    return {
        FLOOR: Request(URL(floor) / "floor"),
        "GET /health": Request(api / "health"),
        "GET /prices": Request(api / "prices"),
        "GET /status/{id}": Request(api / "status" / order, headers=keyed),
        "POST /calculate": Request(
            api / "calculate", "POST", headers=keyed, body=json.dumps(asked).encode()
        ),
    }


def table(rows: Sequence[Row]) -> str:
    """All rows in Markdown; the floor is the constant at as many connections.

    What a request takes of the processor is the same on a busy machine, nearly.
    """
    floors = {row.connections: row for row in rows if row.what == FLOOR}
    lines = [
        "| what | connections | requests/s | p50 | p99 | processor time | of the floor's |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = row.busy_each / floors[row.connections].busy_each
        lines.append(
            f"| {row.what} | {row.connections} | {row.load.per_second:,.0f} "
            f"| {row.milliseconds(0.5):.2f} ms | {row.milliseconds(0.99):.2f} ms "
            f"| {row.busy_each * 1000:.2f} ms | {ratio:.1f} × |"
        )
    return "\n".join(lines)
