"""API keys as customers meet them: made, shown once, looked at, revoked."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import key_cards
from bot.callbacks import KeyDoing, KeyPart, KeyTap, ShapeKey
from bot.key_forms import SCOPES, shaped
from bot.texts import Texts
from bot.texts.key_lines import ApiPlace
from sandbox.telegram import MessageChange, User
from services.api_keys import (
    MOST_KEYS,
    KeyFault,
    KeyRefused,
    KeyTerms,
    NewApiKey,
    Scope,
    holds_key,
)
from services.customers import Language
from tests.bot.people import (
    ANN,
    IVAN,
    WEI,
    Person,
    World,
    buttons,
    data_of,
    entity_texts,
    labels,
    words,
)
from tests.bot.samples import TEXTS
from tests.support.shop import address

ENGLISH = TEXTS[Language.EN]


async def name_a_key(person: Person, texts: Texts, name: str = "shop") -> MessageChange:
    """From /api to the form of a new key."""
    await person.says("/api")
    await person.taps(texts.new_key_button)
    return await person.says(name)


def secret_on(message: MessageChange) -> str:
    return next(text for text in entity_texts(message, "code") if holds_key(text))


async def fault_of(world: World, secret: str, source: str = "127.0.0.1") -> KeyFault | None:
    try:
        await world.shop.services.api_keys.recognise(secret, source)
    except KeyRefused as refused:
        return refused.fault
    return None


async def make(world: World, user: User = ANN, name: str = "shop") -> NewApiKey:
    return await world.shop.services.api_keys.make(
        user.id, name, frozenset({Scope.READ}), made_by=user.id
    )


@pytest.mark.parametrize(
    ("user", "language"), [(ANN, Language.EN), (WEI, Language.ZH), (IVAN, Language.RU)]
)
async def test_a_key_is_made_shown_once_used_and_revoked(
    world: World, user: User, language: Language
) -> None:
    texts, person = TEXTS[language], world.person(user)
    await person.says("/help")
    empty = await person.taps(texts.api_keys_button)
    nowhere = key_cards.api_keys(texts, (), (), ApiPlace(served=True, url=None))
    assert words(empty) == nowhere.text.render()[0]
    assert labels(empty) == [texts.new_key_button, texts.back_button]
    form = await name_a_key(person, texts, "my  shop\n№1")
    assert "my shop №1" in words(form)
    chosen = [label.removeprefix("✓ ") for label in labels(form) if label.startswith("✓ ")]
    assert chosen == [
        texts.scope_button(Scope.READ),
        texts.scope_button(Scope.ORDER),
        texts.lasting_button(KeyTerms("").lasts),
    ]
    await person.taps(texts.scope_button(Scope.SPEND))
    await person.taps(f"✓ {texts.scope_button(Scope.ORDER)}")
    await person.taps(texts.lasting_button(None))
    await person.taps(texts.networks_button(0))
    refused = await person.says("203.0.113.0/24, 300.1.1.1")
    assert "300.1.1.1" in words(refused)
    assert len(labels(await person.says(" ".join(f"10.0.0.{n}" for n in range(21))))) == 2
    await person.says("203.0.113.0/24; ::ffff:198.51.100.7")
    assert texts.networks_button(2) in labels(person.newest)
    made = await person.taps(texts.make_key_button)

    secret = secret_on(made)
    assert [b["copy_text"]["text"] for b in buttons(made) if "copy_text" in b] == [secret]
    key = await world.shop.services.api_keys.recognise(secret, "198.51.100.7")
    assert (key.user_id, key.name, key.made_by) == (user.id, "my shop №1", user.id)
    assert key.scopes == {Scope.READ, Scope.SPEND}
    assert key.expires_at is None
    assert await fault_of(world, secret, "203.0.113.200") is None
    assert await fault_of(world, secret, "203.0.114.1") is KeyFault.NETWORK

    saved = await person.taps(texts.key_saved_button)
    assert saved.message_id == made.message_id
    assert not any(holds_key(words(message)) for message in person.shown)
    assert "198.51.100.7" in words(saved)
    assert key.shown in words(await person.says("/api"))
    card = await person.taps("my shop №1")
    assert key.shown in words(card)
    await person.taps(texts.revoke_key_button)
    assert await fault_of(world, secret, "203.0.113.1") is None, "nothing was done yet"
    revoked = await person.taps(texts.revoke_key_now_button)
    assert person.toast == texts.key_is_revoked
    assert await fault_of(world, secret, "203.0.113.1") is KeyFault.REVOKED
    assert texts.revoke_key_button not in labels(revoked)
    assert labels(await person.says("/api")) == labels(empty)


async def test_a_form_makes_one_key_and_then_is_gone(world: World, ann: Person) -> None:
    form = await name_a_key(ann, ENGLISH)
    ann.press(ENGLISH.make_key_button, form.message_id)
    ann.press(ENGLISH.make_key_button, form.message_id)
    await world.settle()
    assert len(await world.shop.services.api_keys.of_user(ANN.id)) == 1
    assert words(ann.newest) == ENGLISH.key_draft_gone
    # What somebody does meanwhile does not harm it: it is not the question that is open.
    form = await name_a_key(ann, ENGLISH, "second")
    await ann.says("/rent")
    await ann.says(address("ann"))
    await ann.tap(ENGLISH.make_key_button, form.message_id)
    assert holds_key(words(ann.message(form.message_id)))
    data = ShapeKey(draft="no-such-draft", part=KeyPart.READ).pack()
    await ann.taps_forged(form.message_id, data)
    assert words(ann.message(form.message_id)) == ENGLISH.key_draft_gone


async def test_the_most_keys_are_ten_that_live(world: World, ann: Person) -> None:
    await ann.says("/start")
    form = await name_a_key(ann, ENGLISH)
    keys = [(await make(world, name=f"key {number}")).key for number in range(MOST_KEYS)]
    await ann.tap(ENGLISH.make_key_button, form.message_id)
    assert ann.toast == ENGLISH.too_many_keys()
    listed = await ann.says("/api")
    assert len([label for label in labels(listed) if label.startswith("key ")]) == MOST_KEYS
    await ann.tap(ENGLISH.new_key_button)
    assert ann.toast == ENGLISH.too_many_keys()
    await world.shop.services.api_keys.revoke(ANN.id, keys[0].id)
    await ann.tap(ENGLISH.make_key_button, form.message_id)
    assert holds_key(words(ann.message(form.message_id))), "the form was kept"


async def test_nobody_sees_or_revokes_anothers_key(world: World, ann: Person, ben: Person) -> None:
    await ann.says("/start")
    made = await make(world)
    hello = await ben.says("/start")
    for do in KeyDoing:
        await ben.taps_forged(hello.message_id, KeyTap(key=made.key.id, do=do).pack())
        assert ben.toast == ENGLISH.key_unknown
    form = await name_a_key(ann, ENGLISH)
    draft = data_of(form)[0]
    await ben.taps_forged(hello.message_id, draft)
    assert words(ben.newest) == ENGLISH.key_draft_gone
    assert await fault_of(world, made.secret) is None


async def test_a_name_is_one_and_something_is_allowed(world: World, ann: Person) -> None:
    form = await name_a_key(ann, ENGLISH)
    await ann.tap(f"✓ {ENGLISH.scope_button(Scope.READ)}", form.message_id)
    await ann.tap(f"✓ {ENGLISH.scope_button(Scope.ORDER)}", form.message_id)
    assert ann.toast == ENGLISH.key_needs_scope
    await ann.says("/api")
    await ann.taps(ENGLISH.new_key_button)
    assert words(await ann.says("x" * 61)) == ENGLISH.key_name_refused().render()[0]
    assert "😀" * 60 in words(await ann.says("😀" * 60)), "the question was still open"


async def test_a_key_that_is_typed_leaves_the_chat(
    world: World, ann: Person, operator: Person
) -> None:
    await ann.says("/start")
    secret = (await make(world)).secret
    said = ENGLISH.looks_like_api_key().render()[0]
    assert words(await ann.says(f"my key is {secret}")) == said
    await ann.says("/api")
    await ann.taps(ENGLISH.new_key_button)
    assert words(await ann.says(secret)) == said
    assert ENGLISH.make_key_button in labels(await ann.says("a name")), "the question is open"
    await operator.says(f"/user {ANN.id}")
    await operator.taps(ENGLISH.office.people.note_button)
    assert words(await operator.says(f"uses {secret}")) == said
    for person in (ann, operator):
        seen = [
            words(change)
            for change in world.telegram.changes(person.user.id)
            if isinstance(change, MessageChange) and not change.deleted
        ]
        gone = {
            change.message_id
            for change in world.telegram.changes(person.user.id)
            if isinstance(change, MessageChange) and change.deleted
        }
        assert gone
        assert not any(map(holds_key, seen))


async def test_no_log_and_no_state_has_a_secret(
    world: World, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await name_a_key(ann, ENGLISH)
        made = await ann.taps(ENGLISH.make_key_button)
        secret = secret_on(made)
        await ann.taps(ENGLISH.key_saved_button)
        await ann.says("/api")
    assert secret[7:19] in caplog.text, "it is told that a key was made"
    assert not holds_key(caplog.text)
    for key in await world.redis.keys("*"):
        if await world.redis.type(key) == b"string":
            assert secret[20:].encode() not in (await world.redis.get(key) or b"")
    made_key = NewApiKey(await world.shop.services.api_keys.recognise(secret, None), secret)
    assert secret not in repr(made_key)


@given(st.lists(st.sampled_from([part for part in KeyPart if part is not KeyPart.MAKE])))
def test_whatever_is_tapped_a_key_may_do_something_and_keeps_its_name(parts: list[KeyPart]) -> None:
    terms = KeyTerms("shop")
    for part in parts:
        terms = shaped(terms, part) or terms
        assert terms.scopes
        assert terms.scopes <= frozenset(SCOPES.values())
        assert terms.name == "shop"
        assert KeyTerms.from_json(terms.as_json()) == terms
