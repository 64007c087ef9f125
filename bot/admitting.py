"""One customer's turn at their API keys: looking, making, revoking.

A secret goes from the service to the card that shows it, and nowhere else: into no state, no
button's data, no log.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.utils.formatting import Text

from bot import key_cards
from bot.callbacks import KeyDoing, KeyPart, KeyTap, ShapeKey
from bot.key_drafts import KeyDraft, KeyDrafts
from bot.key_forms import shaped
from bot.screen import Card
from bot.texts.key_lines import ApiPlace
from bot.turn import Turn
from services.api_keys import (
    MOST_KEYS,
    MOST_NETWORKS,
    ApiKey,
    ApiKeys,
    KeyRefused,
    KeyTerms,
    name_of,
    networks_of,
)


class Naming(StatesGroup):
    """The question that a typed answer belongs to."""

    name = State()
    networks = State()


_ASKED = "asked"
_DRAFT = "draft"
_LATELY = timedelta(days=30)
_MOST_RAN_OUT = 3


class Admitting:
    """What a customer can do about the programs that act in their name."""

    def __init__(
        self, turn: Turn, state: FSMContext, *, keys: ApiKeys, drafts: KeyDrafts, place: ApiPlace
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._state = state
        self._keys = keys
        self._drafts = drafts
        self._place = place

    async def look(self) -> None:
        """The keys, where the customer looks."""
        await self._state.clear()
        await self._turn.show(await self._overview())

    async def _overview(self) -> Card:
        keys, now = await self._keys.of_user(self._turn.customer.id), datetime.now(UTC)
        living = [key for key in keys if key.lives_at(now)]
        ran_out = [
            key
            for key in keys
            if key.revoked_at is None
            and key.expires_at is not None
            and now - _LATELY < key.expires_at <= now
        ]
        return key_cards.api_keys(self._texts, living, ran_out[:_MOST_RAN_OUT], self._place)

    # A key

    async def do(self, tapped: KeyTap) -> None:
        match tapped.do:
            case KeyDoing.LOOK:
                await self._look_at(tapped.key)
            case KeyDoing.REVOKE:
                key = await self._known(tapped.key)
                if key is not None:
                    await self._turn.show(key_cards.revoke_key(self._texts, key))
            case KeyDoing.REVOKE_NOW:
                if await self._keys.revoke(self._turn.customer.id, tapped.key):
                    await self._turn.toast(self._texts.key_is_revoked)
                await self._look_at(tapped.key)

    async def _look_at(self, key_id: UUID) -> None:
        key = await self._known(key_id)
        if key is not None:
            await self._turn.show(key_cards.api_key(self._texts, key, datetime.now(UTC)))

    async def _known(self, key_id: UUID) -> ApiKey | None:
        """The customer's key; says so if there is none."""
        key = await self._keys.get(self._turn.customer.id, key_id)
        if key is None:
            await self._turn.toast(self._texts.key_unknown, alert=True)
        return key

    # A new key

    async def ask_name(self) -> None:
        if await self._has_most():
            await self._turn.toast(self._texts.too_many_keys(), alert=True)
            return
        await self._ask(key_cards.ask_key_name(self._texts), Naming.name)

    async def name_typed(self, text: str) -> None:
        try:
            name = name_of(text)
        except ValueError:
            await self._say(self._texts.key_name_refused())
            return
        await self._answered()
        await self._show_form(KeyDraft(KeyTerms(name)))

    async def shape(self, tapped: ShapeKey) -> None:
        """A tap on the form of a new key."""
        if tapped.part is KeyPart.MAKE:
            await self._make(tapped.draft)
            return
        draft = await self._draft(tapped.draft)
        if draft is None:
            return
        if tapped.part is KeyPart.NETWORKS:
            await self._ask(key_cards.ask_networks(self._texts, draft), Naming.networks, draft)
            return
        terms = shaped(draft.terms, tapped.part)
        if terms is None:
            await self._turn.toast(self._texts.key_needs_scope, alert=True)
            return
        await self._state.clear()
        await self._show_form(replace(draft, terms=terms))

    async def networks_typed(self, text: str) -> None:
        data: dict[str, Any] = await self._state.get_data()
        draft = await self._draft(str(data.get(_DRAFT, "")))
        if draft is None:
            return
        try:
            networks = networks_of(text)
        except ValueError as refusal:
            word = str(refusal.args[0])
            await self._turn.send(key_cards.network_refused(self._texts, draft, word))
            return
        if len(networks) > MOST_NETWORKS:
            await self._turn.send(key_cards.network_refused(self._texts, draft, ""))
            return
        await self._answered()
        await self._show_form(replace(draft, terms=replace(draft.terms, networks=networks)))

    async def _make(self, draft_id: str) -> None:
        """Make the key of a draft, once: two taps find it gone."""
        customer = self._turn.customer.id
        draft = await self._drafts.take(customer, draft_id)
        if draft is None:
            await self._say_gone()
            return
        terms = draft.terms
        try:
            made = await self._keys.make(
                customer,
                terms.name,
                terms.scopes,
                made_by=customer,
                networks=terms.networks,
                lasts=terms.lasts,
            )
        except KeyRefused:
            await self._drafts.keep(customer, draft)
            await self._turn.toast(self._texts.too_many_keys(), alert=True)
            return
        await self._state.clear()
        await self._turn.show(key_cards.key_made(self._texts, made, self._place))

    async def _has_most(self) -> bool:
        keys, now = await self._keys.of_user(self._turn.customer.id), datetime.now(UTC)
        return sum(key.lives_at(now) for key in keys) >= MOST_KEYS

    async def _show_form(self, draft: KeyDraft) -> None:
        await self._drafts.keep(self._turn.customer.id, draft)
        await self._turn.show(key_cards.key_form(self._texts, draft))

    async def _draft(self, draft_id: str) -> KeyDraft | None:
        """The customer's draft; if it is gone, they are told how to go on."""
        draft = await self._drafts.find(self._turn.customer.id, draft_id)
        if draft is None:
            await self._say_gone()
        return draft

    async def _say_gone(self) -> None:
        await self._state.clear()
        await self._turn.show(key_cards.answer(self._texts, Text(self._texts.key_draft_gone)))

    # Somebody typed a key

    async def key_typed(self) -> None:
        """It should not stay in a chat, and is no answer to anything."""
        await self._turn.take_words_away()
        await self._say(self._texts.looks_like_api_key())

    async def _ask(self, card: Card, question: State, draft: KeyDraft | None = None) -> None:
        """Show the question; a typed answer belongs to it from now on."""
        message_id = await self._turn.show(card)
        await self._state.set_state(question)
        await self._state.set_data({_ASKED: message_id} | ({_DRAFT: draft.id} if draft else {}))

    async def _answered(self) -> None:
        """The question stands above its answer now: its buttons would only confuse."""
        asked = (await self._state.get_data()).get(_ASKED)
        await self._state.clear()
        if asked is not None:
            await self._turn.take_buttons_away(asked)

    async def _say(self, text: Text) -> None:
        await self._turn.send(key_cards.answer(self._texts, text))
