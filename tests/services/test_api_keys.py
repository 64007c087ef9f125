"""What a key's name, its networks and its terms may be; and keys that the shop makes by hand."""

from __future__ import annotations

import unicodedata
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.acts import Acts
from services.api_keys import (
    LONGEST_NAME,
    KeyFault,
    KeyRefused,
    KeyTerms,
    Scope,
    allows,
    holds_key,
    name_of,
    networks_of,
    public_id_in,
)
from services.key_acts import KeyActs
from tests.support.shop import USER, Shop

SECRET = f"ef_key_0123456789Ab_{'-' * 43}"


@given(st.text(max_size=80))
def test_a_name_is_on_one_line_and_can_be_seen(text: str) -> None:
    try:
        name = name_of(text)
    except ValueError:
        return
    assert 0 < len(name) <= LONGEST_NAME
    assert name.isprintable()
    assert name == name_of(name)


@pytest.mark.parametrize("text", ["", " \n\u202e\u200b ", "x" * 61, SECRET, f"key {SECRET}"])
def test_nothing_and_a_key_are_no_names(text: str) -> None:
    with pytest.raises(ValueError, match="is no key"):
        name_of(text)


@given(st.text(max_size=60))
def test_no_text_is_too_strange_for_networks(text: str) -> None:
    try:
        assert networks_of(text)
    except ValueError as refusal:
        (word,) = refusal.args
        assert word in unicodedata.normalize("NFKC", text)


def test_networks_are_read_as_people_write_them() -> None:
    assert networks_of(" 203.0.113.7，203.0.113.9/24;2001:db8::1、203.0.113.7, ") == (
        ip_network("203.0.113.7"),
        ip_network("203.0.113.0/24"),
        ip_network("2001:db8::1"),
    )
    for word in ("fe80::1%eth0", "1.2.3", "1.2.3.4/33", "example.com", ""):
        with pytest.raises(ValueError, match=r".*") as refusal:
            networks_of(word)
        assert refusal.value.args == (word.partition("%")[0] and word,)


def test_an_ipv4_network_in_the_form_of_ipv6_lets_ipv4_in() -> None:
    networks = networks_of("::ffff:203.0.113.0/120")
    assert networks == (ip_network("203.0.113.0/24"),)
    assert allows(networks, "203.0.113.99")
    assert allows(networks, "::ffff:203.0.113.99")
    assert not allows(networks, "203.0.114.1")


def test_a_key_is_named_by_its_beginning() -> None:
    for text in ("0123456789Ab", "ef_key_0123456789Ab_…", SECRET, " ef_key_0123456789Ab "):
        assert public_id_in(text) == "0123456789Ab"
    for text in ("", "0123456789A", "ef_key_0123456789Abc", "shop"):
        assert public_id_in(text) is None
    assert not holds_key("ef_key_0123456789Ab_…")
    assert holds_key(f"({SECRET})")


async def test_a_key_made_by_hand_is_logged_and_told_without_its_secret(shop: Shop) -> None:
    by_hand = KeyActs(shop.database, Acts(shop.database))
    terms = KeyTerms("server", frozenset(Scope), networks_of("10.0.0.0/8"), None)
    with pytest.raises(KeyRefused) as refusal:
        await by_hand.make_by_hand(9_999_999_999, terms)
    assert refusal.value.fault is KeyFault.NOBODY
    made = await by_hand.make_by_hand(USER, terms)
    assert made.key.made_by is None
    assert await by_hand.revoke_by_hand(made.key.id) is not None
    assert await by_hand.revoke_by_hand(made.key.id) is None, "once"
    async with shop.database.transaction() as tx:
        log = await tx.connection.fetch("SELECT * FROM audit_log ORDER BY id")
        told = await tx.connection.fetch(
            "SELECT * FROM outbox WHERE kind LIKE 'api_key_%' ORDER BY id"
        )
    assert [(row["act"], row["actor_id"]) for row in log] == [
        ("make_key", None),
        ("revoke_key", None),
    ]
    assert [(row["kind"], row["chat_id"]) for row in told] == [
        ("api_key_made", USER),
        ("api_key_revoked", USER),
    ]
    assert not any(made.secret[20:] in str(dict(row)) for row in (*log, *told))
