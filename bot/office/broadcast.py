"""/broadcast: one message for many people, from its writing to its end."""

from __future__ import annotations

from aiogram.utils.formatting import Text

from bot.broadcasting import PER_SECOND
from bot.office import broadcast_cards
from bot.office.areas import Area
from bot.office.asking import Asking
from bot.office.confirming import Confirming
from bot.office.taps import Aim, Steer, Steering
from bot.screen import Card
from bot.turn import Turn
from services.acts import Act, Proposal
from services.broadcasts import Broadcast, Broadcasts, BroadcastState, subject_of
from services.staff import Actor

MESSAGE = "broadcast.message"
"""The question that any message answers, whatever it holds."""

_SHOWN = 10


class BroadcastArea(Area):
    """Composing broadcasts, and steering them."""

    name = "broadcast"
    acts = frozenset({Act.BROADCAST, Act.CANCEL_BROADCAST})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        broadcasts: Broadcasts,
        asking: Asking,
        confirming: Confirming,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts.office
        self._actor = actor
        self._broadcasts = broadcasts
        self._asking = asking
        self._confirming = confirming

    async def enter(self) -> None:
        await self._asking.done()
        earlier, total = await self._broadcasts.earlier(_SHOWN)
        await self._turn.show(broadcast_cards.room(self._texts, earlier, total))

    async def new(self) -> None:
        await self._asking.ask(MESSAGE, broadcast_cards.ask(self._texts))

    async def is_composing(self) -> bool:
        question = await self._asking.question()
        return question is not None and question.name == MESSAGE

    async def composed(self, message_id: int, title: str) -> None:
        """Show what was written as others will see it, and ask for whom it is."""
        if not await self._turn.copy(self._turn.chat_id, message_id):
            await self._turn.send(broadcast_cards.cannot_copy(self._texts))
            return
        draft = await self._broadcasts.compose(
            self._actor,
            chat_id=self._turn.chat_id,
            message_id=message_id,
            title=" ".join(title.split()),
        )
        await self._asking.done()
        await self._turn.send(broadcast_cards.draft(self._texts, draft))

    async def look(self, broadcast_id: int) -> None:
        """How far it is; this message goes on showing it."""
        await self._show(await self._broadcasts.look(broadcast_id))

    async def aim(self, tapped: Aim) -> None:
        aimed = await self._broadcasts.aim(tapped.broadcast, tapped.language, tapped.activity)
        if aimed is None:
            await self._not_possible(tapped.broadcast)
        else:
            await self._show(aimed)

    async def steer(self, tapped: Steer) -> None:
        broadcast_id = tapped.broadcast
        match tapped.do:
            case Steering.PREVIEW:
                await self._preview(broadcast_id)
            case Steering.START:
                await self._propose(Act.BROADCAST, broadcast_id)
            case Steering.PAUSE:
                await self._steered(
                    await self._broadcasts.pause(self._actor, broadcast_id), broadcast_id
                )
            case Steering.GO_ON:
                await self._steered(
                    await self._broadcasts.go_on(self._actor, broadcast_id), broadcast_id
                )
            case Steering.CANCEL:
                # While somebody thinks about it, nobody else gets it.
                await self._broadcasts.pause(self._actor, broadcast_id, said=True)
                await self._propose(Act.CANCEL_BROADCAST, broadcast_id)

    async def _propose(self, act: Act, broadcast_id: int) -> None:
        await self._confirming.propose(
            act, subject=subject_of(broadcast_id), broadcast=broadcast_id
        )

    async def _preview(self, broadcast_id: int) -> None:
        shown = await self._broadcasts.look(broadcast_id)
        if shown is None:
            await self._turn.toast(self._texts.broadcast.not_possible, alert=True)
        elif not await self._turn.copy(shown.from_chat_id, shown.message_id):
            await self._turn.toast(self._texts.broadcast.not_copied, alert=True)

    async def _steered(self, done: Broadcast | None, broadcast_id: int) -> None:
        if done is None:
            await self._not_possible(broadcast_id)
        else:
            await self._show(done)

    async def _not_possible(self, broadcast_id: int) -> None:
        await self._turn.toast(self._texts.broadcast.not_possible, alert=True)
        await self._show(await self._broadcasts.look(broadcast_id))

    async def _show(self, shown: Broadcast | None) -> None:
        if shown is None:
            await self.enter()
            return
        message_id = await self._turn.show(broadcast_cards.broadcast(self._texts, shown))
        here = self._turn.chat_id, message_id
        goes_on = shown.state in (BroadcastState.SENDING, BroadcastState.PAUSED)
        if goes_on and shown.progress != here:
            await self._broadcasts.shown_on(shown.id, *here)

    # Acts

    async def meaning(self, proposal: Proposal) -> Text | None:
        shown = await self._broadcasts.look(int(proposal.arguments["broadcast"]))
        if shown is None:
            return None
        words = self._texts.broadcast
        if proposal.act is Act.BROADCAST:
            possible = shown.state is BroadcastState.DRAFT and shown.people > 0
            return words.start_means(shown, PER_SECOND) if possible else None
        goes_on = shown.state in (BroadcastState.SENDING, BroadcastState.PAUSED)
        return words.cancel_means(shown) if goes_on else None

    async def carry_out(self, proposal: Proposal) -> Card:
        if proposal.act is Act.BROADCAST:
            shown = await self._broadcasts.start(self._actor, proposal.nonce)
            if self._turn.tapped_message is not None:
                await self._broadcasts.shown_on(
                    shown.id, self._turn.chat_id, self._turn.tapped_message
                )
        else:
            shown = await self._broadcasts.cancel(self._actor, proposal.nonce)
        return broadcast_cards.broadcast(self._texts, shown)
