"""The two steps before anything is done: why, and whether the person is sure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiogram.utils.formatting import Text

from bot.office import cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.turn import Turn
from services.acts import WITHOUT_REASON, Act, ActFault, ActRefused, Acts
from services.staff import Actor

REASON = "confirming.reason"


class Confirming:
    """Asks for a reason, says what is about to happen, and has it done once."""

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        acts: Acts,
        area_of: Callable[[Act], Area],
    ) -> None:
        self._turn = turn
        self._texts = turn.texts.office.common
        self._actor = actor
        self._asking = asking
        self._acts = acts
        self._area_of = area_of

    async def begin(
        self, act: Act, *, subject: str, about: Text | None = None, **arguments: Any
    ) -> None:
        """Ask why. `about` is what the question says before that; `arguments` are plain JSON."""
        card = cards.why(self._texts, about, may_skip=act in WITHOUT_REASON)
        await self._asking.ask(REASON, card, act=act, subject=subject, arguments=arguments)

    async def propose(self, act: Act, *, subject: str, reason: str = "", **arguments: Any) -> None:
        """Say what it means and ask whether they are sure."""
        try:
            proposal = await self._acts.propose(
                self._actor, act, subject=subject, arguments=arguments, reason=reason
            )
        except ActRefused as refusal:
            await self._refuse(refusal)
            return
        meaning = await self._area_of(act).meaning(proposal)
        if meaning is None:
            await self._asking.done()
            await self._turn.show(cards.refused(self._texts, ActFault.GONE))
            return
        await self._asking.done()
        await self._turn.show(cards.sure(self._texts, meaning, proposal))

    async def reason_given(self, question: Question, reason: str) -> None:
        """Somebody typed why, or tapped that there is nothing to say."""
        about = question.about
        await self.propose(
            Act(about["act"]), subject=about["subject"], reason=reason, **about["arguments"]
        )

    async def without_reason(self) -> None:
        question = await self._asking.question()
        if question is None or question.name != REASON:
            await self._refuse(ActRefused(ActFault.GONE))
            return
        await self.reason_given(question, "")

    async def sure(self, nonce: str) -> None:
        """Do it."""
        try:
            proposal = await self._acts.look(self._actor, nonce)
            card = await self._area_of(proposal.act).carry_out(proposal)
        except ActRefused as refusal:
            await self._refuse(refusal)
            return
        await self._turn.show(card)

    async def never_mind(self) -> None:
        """Do nothing. A proposal that was made lapses by itself."""
        await self._asking.done()
        await self._turn.show(cards.left(self._texts))

    async def _refuse(self, refusal: ActRefused) -> None:
        await self._turn.toast(self._texts.act_refused(refusal.fault), alert=True)
