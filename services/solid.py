"""How far the chain is solid: what can never be taken back, as far as the scanner has read it."""

from __future__ import annotations

from chain.blocks import BlockRef
from chain.node import NodeClient
from db.database import Database
from services.chain_time import SCANNER, last_handled


class SolidChain:
    """The newest solid block. The node is asked once for each block that was handled."""

    def __init__(self, node: NodeClient, database: Database) -> None:
        self._node = node
        self._database = database
        self._asked_at = -1
        self._solid: BlockRef | None = None

    async def read(self) -> BlockRef | None:
        """The newest solid block that the scanner has handled, as this very block.

        None while the scanner is behind it, or on another branch, or so far ahead that it does
        not remember it: then nothing can be said.

        Raises:
            ChainError: no node could answer.
            ChainUnread: no block was handled yet.
        """
        async with self._database.transaction() as tx:
            handled = await last_handled(tx)
        if self._asked_at == handled.number and self._solid is not None:
            return self._solid
        solid = await self._node.solid_head()
        async with self._database.transaction() as tx:
            known = await tx.scanning.remembers(SCANNER, solid.number, solid.id)
        self._asked_at = handled.number
        self._solid = solid if known else None
        return self._solid
