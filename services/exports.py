"""The books as files: orders, payments and ledger entries of a span, for a spreadsheet.

UTF-8 with the mark that tells Excel so; money in sun and in TRX; times as ISO 8601 in UTC. A text
that somebody else may have chosen never begins like a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from db import exports
from db.database import Database
from services.spans import Span
from services.staff import Actor
from services.trail import note

EXPORTED = "exported"
"""The act of taking the books away, in the log."""

_SUN_PER_TRX = 1_000_000
# Some ten megabytes: what a slow line carries in a minute, and Telegram takes five times as much.
_ROWS_IN_A_FILE = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Book(StrEnum):
    """What can be taken away, and by which time it belongs to a span."""

    ORDERS = "orders"
    """By when they were placed."""
    PAYMENTS = "payments"
    """By the time of their block."""
    LEDGER = "ledger"
    """By when it was booked: the one time in the books that is the machine's."""


_QUERIES = {
    Book.ORDERS: exports.ORDERS,
    Book.PAYMENTS: exports.PAYMENTS,
    Book.LEDGER: exports.LEDGER,
}


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file, of `rows` rows; `name` says what of when it holds."""

    name: str
    content: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Export:
    """The files of a span; none if there was nothing."""

    book: Book
    span: Span
    files: tuple[ExportFile, ...]


def cell(value: object) -> str:
    """How a value stands in a file."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return format(value.normalize(), "f")
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def trx(sun: int) -> str:
    """An amount to the last sun, with a sign if it is below zero."""
    return f"{'-' if sun < 0 else ''}{abs(sun) // _SUN_PER_TRX}.{abs(sun) % _SUN_PER_TRX:06d}"


def columns(row: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a row, by name: each amount in sun is followed by the same in TRX."""
    cells: dict[str, str] = {}
    for name, value in row.items():
        cells[name] = cell(value)
        if name.endswith("_sun"):
            cells[name.removesuffix("_sun") + "_trx"] = "" if value is None else trx(value)
    return cells


class Exports:
    """Writes the books of a span into files, and into the log who took them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, actor: Actor, book: Book, span: Span) -> Export:
        """The files of a span, as it stands now."""
        name = f"{book}-{span.day}-{span.kind}"
        files: list[ExportFile] = []
        async with self._database.transaction() as tx:
            page = _Page()
            async for row in tx.exports.rows(_QUERIES[book], span.since, span.until):
                if page.rows == _ROWS_IN_A_FILE:
                    files.append(page.closed(f"{name}-{len(files) + 1}.csv"))
                    page = _Page()
                page.add(columns(row))
            if page.rows:
                number = f"-{len(files) + 1}" if files else ""
                files.append(page.closed(f"{name}{number}.csv"))
            await note(
                tx,
                actor,
                EXPORTED,
                subject=f"{book} of the {span.kind} of {span.day}",
                after={"rows": sum(file.rows for file in files)},
            )
        return Export(book, span, tuple(files))


class _Page:
    """A file that is being written; its first row says what the columns are called."""

    def __init__(self) -> None:
        self.rows = 0
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)

    def add(self, cells: Mapping[str, str]) -> None:
        if not self.rows:
            self._writer.writerow(cells)
        self._writer.writerow(cells.values())
        self.rows += 1

    def closed(self, name: str) -> ExportFile:
        content = _BYTE_ORDER_MARK + self._text.getvalue().encode()
        return ExportFile(name, content, self.rows)
