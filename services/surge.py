"""Dearer energy while little of it is free. A pure decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Capacity(Protocol):
    """How much of all energy is free, and how much there is."""

    @property
    def free_energy(self) -> int: ...
    @property
    def total_energy(self) -> int: ...


class KnowsCapacity(Protocol):
    """Whoever can tell the capacity."""

    async def capacity(self) -> Capacity:
        """Raises ChainError: no node could answer."""


@dataclass(frozen=True, slots=True)
class SurgeStep:
    """Below `free_percent` of all energy, prices are `add_percent` higher."""

    free_percent: int
    add_percent: int


def surge_percent(capacity: Capacity, steps: Iterable[SurgeStep]) -> int:
    """What is added to prices: the step for the smallest share that there is still less than."""
    reached = [
        step
        for step in steps
        if capacity.free_energy * 100 < step.free_percent * capacity.total_energy
    ]
    return min(reached, key=lambda step: step.free_percent).add_percent if reached else 0
