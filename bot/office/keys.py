"""The API keys of somebody: looked at, made for them, revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from aiogram.utils.formatting import Text

from bot.callbacks import KeyPart
from bot.key_forms import shaped
from bot.office import key_cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import ShapeKeyFor
from bot.screen import Card
from bot.turn import Turn
from services.acts import Act, ActFault, Proposal
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
from services.key_acts import KeyActs
from services.people import People, Person, subject_of
from services.staff import Actor

_NAME = "keys.name"
_FORM = "keys.form"
_NETWORKS = "keys.networks"


class KeysArea(Area):
    """What lets somebody's programs in.

    A key that is being made stands in the question that is open: ``keys.form`` takes another name,
    ``keys.networks`` from where it may be used. Its secret is drawn when it is made, shown once.
    """

    name = "keys"
    acts = frozenset({Act.MAKE_KEY, Act.REVOKE_KEY})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        people: People,
        keys: ApiKeys,
        acts: KeyActs,
        asking: Asking,
        confirming: Confirming,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts.office
        self._actor = actor
        self._people = people
        self._keys = keys
        self._acts = acts
        self._asking = asking
        self._confirming = confirming

    # Looking

    async def list(self, person_id: int) -> None:
        person = await self._person(person_id)
        if person is not None:
            await self._asking.done()
            living = await self._living(person_id)
            await self._turn.show(key_cards.keys(self._texts, person, living, self._actor))

    async def look(self, key_id: UUID) -> None:
        key = await self._key(key_id)
        if key is not None:
            await self._turn.show(self._card(key))

    def _card(self, key: ApiKey) -> Card:
        return key_cards.key(self._texts, key, datetime.now(UTC), self._actor)

    async def _living(self, person_id: int) -> tuple[ApiKey, ...]:
        now = datetime.now(UTC)
        return tuple(key for key in await self._keys.of_user(person_id) if key.lives_at(now))

    # Revoking

    async def revoke(self, key_id: UUID) -> None:
        key = await self._key(key_id)
        if key is not None:
            await self._confirming.begin(
                Act.REVOKE_KEY,
                subject=subject_of(key.user_id),
                about=self._texts.keys.revoke_means(key),
                key=str(key.id),
            )

    # Making

    async def begin(self, person_id: int) -> None:
        person = await self._person(person_id)
        if person is None:
            return
        if len(await self._living(person_id)) >= MOST_KEYS:
            await self._turn.toast(self._texts.keys.too_many, alert=True)
            return
        card = key_cards.asked(self._texts, self._texts.keys.ask_key_name(person), person_id)
        await self._asking.ask(_NAME, card, person=person_id)

    async def shape(self, tapped: ShapeKeyFor) -> None:
        """A tap on the form of a new key."""
        question = await self._asking.question()
        about = {} if question is None else question.about
        person = await self._person(tapped.person)
        if person is None:
            return
        if "terms" not in about or about.get("person") != tapped.person:
            await self._turn.toast(self._texts.common.act_refused(ActFault.GONE), alert=True)
            return
        terms = KeyTerms.from_json(about["terms"])
        if tapped.part is KeyPart.NETWORKS:
            text = self._texts.keys.ask_networks()
            card = key_cards.networks(self._texts, text, person.id)
            await self._asking.ask(_NETWORKS, card, person=person.id, terms=terms.as_json())
        elif tapped.part is KeyPart.MAKE:
            await self._confirming.begin(
                Act.MAKE_KEY,
                subject=subject_of(person.id),
                about=self._texts.keys.make_means(person, terms),
                user=person.id,
                terms=terms.as_json(),
            )
        elif (changed := shaped(terms, tapped.part)) is None:
            await self._turn.toast(self._texts.keys.needs_scope, alert=True)
        else:
            await self._show_form(person, changed)

    async def _show_form(self, person: Person, terms: KeyTerms) -> None:
        card = key_cards.form(self._texts, person, terms)
        await self._asking.ask(_FORM, card, person=person.id, terms=terms.as_json())

    async def answered(self, question: Question, words: str) -> None:
        person = await self._person(int(question.about["person"]))
        if person is None:
            await self._asking.done()
        elif question.name == _NETWORKS:
            await self._networks_given(person, KeyTerms.from_json(question.about["terms"]), words)
        else:
            await self._name_given(person, question, words)

    async def _name_given(self, person: Person, question: Question, words: str) -> None:
        try:
            name = name_of(words)
        except ValueError:
            text = self._texts.keys.key_name_refused()
            await self._turn.show(key_cards.asked(self._texts, text, person.id))
            return
        named = question.about.get("terms")
        terms = KeyTerms(name) if named is None else replace(KeyTerms.from_json(named), name=name)
        await self._show_form(person, terms)

    async def _networks_given(self, person: Person, terms: KeyTerms, words: str) -> None:
        try:
            networks = networks_of(words)
        except ValueError as refusal:
            await self._refuse_networks(person, str(refusal.args[0]))
            return
        if len(networks) > MOST_NETWORKS:
            await self._refuse_networks(person, "")
            return
        await self._show_form(person, replace(terms, networks=networks))

    async def _refuse_networks(self, person: Person, word: str) -> None:
        text = self._texts.keys.network_refused(word)
        await self._turn.show(key_cards.networks(self._texts, text, person.id))

    # Acts

    async def meaning(self, proposal: Proposal) -> Text | None:
        if proposal.act is Act.REVOKE_KEY:
            key = await self._keys.find(UUID(proposal.arguments["key"]))
            if key is None or key.revoked_at is not None:
                return None
            return self._texts.keys.revoke_means(key)
        person = await self._people.look(int(proposal.arguments["user"]))
        if person is None:
            return None
        return self._texts.keys.make_means(person, KeyTerms.from_json(proposal.arguments["terms"]))

    async def carry_out(self, proposal: Proposal) -> Card:
        if proposal.act is Act.REVOKE_KEY:
            return self._card(await self._acts.revoke(self._actor, proposal.nonce))
        try:
            made = await self._acts.make(self._actor, proposal.nonce)
        except KeyRefused:
            person_id = int(proposal.arguments["user"])
            return key_cards.asked(self._texts, Text(self._texts.keys.too_many), person_id)
        return key_cards.made(self._texts, made)

    async def _key(self, key_id: UUID) -> ApiKey | None:
        """The key; says so if there is none."""
        key = await self._keys.find(key_id)
        if key is None:
            await self._turn.toast(self._texts.keys.key_unknown, alert=True)
        return key

    async def _person(self, person_id: int) -> Person | None:
        """The person; says so if there is none."""
        person = await self._people.look(person_id)
        if person is None:
            await self._turn.toast(self._texts.people.nobody_like_that, alert=True)
        return person
