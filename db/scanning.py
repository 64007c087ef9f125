"""The tables `chain_cursor` and `chain_blocks`: how far the chain has been read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class BlockRow:
    number: int
    id: str
    time: datetime


_BLOCK = "block_number AS number, block_id AS id, block_time AS time"


class ScanRepository:
    """The last block handled, per scanner, and the ids of the blocks just below it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def cursor(self, scanner: str) -> BlockRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_BLOCK} FROM chain_cursor WHERE scanner = $1", scanner
        )
        return BlockRow(**row) if row else None

    async def lock_cursor(self, scanner: str) -> BlockRow | None:
        """The cursor, held until the transaction ends: one process at a time moves it."""
        row = await self._connection.fetchrow(
            f"SELECT {_BLOCK} FROM chain_cursor WHERE scanner = $1 FOR UPDATE", scanner
        )
        return BlockRow(**row) if row else None

    async def start(self, scanner: str, blocks: Sequence[BlockRow]) -> bool:
        """Begin at the last of `blocks`, unless another process has begun already."""
        block = blocks[-1]
        done = await self._connection.execute(
            """
            INSERT INTO chain_cursor (scanner, block_number, block_id, block_time)
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
            """,
            scanner,
            block.number,
            block.id,
            block.time,
        )
        if done.endswith(" 0"):
            return False
        await self._remember(scanner, blocks)
        return True

    async def advance(self, scanner: str, blocks: Sequence[BlockRow], *, keep: int) -> None:
        """Move the cursor over `blocks`; remember the ids of the last `keep` blocks."""
        last = blocks[-1]
        await self._move(scanner, last)
        await self._remember(scanner, blocks[-keep:])
        await self._connection.execute(
            "DELETE FROM chain_blocks WHERE scanner = $1 AND block_number <= $2",
            scanner,
            last.number - keep,
        )

    async def rewind(self, scanner: str, block: BlockRow) -> None:
        """Move the cursor back to `block`; what was above it is forgotten."""
        await self._connection.execute(
            "DELETE FROM chain_blocks WHERE scanner = $1 AND block_number > $2",
            scanner,
            block.number,
        )
        await self._move(scanner, block)

    async def recent(self, scanner: str) -> tuple[BlockRow, ...]:
        """The remembered blocks, highest first."""
        rows = await self._connection.fetch(
            f"SELECT {_BLOCK} FROM chain_blocks WHERE scanner = $1 ORDER BY block_number DESC",
            scanner,
        )
        return tuple(BlockRow(**row) for row in rows)

    async def remembers(self, scanner: str, block_number: int, block_id: str) -> bool:
        """Whether this very block, of those just below the cursor, was handled."""
        handled: bool = await self._connection.fetchval(
            """
            SELECT EXISTS (SELECT 1 FROM chain_blocks
                WHERE scanner = $1 AND block_number = $2 AND block_id = $3)
            """,
            scanner,
            block_number,
            block_id,
        )
        return handled

    async def _move(self, scanner: str, block: BlockRow) -> None:
        await self._connection.execute(
            """
            UPDATE chain_cursor
            SET block_number = $2, block_id = $3, block_time = $4, updated_at = now()
            WHERE scanner = $1
            """,
            scanner,
            block.number,
            block.id,
            block.time,
        )

    async def _remember(self, scanner: str, blocks: Sequence[BlockRow]) -> None:
        await self._connection.executemany(
            """
            INSERT INTO chain_blocks (scanner, block_number, block_id, block_time)
            VALUES ($1, $2, $3, $4)
            """,
            [(scanner, block.number, block.id, block.time) for block in blocks],
        )
