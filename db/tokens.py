"""The table `tokens`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class TokenRow:
    address: str
    symbol: str
    decimals: int


class TokenRepository:
    """What tokens call themselves, for those who read of an order later."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def remember(self, token: TokenRow) -> None:
        await self._connection.execute(
            """
            INSERT INTO tokens AS t (address, symbol, decimals) VALUES ($1, $2, $3)
            ON CONFLICT (address) DO UPDATE SET symbol = $2, decimals = $3
            WHERE (t.symbol, t.decimals) <> ($2, $3)
            """,
            token.address,
            token.symbol,
            token.decimals,
        )

    async def by_address(self, addresses: Iterable[str]) -> dict[str, TokenRow]:
        rows = await self._connection.fetch(
            "SELECT address, symbol, decimals FROM tokens WHERE address = ANY($1)",
            list(addresses),
        )
        return {row["address"]: TokenRow(**row) for row in rows}
