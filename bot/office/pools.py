"""/pools and /addpool: the pools as they are, what is changed about them, and new ones."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiogram.utils.formatting import Pre, Text

from bot.inputs import HexAddress, looks_like_seed_phrase, read_address
from bot.office import cards, pool_cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import PoolChange, PoolStep
from bot.office.typed import is_nothing, looks_like_key, read_sun, read_whole
from bot.screen import Card
from bot.turn import Turn
from chain.addresses import Address
from services.acts import Act, ActFault, ActRefused, Proposal
from services.pool_adding import AddFault, AddRefused, Candidate, PoolAdding, proposed
from services.pool_keeping import WITHOUT_BOUND, PoolKeeping, is_allowed, proposed_change
from services.staff import Actor, Right

_STATES: Mapping[PoolChange, Act] = {
    PoolChange.ENABLE: Act.POOL_ENABLE,
    PoolChange.DRAIN: Act.POOL_DRAIN,
    PoolChange.DISABLE: Act.POOL_DISABLE,
}
_TERMS: Mapping[PoolChange, str] = {
    PoolChange.RESERVE: "reserve_sun",
    PoolChange.CAP: "cap_sun",
    PoolChange.HOURLY: "hourly_delegations",
    PoolChange.PRIORITY: "priority",
    PoolChange.COST: "cost_sun",
}
_IN_TRX = frozenset({"reserve_sun", "cap_sun"})
_LONGEST_REQUEST = 4_000


class PoolsArea(Area):
    """The pools, at the turn of one of the staff."""

    name = "pools"
    acts = frozenset({*_STATES.values(), Act.POOL_TERMS, Act.POOL_ADD})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        confirming: Confirming,
        keeping: PoolKeeping,
        adding: PoolAdding,
    ) -> None:
        self._turn = turn
        self._common = turn.texts.office.common
        self._texts = turn.texts.office.pools
        self._actor = actor
        self._asking = asking
        self._confirming = confirming
        self._keeping = keeping
        self._adding = adding

    # Looking

    async def overview(self, page: int = 0) -> None:
        await self._turn.acknowledge()
        pools = await self._keeping.look()
        card = pool_cards.overview(
            self._common, self._texts, pools, page, may_add=self._actor.may(Right.POOLS)
        )
        await self._turn.show(card)

    async def search(self, words: str) -> None:
        """The pool whose address somebody had in the clipboard."""
        found = read_address(words)
        address = found.address if isinstance(found, HexAddress) else found
        await self.look(address if isinstance(address, str) else words)

    async def look(self, address: str) -> None:
        await self._turn.acknowledge()
        await self._turn.show(await self._card(address))

    async def _card(self, address: str, done: Text | None = None) -> Card:
        figures = await self._keeping.find(address)
        if figures is None:
            return pool_cards.unknown(self._common, self._texts)
        may_change = self._actor.may(Right.POOLS)
        return pool_cards.pool(self._common, self._texts, figures, done=done, may_change=may_change)

    # Changing

    async def begin(self, address: str, what: PoolChange) -> None:
        """Ask why its state shall change, or what one of its terms shall be."""
        figures = await self._keeping.find(address)
        if figures is None:
            await self._turn.show(pool_cards.unknown(self._common, self._texts))
            return
        if (act := _STATES.get(what)) is not None:
            await self._confirming.begin(
                act,
                subject=f"pool {address}",
                about=self._texts.about_state(act, figures.address),
                address=address,
            )
            return
        term = _TERMS[what]
        question = self._texts.ask_term(term, getattr(figures.terms, term), figures.address)
        await self._asking.ask(
            "pools.term", cards.asked(self._common, question), address=address, term=term
        )

    async def meaning(self, proposal: Proposal) -> Text | None:
        if proposal.act is Act.POOL_ADD:
            return await self._meaning_of_adding(proposal)
        address, changes = proposed_change(proposal)
        consequence = await self._keeping.consequence(address, changes)
        if consequence is None:
            return None
        return self._texts.meaning(proposal.act, address, consequence)

    async def carry_out(self, proposal: Proposal) -> Card:
        done = self._texts.done(proposal.act)
        if proposal.act is not Act.POOL_ADD:
            return await self._card(await self._keeping.change(self._actor, proposal.nonce), done)
        try:
            address = await self._adding.register(self._actor, proposal.nonce)
        except AddRefused as refusal:
            return pool_cards.refused(self._common, self._texts, refusal.fault)
        return await self._card(address, done)

    async def answered(self, question: Question, words: str) -> None:
        if looks_like_key(words) or looks_like_seed_phrase(words):
            await self._turn.take_words_away()
            await self._say(self._texts.key_taken_away())
            return
        match question.name:
            case "pools.term":
                await self._term_given(question, words)
            case "pools.address":
                await self._address_given(words)
            case "pools.new_reserve":
                await self._reserve_given(question, words)
            case "pools.key":
                found = read_address(words)
                if isinstance(found, str) and self._is_ours(found):
                    await self.choose_key(found)
                else:
                    await self._say(self._texts.add_refused(AddFault.NO_KEY))
            case _:
                await self._say(self._texts.use_the_buttons())

    async def _term_given(self, question: Question, words: str) -> None:
        address, term = question.about["address"], question.about["term"]
        value: int | None
        if is_nothing(words) and term in WITHOUT_BOUND:
            value = WITHOUT_BOUND[term]
        else:
            value = read_sun(words) if term in _IN_TRX else read_whole(words)
            if value is None or not is_allowed(term, value):
                await self._say(self._texts.wrong_term(term))
                return
        figures = await self._keeping.find(address)
        if figures is None:
            await self._turn.show(pool_cards.unknown(self._common, self._texts))
            return
        before = getattr(figures.terms, term)
        if before == value:
            await self._say(self._texts.is_so_already(term, value))
            return
        await self._confirming.begin(
            Act.POOL_TERMS,
            subject=f"pool {address}",
            about=self._texts.about_term(term, before, value, figures.address),
            address=address,
            term=term,
            value=value,
        )

    # Adding

    async def begin_adding(self) -> None:
        """Ask for the address."""
        card = cards.asked(self._common, self._texts.ask_address())
        await self._asking.ask("pools.address", card)

    async def _address_given(self, words: str) -> None:
        found = read_address(words)
        address = found.address if isinstance(found, HexAddress) else found
        if not isinstance(address, str):
            await self._say(self._texts.wrong_address())
            return
        try:
            account = await self._adding.account(address)
        except AddRefused as refusal:
            await self._say(self._texts.add_refused(refusal.fault))
            return
        keys = self._adding.signing_keys()
        if not keys:
            await self._asking.done()
            await self._turn.show(pool_cards.refused(self._common, self._texts, AddFault.NO_KEY))
            return
        card = pool_cards.choose_key(self._common, self._texts, account, keys)
        await self._asking.ask("pools.key", card, address=address)

    async def choose_key(self, key: str) -> None:
        """This key of ours shall sign: what may it do?"""
        question = await self._asking.question()
        if (
            question is None
            or not question.name.startswith("pools.")
            or ("address" not in question.about)
        ):
            await self._lost()
            return
        await self._examine(question.about["address"], key)

    async def go_on(self, step: PoolStep) -> None:
        """The next step, or the same one again."""
        question = await self._asking.question()
        match step, question:
            case PoolStep.LOOK_AGAIN, Question(name="pools.grant", about=about):
                await self._examine(about["address"], about["key"], again=True)
            case PoolStep.RISK, Question(name="pools.risk", about=about):
                await self._examine(about["address"], about["key"], risk=True)
            case PoolStep.NO_RESERVE, Question(name="pools.new_reserve", about=about):
                await self._propose(about, 0)
            case _:
                await self._lost()

    async def _examine(
        self, address: str, key: str, *, again: bool = False, risk: bool = False
    ) -> None:
        await self._turn.acknowledge()
        try:
            found = await self._adding.look(Address(address), Address(key))
        except AddRefused as refusal:
            await self._say(self._texts.add_refused(refusal.fault))
            return
        about = {"address": address, "key": key}
        if found.grant is not None:
            await self._show_grant(found, again=again)
        elif found.beyond and not risk:
            card = pool_cards.risk(self._common, self._texts, found)
            await self._asking.ask("pools.risk", card, **about)
        else:
            card = pool_cards.ask_reserve(self._common, self._texts, found)
            await self._asking.ask(
                "pools.new_reserve", card, **about, permission=found.permission_id, risk=risk
            )

    async def _show_grant(self, found: Candidate, *, again: bool) -> None:
        """What the owner has to sign, as a message of its own to be copied; then what it is."""
        assert found.grant is not None
        request = json.dumps(found.grant.request, separators=(",", ":"))
        fits = found.grant.request is not None and len(request) <= _LONGEST_REQUEST
        if fits and not again:
            await self._turn.send(Card(Text(Pre(request, language="json"))))
        card = pool_cards.grant(self._common, self._texts, found, again=again, fits=fits)
        if again:
            await self._asking.ask(
                "pools.grant", card, address=found.address, key=found.key.address
            )
            return
        await self._asking.begin("pools.grant", address=found.address, key=found.key.address)
        await self._turn.send(card)

    async def _reserve_given(self, question: Question, words: str) -> None:
        reserve = 0 if is_nothing(words) else read_sun(words)
        if reserve is None or not is_allowed("reserve_sun", reserve):
            await self._say(self._texts.wrong_term("reserve_sun"))
            return
        await self._propose(question.about, reserve)

    async def _propose(self, about: Mapping[str, object], reserve_sun: int) -> None:
        await self._confirming.propose(
            Act.POOL_ADD,
            subject=f"pool {about['address']}",
            address=about["address"],
            permission_id=about["permission"],
            key_address=about["key"],
            reserve_sun=reserve_sun,
            risk=about["risk"],
        )

    async def _meaning_of_adding(self, proposal: Proposal) -> Text | None:
        wanted = proposed(proposal.arguments)
        try:
            found = await self._adding.look(wanted.address, Address(wanted.key_address))
        except AddRefused:
            return None
        energy = await self._adding.energy_of(found.staked_sun - wanted.reserve_sun)
        return self._texts.meaning_of_adding(found, wanted.reserve_sun, energy)

    def _is_ours(self, address: Address) -> bool:
        return any(key.address == address for key in self._adding.signing_keys())

    async def _say(self, words: Text) -> None:
        """Say it, and leave the question open."""
        await self._turn.show(cards.asked(self._common, words))

    async def _lost(self) -> None:
        fault = ActRefused(ActFault.GONE).fault
        await self._turn.toast(self._common.act_refused(fault), alert=True)
