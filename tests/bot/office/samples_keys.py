"""Every card about API keys: those of customers, and those of the staff about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from uuid import UUID

from aiogram.utils.formatting import Text

from bot import key_cards
from bot.key_drafts import KeyDraft
from bot.office import cards as office_cards
from bot.office import key_cards as staffs
from bot.screen import Card
from bot.texts import Texts
from bot.texts.key_lines import ApiPlace
from services.api_keys import (
    LONGEST_NAME,
    MOST_KEYS,
    MOST_NETWORKS,
    ApiKey,
    KeyTerms,
    NewApiKey,
    Scope,
)
from services.staff import Actor, Role
from tests.bot.office.samples_people import PERSON

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
EVERYTHING = frozenset(Scope)
NETWORKS = tuple(ip_network(f"2001:db8:ffff:ffff:ffff:ffff:ffff:{n:x}") for n in range(1, 21))
KEY = ApiKey(
    id=UUID(int=2**128 - 1),
    user_id=PERSON.id,
    public_id="0123456789Ab",
    name="web shop",
    scopes=frozenset({Scope.READ, Scope.ORDER}),
    networks=(),
    made_by=PERSON.id,
    expires_at=NOW + timedelta(days=365),
    revoked_at=None,
    used_at=NOW - timedelta(hours=20),
    created_at=NOW - timedelta(days=3),
)
LONGEST = replace(
    KEY,
    name="𝔸" * LONGEST_NAME,
    scopes=EVERYTHING,
    networks=NETWORKS[:MOST_NETWORKS],
    made_by=None,
    expires_at=None,
)
SECRET = f"ef_key_{KEY.public_id}_{'x' * 43}"
PLACES = (
    ApiPlace(served=True, url="https://api.example.com"),
    ApiPlace(served=True, url=None),
    ApiPlace(served=False, url=None),
)
KEYS = {
    "usual": KEY,
    "longest": LONGEST,
    "unused": replace(KEY, used_at=None, networks=(ip_network("203.0.113.7"),)),
    "ran out": replace(KEY, expires_at=NOW - timedelta(days=1)),
    "revoked": replace(KEY, revoked_at=NOW, made_by=2**62),
}
TERMS = {
    "usual": KeyTerms("web shop"),
    "longest": KeyTerms(LONGEST.name, EVERYTHING, LONGEST.networks, None),
    "a month": KeyTerms(
        "tests", frozenset({Scope.READ}), (ip_network("203.0.113.0/24"),), timedelta(days=30)
    ),
}


def key_samples(texts: Texts) -> Iterator[tuple[str, Card]]:
    yield from _of_customers(texts)
    yield from _of_the_office(texts)


def _of_customers(texts: Texts) -> Iterator[tuple[str, Card]]:
    made = NewApiKey(KEY, SECRET)
    for number, place in enumerate(PLACES):
        yield f"API keys, none, {number}", key_cards.api_keys(texts, (), (), place)
        yield f"API key made, {number}", key_cards.key_made(texts, made, place)
    some = (KEY, KEYS["unused"])
    several = tuple(replace(key, id=UUID(int=n)) for n, key in enumerate(some))
    yield "API keys", key_cards.api_keys(texts, several, (), PLACES[0])
    most = tuple(replace(LONGEST, id=UUID(int=number)) for number in range(MOST_KEYS))
    yield "API keys, most", key_cards.api_keys(texts, most, most[:3], PLACES[1])
    yield "API key named", key_cards.ask_key_name(texts)
    yield "API key name refused", key_cards.answer(texts, texts.key_name_refused())
    for name, terms in TERMS.items():
        draft = KeyDraft(terms, "draft")
        yield f"API key form, {name}", key_cards.key_form(texts, draft)
    draft = KeyDraft(TERMS["usual"], "draft")
    yield "API key networks", key_cards.ask_networks(texts, draft)
    for word in ("300.1.1.1", "𝔸" * 4000, ""):
        yield f"API key networks refused, {word[:9]}", key_cards.network_refused(texts, draft, word)
    for name, key in KEYS.items():
        yield f"API key, {name}", key_cards.api_key(texts, key, NOW)
        yield f"API key, revoke {name}", key_cards.revoke_key(texts, key)
        details = {
            "id": str(key.id),
            "name": key.name,
            "shown": key.shown,
            "scopes": sorted(key.scopes),
        }
        yield f"API key made by the shop, {name}", key_cards.key_made_by_shop(texts, details)
        yield f"API key revoked by the shop, {name}", key_cards.key_revoked_by_shop(texts, details)
    yield "API key form gone", key_cards.answer(texts, Text(texts.key_draft_gone))
    yield "API key typed", key_cards.answer(texts, texts.looks_like_api_key())


def _of_the_office(texts: Texts) -> Iterator[tuple[str, Card]]:
    office = texts.office
    most = tuple(replace(LONGEST, id=UUID(int=number)) for number in range(MOST_KEYS))
    longest = replace(PERSON, id=2**63 - 1, first_name="𝔸 " * 32)
    for role in (Role.OWNER, Role.SUPPORT):
        actor = Actor(1, role)
        yield f"keys of somebody, none, {role}", staffs.keys(office, PERSON, (), actor)
        yield f"keys of somebody, {role}", staffs.keys(office, longest, most, actor)
        for name, key in KEYS.items():
            yield f"key of somebody, {name}, {role}", staffs.key(office, key, NOW, actor)
    words = office.keys
    for name, text in (
        ("name", words.ask_key_name(longest)),
        ("name refused", words.key_name_refused()),
    ):
        yield f"key of somebody, {name}", staffs.asked(office, text, PERSON.id)
    for word in ("300.1.1.1", ""):
        text = words.network_refused(word)
        yield f"key of somebody, networks {word}", staffs.networks(office, text, PERSON.id)
    yield (
        "key of somebody, networks asked",
        staffs.networks(office, words.ask_networks(), PERSON.id),
    )
    for name, terms in TERMS.items():
        yield f"key of somebody, form {name}", staffs.form(office, longest, terms)
        means = words.make_means(longest, terms)
        yield f"why, key {name}", office_cards.why(office.common, means, may_skip=False)
    yield "key of somebody, made", staffs.made(office, NewApiKey(LONGEST, SECRET))
    means = words.revoke_means(LONGEST)
    yield "why, key revoked", office_cards.why(office.common, means, may_skip=False)
