"""What this process counts of itself, for Prometheus: calls to nodes and Telegram, and jobs.

The registry is a value: it is built once, and given to those who count. Everything else that can be
watched lives in the database and is read when somebody asks (`services.exposition`). No label has
more than a few values: neither customers nor orders nor addresses of nodes are any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
)

from chain.node import NodeCall
from services.jobs import JobRun

TelegramOutcome = Literal[
    "ok", "flood", "forbidden", "refused", "conflict", "unreachable", "broken"
]

_CALL_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_JOB_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class TelegramCall:
    """One request to the Bot API, by the name of its method."""

    method: str
    outcome: TelegramOutcome
    seconds: float


class Metrics:
    """Counts what this process does; `registry` is what is read of it."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self._node_calls = Counter(
            "energy_flash_node_calls",
            "Calls to TRON nodes. node: their place in tron.nodes, from 0",
            ("node", "method", "outcome"),
            registry=registry,
        )
        self._node_seconds = Histogram(
            "energy_flash_node_call_seconds",
            "How long calls to TRON nodes took, waiting for their turn included",
            ("node", "method"),
            buckets=_CALL_SECONDS,
            registry=registry,
        )
        self._telegram_calls = Counter(
            "energy_flash_telegram_calls",
            "Calls to the Bot API",
            ("method", "outcome"),
            registry=registry,
        )
        self._telegram_seconds = Histogram(
            "energy_flash_telegram_call_seconds",
            "How long calls to the Bot API took, but for the asking for updates, which waits",
            buckets=_CALL_SECONDS,
            registry=registry,
        )
        self._job_runs = Counter(
            "energy_flash_job_runs", "Runs of jobs", ("job", "outcome"), registry=registry
        )
        self._job_seconds = Histogram(
            "energy_flash_job_seconds",
            "How long runs of jobs took",
            ("job",),
            buckets=_JOB_SECONDS,
            registry=registry,
        )
        self._job_work = Counter(
            "energy_flash_job_work", "What jobs found to do", ("job",), registry=registry
        )
        self._job_done_at = Gauge(
            "energy_flash_job_last_done_timestamp_seconds",
            "When a job did last what it is for, by the machine's clock",
            ("job",),
            registry=registry,
        )

    def node_called(self, call: NodeCall) -> None:
        """Count a call to a node."""
        node = str(call.node)
        self._node_calls.labels(node, call.method, call.outcome).inc()
        self._node_seconds.labels(node, call.method).observe(call.seconds)

    def telegram_called(self, call: TelegramCall) -> None:
        """Count a call to the Bot API."""
        self._telegram_calls.labels(call.method, call.outcome).inc()
        if call.method != "GetUpdates":
            self._telegram_seconds.observe(call.seconds)

    def job_ran(self, run: JobRun) -> None:
        """Count a run of a job."""
        self._job_runs.labels(run.job, run.outcome).inc()
        self._job_seconds.labels(run.job).observe(run.seconds)
        if run.outcome == "done":
            self._job_work.labels(run.job).inc(run.found)
            self._job_done_at.labels(run.job).set_to_current_time()
