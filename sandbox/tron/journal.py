"""Where the chain is kept: a SQLite file that survives the death of the process at any moment.

Blocks, waiting transactions and the state's values are written in one SQLite transaction each, with
a write-ahead log: what was committed is there after ``kill -9``. (Not after a power cut: the log is
not synchronised on every commit. It is a sandbox.)
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.tron.blocks import Entry, LocalBlock
from sandbox.tron.journal_values import (
    block_from_json,
    block_to_json,
    value_from_json,
    value_to_json,
)
from sandbox.tron.state import Changes, Value

KEPT_BLOCKS_IN_MEMORY = 512
KEPT_OVERWRITTEN = 64
"""For how many blocks back the state can be read, and a fork made."""

_SCHEMA = """
create table if not exists meta (name text primary key, value text not null);
create table if not exists state (key text primary key, value text not null);
create table if not exists block (
    number integer primary key, id text not null unique, data text not null
);
create table if not exists entry (
    txid text primary key, number integer not null, position integer not null
);
create table if not exists overwritten (number integer primary key, data text not null);
create table if not exists waiting (
    position integer primary key autoincrement, txid text not null unique, signed blob not null
);
"""


class Journal:
    """The chain's file. Without a path it lives in memory, for tests."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
        )
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        self._database.executescript(_SCHEMA)
        self._blocks: OrderedDict[int, LocalBlock] = OrderedDict()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        self._database.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._blocks.clear()
            self._database.execute("rollback")
            raise
        self._database.execute("commit")

    def head_number(self) -> int | None:
        """The number of the last block; None in a new file."""
        row = self._database.execute("select max(number) from block").fetchone()
        return None if row[0] is None else int(row[0])

    def values(self) -> dict[str, Value]:
        """The state after the last block."""
        rows = self._database.execute("select key, value from state")
        return {key: value_from_json(key, json.loads(text)) for key, text in rows}

    def overwritten(self) -> dict[int, Changes]:
        """By block number, what the last blocks overwrote."""
        rows = self._database.execute("select number, data from overwritten order by number")
        return {number: _changes_from_json(json.loads(text)) for number, text in rows}

    def waiting(self) -> list[bytes]:
        """The signed transactions that wait, in the order they came."""
        rows = self._database.execute("select signed from waiting order by position")
        return [row[0] for row in rows]

    def meta(self, name: str) -> str | None:
        """A note about the chain."""
        row = self._database.execute("select value from meta where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Sets a note about the chain."""
        self._database.execute("insert or replace into meta values (?, ?)", (name, value))

    def add_waiting(self, txid: str, signed: bytes) -> None:
        """Keeps a transaction that was accepted and is in no block yet."""
        self._database.execute("insert into waiting (txid, signed) values (?, ?)", (txid, signed))

    def remove_waiting(self, txid: str) -> None:
        """Forgets a waiting transaction."""
        self._database.execute("delete from waiting where txid = ?", (txid,))

    def add_block(
        self, block: LocalBlock, changes: Mapping[str, Value | None], found: Changes
    ) -> None:
        """Keeps a block, the values after it and, to take it back, what it found."""
        run = self._database.execute
        data = json.dumps(block_to_json(block), separators=(",", ":"))
        run("insert into block values (?, ?, ?)", (block.number, block.id, data))
        for position, entry in enumerate(block.entries):
            run("insert into entry values (?, ?, ?)", (entry.txid, block.number, position))
            self.remove_waiting(entry.txid)
        self.put_overwritten(block.number, found)
        run("delete from overwritten where number <= ?", (block.number - KEPT_OVERWRITTEN,))
        self.put_values(changes)
        self._remember(block)

    def put_overwritten(self, number: int, found: Changes) -> None:
        """Keeps what a block found, so that it can be taken back."""
        data = {
            key: None if value is None else value_to_json(value) for key, value in found.items()
        }
        self._database.execute(
            "insert or replace into overwritten values (?, ?)",
            (number, json.dumps(data, separators=(",", ":"))),
        )

    def remove_block(self, block: LocalBlock, values: Changes) -> None:
        """Takes the last block back; `values` are those it had found."""
        for table in ("block", "entry", "overwritten"):
            self._database.execute(
                f"delete from {table} where number = ?",  # noqa: S608  (three constants)
                (block.number,),
            )
        self.put_values(values)
        self._blocks.pop(block.number, None)

    def put_values(self, changes: Mapping[str, Value | None]) -> None:
        """Writes values of the state; None deletes."""
        for key, value in changes.items():
            if value is None:
                self._database.execute("delete from state where key = ?", (key,))
            else:
                text = json.dumps(value_to_json(value), separators=(",", ":"))
                self._database.execute("insert or replace into state values (?, ?)", (key, text))

    def block(self, number: int) -> LocalBlock | None:
        """The block with a number."""
        block = self._blocks.get(number)
        if block is not None:
            return block
        row = self._database.execute(
            "select data from block where number = ?", (number,)
        ).fetchone()
        if row is None:
            return None
        block = block_from_json(json.loads(row[0]))
        self._remember(block)
        return block

    def block_number(self, block_id: str) -> int | None:
        """The number of the block with an id."""
        row = self._database.execute(
            "select number from block where id = ?", (block_id,)
        ).fetchone()
        return None if row is None else int(row[0])

    def entry(self, txid: str) -> tuple[LocalBlock, Entry] | None:
        """A transaction that is in a block, with the block."""
        row = self._database.execute(
            "select number, position from entry where txid = ?", (txid,)
        ).fetchone()
        if row is None:
            return None
        block = self.block(row[0])
        return None if block is None else (block, block.entries[row[1]])

    def _remember(self, block: LocalBlock) -> None:
        self._blocks[block.number] = block
        while len(self._blocks) > KEPT_BLOCKS_IN_MEMORY:
            self._blocks.popitem(last=False)


def _changes_from_json(data: dict[str, Any]) -> Changes:
    return {
        key: None if value is None else value_from_json(key, value) for key, value in data.items()
    }
