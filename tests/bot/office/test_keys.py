"""API keys that the staff make, look at and revoke for somebody."""

from __future__ import annotations

import pytest

from bot.office.taps import KeysOfPerson, NewKeyFor, RevokeKeyOf
from services.acts import ActFault
from services.api_keys import MOST_KEYS, KeyFault, KeyRefused, Scope, holds_key
from services.customers import Language
from services.people import subject_of
from services.staff import RIGHTS, Right, Role
from tests.bot.office.test_people import trail
from tests.bot.people import ANN, Person, World, data_of, entity_texts, labels, words
from tests.bot.samples import TEXTS

ENGLISH = TEXTS[Language.EN]
KEYS = ENGLISH.office.keys
COMMON = ENGLISH.office.common


async def test_a_key_is_made_for_somebody_handed_on_and_revoked(
    world: World, operator: Person, ann: Person
) -> None:
    keys = world.shop.services.api_keys
    await ann.says("/start")
    await operator.says(f"/user {ANN.id}")
    assert KEYS._no_keys in words(await operator.taps(KEYS.keys_button))
    await operator.taps(KEYS.new_key_button)
    assert words(await operator.says("x" * 61)) == KEYS.key_name_refused().render()[0]
    await operator.says("her shop")
    form = await operator.says("her wallet")
    assert "her wallet" in words(form), "in the form, words are another name"
    await operator.taps(KEYS.scope_button(Scope.WEBHOOKS))
    await operator.taps(KEYS.networks_button(0))
    assert "nowhere" in words(await operator.says("nowhere"))
    await operator.says("198.51.100.0/24")
    why = await operator.taps(KEYS.make_key_button)
    assert COMMON.no_reason_button not in labels(why), "a key needs a reason"
    sure = await operator.says("their contract")
    assert "198.51.100.0/24" in words(sure)
    assert await keys.of_user(ANN.id) == (), "nothing was done yet"
    operator.press(COMMON.do_it_button, sure.message_id)
    operator.press(COMMON.do_it_button, sure.message_id)
    await world.settle()
    made = operator.message(sure.message_id)
    (secret,) = (text for text in entity_texts(made, "code") if holds_key(text))
    (key,) = await keys.of_user(ANN.id)
    assert (await keys.recognise(secret, "198.51.100.4")).id == key.id
    assert key.scopes == {Scope.READ, Scope.ORDER, Scope.WEBHOOKS}

    told = ann.newest
    assert "her wallet" in words(told)
    assert key.shown in words(told)
    assert not any(holds_key(words(message)) for message in ann.shown)
    assert key.shown in words(await ann.taps(ENGLISH.api_keys_button))

    handed = await operator.taps(KEYS.handed_over_button)
    assert handed.message_id == made.message_id
    assert not any(holds_key(words(message)) for message in operator.shown)
    assert "unpaid orders" in words(handed)
    assert "her wallet" in words(await operator.taps(COMMON.back_button))
    await operator.taps("her wallet")
    await operator.taps(KEYS.revoke_button)
    await operator.says("it leaked")
    card = await operator.taps(COMMON.do_it_button)
    assert KEYS.revoke_button not in labels(card)
    with pytest.raises(KeyRefused) as refusal:
        await keys.recognise(secret, "198.51.100.4")
    assert refusal.value.fault is KeyFault.REVOKED
    assert words(ann.newest).startswith(f"🔑 {ENGLISH._shop_revoked('her wallet')}")  # type: ignore[attr-defined]

    noted = await trail(world.shop)
    assert [(act, subject, reason) for act, subject, reason, *_ in noted] == [
        ("make_key", subject_of(ANN.id), "their contract"),
        ("revoke_key", subject_of(ANN.id), "it leaked"),
    ]
    assert noted[0][4]["networks"] == ["198.51.100.0/24"]
    assert not holds_key(str(noted))


async def test_what_cannot_be_made_or_revoked_any_more_is_said(
    world: World, operator: Person, ann: Person
) -> None:
    keys = world.shop.services.api_keys
    await ann.says("/start")
    await operator.says(f"/user {ANN.id}")
    await operator.taps(KEYS.keys_button)
    await operator.taps(KEYS.new_key_button)
    form = await operator.says("shop")
    scope = KEYS.scope_button
    await operator.tap(f"✓ {scope(Scope.READ)}")
    await operator.tap(f"✓ {scope(Scope.ORDER)}")
    assert operator.toast == KEYS.needs_scope
    await operator.taps(KEYS.make_key_button)
    await operator.says("why not")
    made = [
        (await keys.make(ANN.id, f"key {n}", {Scope.READ}, made_by=ANN.id)).key
        for n in range(MOST_KEYS)
    ]
    assert words(await operator.taps(COMMON.do_it_button)) == KEYS.too_many
    await operator.taps_forged(form.message_id, NewKeyFor(person=ANN.id).pack())
    assert operator.toast == KEYS.too_many
    # The form of another time, or of somebody else.
    shape = next(data for data in data_of(form) if data.startswith("~us"))
    await operator.taps_forged(form.message_id, shape)
    assert operator.toast == COMMON.act_refused(ActFault.GONE)

    await operator.taps_forged(form.message_id, RevokeKeyOf(key=made[0].id).pack())
    await keys.revoke(ANN.id, made[0].id)
    assert words(await operator.says("it leaked")) == COMMON.act_refused(ActFault.GONE)
    await operator.taps_forged(form.message_id, KeysOfPerson(person=987_654).pack())
    assert operator.toast == ENGLISH.office.people.nobody_like_that
    assert await trail(world.shop) == []


def test_only_owners_and_operators_let_programs_in() -> None:
    assert {role for role in Role if Right.KEYS in RIGHTS[role]} == {Role.OWNER, Role.OPERATOR}
