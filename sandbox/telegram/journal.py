"""The data file of the local Telegram: what it acknowledged survives a restart and a kill.

SQLite with a write-ahead log: a committed transaction is in the operating system's hands before
the caller hears of it, so killing the process at any moment loses nothing acknowledged.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE_NAME = "telegram.sqlite3"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS users (
    user_id INTEGER PRIMARY KEY,
    record TEXT NOT NULL,
    started INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS groups (chat_id INTEGER NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    message_id INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    change INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_change ON messages (chat_id, change);
CREATE TABLE IF NOT EXISTS callback_queries (
    query_id TEXT PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    data TEXT NOT NULL,
    asked_at REAL NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS callback_answers (
    change INTEGER PRIMARY KEY,
    chat_id INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS updates (
    update_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    made_at REAL NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS held_updates (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    release_at REAL NOT NULL,
    overtaken INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS files (
    file_id TEXT PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL,
    content BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS commands (
    scope TEXT NOT NULL,
    language_code TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (scope, language_code)
) WITHOUT ROWID;
"""


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Journal:
    """Tables in a file, or in memory when `path` is None."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def write(self, statement: str, values: Sequence[object] = ()) -> int:
        """Runs a statement; returns the number of rows it touched."""
        return self._database.execute(statement, values).rowcount

    def rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """What the query finds; a number too large for any column is found in no row."""
        try:
            return self._database.execute(query, values).fetchall()
        except OverflowError:
            return []

    def row(self, query: str, values: Sequence[object] = ()) -> sqlite3.Row | None:
        found = self.rows(query, values)
        return found[0] if found else None

    def fact(self, name: str) -> Any:
        """A single remembered value, None when never set."""
        row = self.row("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else json.loads(row["value"])

    def set_fact(self, name: str, value: Any) -> None:
        self.write(
            "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?2",
            (name, as_text(value)),
        )

    def next_number(self, name: str, first: int = 1) -> int:
        """The next value of a counter that only ever grows."""
        last = self.fact(name)
        number = first if last is None else int(last) + 1
        self.set_fact(name, number)
        return number
