"""One request to the node, and the chain as that node sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chain.addresses import Address
from sandbox.tron.accounts import Account
from sandbox.tron.blocks import Entry, LocalBlock
from sandbox.tron.chain import Answer, LocalChain
from sandbox.tron.json_input import Body, Fields, read_body, read_query
from sandbox.tron.sending import AS_USUAL, Sending
from sandbox.tron.state import View


@dataclass(slots=True)
class Call:
    """One request, and the chain as this node sees it.

    `query` is None for a POST. A solidity node sees solid blocks; `lag` keeps the newest blocks
    out of sight, and `sending` says how a broadcast is carried out.
    """

    chain: LocalChain
    text: str
    query: Mapping[str, str] | None = None
    visible_in_query: bool = False
    solid: bool = False
    lag: int = 0
    sending: Sending = AS_USUAL
    _number: int = field(init=False)

    def __post_init__(self) -> None:
        head = self.chain.solid if self.solid else self.chain.head
        self._number = max(0, head.number - self.lag)

    def read(self, fields: Fields | None = None) -> Body:
        """The request's fields. Raises `JavaError`."""
        if self.query is not None:
            return read_query(self.query, fields or {})
        return read_body(self.text, fields or {})

    def submit(self, raw_bytes: bytes, signatures: Sequence[bytes]) -> Answer:
        """What the node answers to a signed transaction."""
        return self.sending.submit(self.chain, raw_bytes, signatures)

    @property
    def head(self) -> LocalBlock:
        """The last block this node sees."""
        block = self.chain.block(self._number)
        return block or self.chain.head

    @property
    def view(self) -> View:
        """The state this node sees; a full node counts what waits."""
        if self.solid or self.lag:
            return self.chain.view_at(self._number)
        return self.chain.view

    def block(self, number: int) -> LocalBlock | None:
        """A block, if this node sees it."""
        return self.chain.block(number) if number <= self._number else None

    def entry(self, transaction_id: str) -> tuple[LocalBlock, Entry] | None:
        """A transaction in a block that this node sees."""
        found = self.chain.entry(transaction_id)
        return found if found is not None and found[0].number <= self._number else None

    def account(self, address: Address | None) -> Account | None:
        """An account as this node sees it."""
        return None if address is None else self.view.account(address)
