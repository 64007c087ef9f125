"""/prices: what energy costs, what it will, what it did; and new prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aiogram.utils.formatting import Text

from bot.office import cards, price_cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import PriceEdit
from bot.office.typed import is_nothing, read_hours, read_moment, read_steps, read_sun, read_whole
from bot.screen import Card
from bot.turn import Turn
from services.acts import Act, ActFault, Proposal
from services.chain_time import rental_time
from services.price_keeping import (
    MOST_SUN,
    PriceBoard,
    PriceDraft,
    PriceFault,
    PriceKeeping,
    are_steps,
    duration_of,
    fault_of,
    is_duration,
    seen_of,
    subject_of,
)
from services.staff import Actor, Right

_USUAL_MINIMUM_SUN = 1_000_000
_MOST_MINIMUM_SUN = 10**15


class PricesArea(Area):
    """The prices, at the turn of one of the staff.

    A price that is being typed stands in the question that is open: ``prices.edit`` takes a new
    sun per energy, the others what they are called after.
    """

    name = "prices"
    acts = frozenset({Act.PRICE_CHANGE, Act.PRICE_REMOVE})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        confirming: Confirming,
        keeping: PriceKeeping,
    ) -> None:
        self._turn = turn
        self._common = turn.texts.office.common
        self._texts = turn.texts.office.prices
        self._actor = actor
        self._asking = asking
        self._confirming = confirming
        self._keeping = keeping

    # Looking

    async def overview(self) -> None:
        board = await self._keeping.board()
        may_change = self._actor.may(Right.PRICES)
        await self._turn.show(
            price_cards.overview(self._common, self._texts, board, may_change=may_change)
        )

    async def look(self, seconds: int) -> None:
        await self._turn.show(await self._card(timedelta(seconds=seconds)))

    async def history(self, seconds: int) -> None:
        duration = timedelta(seconds=seconds)
        spans = await self._keeping.history(duration)
        await self._turn.show(price_cards.history(self._common, self._texts, duration, spans))

    async def _card(self, duration: timedelta, done: Text | None = None) -> Card:
        board = await self._keeping.board()
        view = board.of(duration)
        if view is None:
            return price_cards.unknown(self._common, self._texts, done)
        samples = await self._keeping.preview(PriceDraft.of(view.now)) if view.now else ()
        may_change = self._actor.may(Right.PRICES)
        return price_cards.price(
            self._common, self._texts, view, samples, done=done, may_change=may_change
        )

    # Changing

    async def begin(self, seconds: int) -> None:
        """Begin with the price as it is now, or as it is planned."""
        view = (await self._keeping.board()).of(timedelta(seconds=seconds))
        row = (view.now or view.planned[0]) if view is not None else None
        if row is None:
            await self._turn.show(price_cards.unknown(self._common, self._texts))
            return
        await self._show_edit(PriceDraft.of(row))

    async def begin_adding(self) -> None:
        """Ask for a duration that is not for sale."""
        card = cards.asked(self._common, self._texts.ask_duration())
        await self._asking.ask("prices.duration", card)

    async def remove(self, seconds: int) -> None:
        """Ask why a duration shall not be sold any more."""
        board = await self._keeping.board()
        duration = timedelta(seconds=seconds)
        view = board.of(duration)
        if view is None:
            await self._turn.show(price_cards.unknown(self._common, self._texts))
            return
        if self._is_last(board, duration):
            await self._turn.toast(self._texts.fault(PriceFault.LAST), alert=True)
            return
        await self._confirming.begin(
            Act.PRICE_REMOVE,
            subject=subject_of(duration),
            about=self._texts.about_removal(duration),
            seconds=seconds,
            seen=seen_of(view),
        )

    async def nudge(self, by: int) -> None:
        """A little more or less."""
        draft = await self._draft()
        if draft is not None:
            sun = min(MOST_SUN, max(1, draft.sun_per_energy + by))
            await self._show_edit(replace(draft, sun_per_energy=sun))

    async def edit(self, what: PriceEdit) -> None:
        """Ask for something else about the price, or have it published."""
        draft = await self._draft()
        if draft is None:
            return
        match what:
            case PriceEdit.PUBLISH:
                await self._publish(draft)
            case PriceEdit.AT_ONCE:
                await self._show_edit(replace(draft, start=None))
            case PriceEdit.BACK:
                await self._show_edit(draft)
            case _:
                name = what.name.lower()
                card = price_cards.ask(self._common, self._texts, what, draft)
                await self._asking.ask(f"prices.{name}", card, price=draft.as_json())

    async def _publish(self, draft: PriceDraft) -> None:
        board = await self._keeping.board()
        if (fault := fault_of(draft, board.at)) is not None:
            await self._turn.toast(self._texts.fault(fault), alert=True)
            return
        await self._confirming.begin(
            Act.PRICE_CHANGE,
            subject=subject_of(draft.duration),
            about=await self._described(draft, board),
            price=draft.as_json(),
            seconds=int(draft.duration.total_seconds()),
            seen=seen_of(board.of(draft.duration)),
        )

    async def meaning(self, proposal: Proposal) -> Text | None:
        board, duration = await self._keeping.board(), duration_of(proposal)
        if seen_of(board.of(duration)) != proposal.arguments["seen"]:
            return None
        if proposal.act is Act.PRICE_REMOVE:
            if self._is_last(board, duration):
                return None
            return self._texts.meaning_of_removal(duration, board.on_sale - 1)
        draft = PriceDraft.from_json(proposal.arguments["price"])
        if fault_of(draft, board.at) is not None:
            return None
        return self._texts.meaning_of_change(await self._described(draft, board))

    async def carry_out(self, proposal: Proposal) -> Card:
        duration = await self._keeping.change(self._actor, proposal.nonce)
        return await self._card(duration, self._texts.done(proposal.act))

    async def answered(self, question: Question, words: str) -> None:
        match question.name:
            case "prices.duration":
                await self._duration_given(words)
            case "prices.new_sun":
                await self._new_sun_given(question, words)
            case _:
                await self._part_given(question, words)

    async def _duration_given(self, words: str) -> None:
        hours = read_hours(words)
        if hours is None or not is_duration(hours):
            await self._say(self._texts.fault(PriceFault.DURATION))
            return
        if (await self._keeping.board()).of(rental_time(hours)) is not None:
            await self._say(self._texts.sold_already(rental_time(hours)))
            return
        card = cards.asked(self._common, self._texts.ask_new_sun(rental_time(hours)))
        await self._asking.ask("prices.new_sun", card, hours=str(hours.normalize()))

    async def _new_sun_given(self, question: Question, words: str) -> None:
        sun = read_whole(words)
        if sun is None or not 1 <= sun <= MOST_SUN:
            await self._say(self._texts.fault(PriceFault.SUN))
            return
        found = {"hours": question.about["hours"], "steps": [], "start": None}
        await self._show_edit(
            PriceDraft.from_json(found | {"sun": sun, "minimum": _USUAL_MINIMUM_SUN})
        )

    async def _part_given(self, question: Question, words: str) -> None:
        draft = PriceDraft.from_json(question.about["price"])
        changed: PriceDraft | None = None
        fault = PriceFault.SUN
        match question.name:
            case "prices.minimum":
                fault, sun = PriceFault.MINIMUM, 0 if is_nothing(words) else read_sun(words)
                if sun is not None and sun <= _MOST_MINIMUM_SUN:
                    changed = replace(draft, minimum_sun=sun)
            case "prices.steps":
                fault, steps = PriceFault.STEPS, () if is_nothing(words) else read_steps(words)
                if steps is not None and are_steps(draft.sun_per_energy, steps):
                    changed = replace(draft, steps=steps)
            case "prices.start":
                fault, now = PriceFault.PAST, (await self._keeping.board()).at
                start = read_moment(words, now) if now is not None else None
                if start is not None and now is not None and start > now:
                    changed = replace(draft, start=start)
            case _:
                sun = read_whole(words)
                if sun is not None and 1 <= sun <= MOST_SUN:
                    changed = replace(draft, sun_per_energy=sun)
        if changed is None:
            await self._say(self._texts.fault(fault))
        else:
            await self._show_edit(changed)

    async def _draft(self) -> PriceDraft | None:
        """The price that is being typed; says so if there is none."""
        question = await self._asking.question()
        if (
            question is None
            or "price" not in question.about
            or (not question.name.startswith("prices."))
        ):
            await self._turn.toast(self._common.act_refused(ActFault.GONE), alert=True)
            return None
        return PriceDraft.from_json(question.about["price"])

    async def _show_edit(self, draft: PriceDraft) -> None:
        board = await self._keeping.board()
        card = price_cards.edit(
            self._common,
            self._texts,
            draft,
            await self._described(draft, board),
            fault=fault_of(draft, board.at),
            is_new=board.of(draft.duration) is None,
        )
        await self._asking.ask("prices.edit", card, price=draft.as_json())

    async def _described(self, draft: PriceDraft, board: PriceBoard) -> Text:
        samples = () if fault_of(draft, board.at) else await self._keeping.preview(draft)
        view = board.of(draft.duration)
        return self._texts.described(draft, view, samples)

    @staticmethod
    def _is_last(board: PriceBoard, duration: timedelta) -> bool:
        return not any(view.now for view in board.views if view.duration != duration)

    async def _say(self, words: str) -> None:
        """Say it, and leave the question open."""
        await self._turn.show(cards.asked(self._common, Text(words)))
