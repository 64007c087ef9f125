"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine(postgres_version: str) -> str:
    """The machine in a few lines: processor, cores, system, versions, load."""
    cores = len(os.sched_getaffinity(0))
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return "\n".join(
        (
            f"processor: {_processor()}, {cores} cores",
            f"system: {platform.system()} {platform.release()}",
            f"Python {platform.python_version()}, PostgreSQL {postgres_version}",
            f"load before the first bench (1, 5, 15 minutes): {load}",
        )
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
