"""What becomes of a broadcast on its way into the node: usually nothing but the chain's own answer.

The texts are java-tron's (`Wallet.broadcastTransaction`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chain.transactions import txid
from sandbox.tron.chain import Answer, LocalChain
from sandbox.tron.refusals import Code

_BEFORE: Mapping[Code, str] = {
    Code.SERVER_BUSY: "Server busy.",
    Code.NO_CONNECTION: "No connection.",
    Code.NOT_ENOUGH_EFFECTIVE_CONNECTION: "Effective connection:0 lt minEffectiveConnection:1",
    Code.BLOCK_UNSOLIDIFIED: "Block unsolidified.",
    Code.OTHER_ERROR: "Error: null",
}
_AFTER: Mapping[Code, str] = {
    # The transaction is in the node's own pool, and was passed on to nobody.
    Code.NOT_ENOUGH_EFFECTIVE_CONNECTION: "P2P broadcast failed.",
    Code.OTHER_ERROR: "Error: null",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a node says to a broadcast, whatever the transaction is worth.

    `accepted`: the node has taken the transaction all the same. Raises ValueError for a code that
    is not one of a node's own troubles, or that no node gives after it took a transaction.
    """

    code: Code
    accepted: bool = False

    def __post_init__(self) -> None:
        if self.code not in self._texts:
            when = "after" if self.accepted else "before"
            raise ValueError(
                f"a verdict {when} acceptance has a code of {', '.join(self._texts)}, "
                f"not {self.code}"
            )

    @property
    def message(self) -> str:
        """The node's text."""
        return self._texts[self.code]

    @property
    def _texts(self) -> Mapping[Code, str]:
        return _AFTER if self.accepted else _BEFORE


@dataclass(frozen=True, slots=True)
class Sending:
    """How a node carries a broadcast out.

    `repeated`: twice, and the second answer counts. `dropped`: what was accepted is forgotten at
    once. `verdict`: what is answered instead of the chain's own answer.
    """

    repeated: bool = False
    dropped: bool = False
    verdict: Verdict | None = None

    def submit(self, chain: LocalChain, raw_bytes: bytes, signatures: Sequence[bytes]) -> Answer:
        """Hands a transaction to the chain; the answer is what the caller hears."""
        verdict = self.verdict
        if verdict is not None and not verdict.accepted:
            return Answer(verdict.code, txid(raw_bytes), verdict.message)
        answer = chain.submit(raw_bytes, signatures)
        if self.repeated:
            answer = chain.submit(raw_bytes, signatures)
        if self.dropped and answer.accepted:
            chain.drop(answer.txid)
        if verdict is not None and answer.accepted:
            return Answer(verdict.code, answer.txid, verdict.message)
        return answer


AS_USUAL = Sending()
