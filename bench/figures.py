"""What a bench tells, and the table of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, and the same of the usual way, from the same run.

    `goal` says what it should be, in words. Less is better unless `more`. `note` says how it was
    taken, where that is not plain; `computed` that the baseline was not run to its end.
    """

    what: str
    value: float
    unit: str
    goal: str = ""
    baseline: float | None = None
    more: bool = False
    note: str = ""
    computed: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times better than the usual way."""
        if not self.baseline or not self.value:
            return None
        return self.value / self.baseline if self.more else self.baseline / self.value


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table in Markdown."""
    rows = [("what", "figure", "goal", "baseline", "ratio")]
    for figure in figures:
        baseline = "" if figure.baseline is None else f"{_number(figure.baseline)} {figure.unit}"
        rows.append(
            (
                figure.what,
                f"{_number(figure.value)} {figure.unit}".strip(),
                figure.goal,
                f"{baseline.strip()}{' (computed)' if figure.computed else ''}",
                "" if figure.ratio is None else f"{_number(figure.ratio)} ×",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [f"- {figure.what}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100 * len(ordered)) // 100) - 1))]


def middle(values: Sequence[float]) -> float:
    return median(values)


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
