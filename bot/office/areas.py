"""What each area of the office answers for: acts that are done in it, questions that it asks."""

from __future__ import annotations

from abc import ABC
from collections.abc import Set as AbstractSet

from aiogram.utils.formatting import Text

from bot.office.asking import Question
from bot.screen import Card
from services.acts import Act, Proposal


class Area(ABC):
    """An area of the office, at the turn of one of the staff.

    `name` is what the names of its questions begin with, before the dot.
    """

    name: str
    acts: AbstractSet[Act] = frozenset()

    async def meaning(self, proposal: Proposal) -> Text | None:
        """What doing it means, in numbers, as it is now; None if it cannot be done any more."""
        raise NotImplementedError(proposal.act)

    async def carry_out(self, proposal: Proposal) -> Card:
        """Do it: the services take `proposal.nonce`. Raises ActRefused."""
        raise NotImplementedError(proposal.act)

    async def answered(self, question: Question, words: str) -> None:
        """Somebody typed the answer to one of its questions, which is still open."""
        raise NotImplementedError(question.name)
