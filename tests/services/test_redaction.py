"""No secret comes out of a text, wherever it stands; what is no secret does."""

from __future__ import annotations

import json
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api_keys import _KEY
from services.redaction import REDACTED, Redaction

BASE64URL = string.ascii_letters + string.digits + "-_"
HEX = "0123456789abcdef"
TXID = "5f6e4a09c3a5b1e0d9c8b7a6958473625140f3e2d1c0b9a8978685746352413f"
ADDRESS = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"

redaction = Redaction()


def words(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


# What is secret, and how it is written with what gives it away: both, so that a test can look for
# the first in what became of the second.
bot_tokens = st.builds(
    lambda number, rest: (rest, f"{number}:{rest}"),
    st.integers(10_000_000, 99_999_999_999),
    words(BASE64URL, 35, 35),
)
bot_urls = st.builds(
    lambda token: (token[0], f"https://api.telegram.org/bot{token[1]}/getMe"), bot_tokens
)
# As `services.api_keys` makes them.
api_keys = st.from_regex(_KEY, fullmatch=True).map(lambda key: (key[20:], key))
webhook_secrets = words(BASE64URL + "+/=", 24, 60).map(lambda rest: (rest, f"whsec_{rest}"))
private_keys = st.builds(
    lambda name, between, prefix, key: (key, f"{name}{between}{prefix}{key}"),
    st.sampled_from(
        [
            "private_key",
            "PRIVATE KEY",
            "key",
            "Key of hot",
            "REFUNDS__KEY",
            "seed",
            "key2",
            "secret",
        ]
    ),
    st.sampled_from(["=", ": ", '": "', "='", " = ", " is ", '\\": \\"', " was: ", "", "\n"]),
    st.sampled_from(["", "0x"]),
    words(HEX, 64, 64) | words(HEX.upper(), 64, 64),
)
passwords = words(string.ascii_letters + string.digits + "!$%^&*()_+/:#?", 8, 40)
dsns = st.builds(
    lambda scheme, password: (password, f"{scheme}://shop:{password}@db.example:5432/shop"),
    st.sampled_from(["postgresql", "postgres", "redis", "rediss"]),
    passwords,
)
options = st.builds(
    lambda name, password: (password, f"host=db {name}={password} port=5432"),
    st.sampled_from(["password", "passwd", "passphrase"]),
    words(BASE64URL, 8, 40),
)
headers = st.builds(
    lambda name, key: (key, f"{name}{key}"),
    st.sampled_from(["TRON-PRO-API-KEY: ", "'TRON-PRO-API-KEY': '", "Authorization: Bearer "]),
    words(BASE64URL, 24, 40),
)
secrets = (
    bot_tokens | bot_urls | api_keys | webhook_secrets | private_keys | dsns | options | headers
)


@given(secret=secrets, before=st.text(), after=st.text())
def test_a_secret_is_taken_out_wherever_it_stands(
    secret: tuple[str, str], before: str, after: str
) -> None:
    hidden, written = secret
    # What happens to stand around it must not complete it to something that holds it again.
    told = redaction.text(before + written + after)
    assert hidden not in told or hidden in before + after
    assert REDACTED in told


@given(secret=secrets, around=st.lists(st.text(max_size=5), max_size=3))
def test_what_is_not_text_holds_none_either(secret: tuple[str, str], around: list[str]) -> None:
    hidden, written = secret
    for thing in (
        {"deep": [{"er": (written, *around)}]},
        {written: around},
        ValueError(written),
        {written},
    ):
        told = str(redaction.value(thing))
        assert hidden not in told
        json.dumps(redaction.value(thing))


@given(st.sampled_from(["private_key", "key", "hot_key", "seed"]), words(HEX, 64, 64))
def test_the_name_of_a_value_gives_a_key_away(name: str, key: str) -> None:
    assert redaction.value({name: key}) == {name: REDACTED}
    assert redaction.value({"inner": {name: f"0x{key}"}}) == {"inner": {name: REDACTED}}
    assert redaction.value(key, name) == REDACTED


@given(words(string.printable, 10, 60), st.text(), st.text())
def test_what_is_known_to_be_secret_needs_no_form(secret: str, before: str, after: str) -> None:
    known = Redaction([secret])
    told = known.text(before + secret + after)
    assert secret not in told or secret in (before + REDACTED + after)
    assert repr(secret)[1:-1] not in known.text(f"it was {secret!r}") or REDACTED in secret


def test_a_short_secret_is_not_taken_out_of_every_word() -> None:
    assert Redaction(["a", "", "test"]).text("that was a test") == "that was a test"


PUBLIC = [
    f"transaction {TXID} (delegate) sent: success",
    f"order 1001: 65,000 energy from {ADDRESS} by {TXID}",
    f"payment {TXID} of 5000000 sun is held: no_order",
    # PostgreSQL names what is there twice.
    f'duplicate key value violates unique constraint "x" Key (payment_txid)=({TXID}) exists',
    f"undelegation {TXID} is rejected: SIGERROR: {ADDRESS}",
    f"https://tronscan.org/#/transaction/{TXID}",
    f"the block 74000000 with the id {TXID}",
    "api.trongrid.io:443 failed (no answer in 10 s), will be left in peace",
    "http://127.0.0.1:8090/wallet/getnowblock",
    "postgresql://127.0.0.1:5432/shop",
    "the key hot is not in the key store",
    "keys.passphrase is not set: what opens the key store",
    "2026-11-27T08:22:57.123+00:00",
    "job deliver paid orders took more than 60 s",
    "ann@example.com wrote to bob@example.com",
    f"{TXID}:0",
    "pool T1: no_key",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_stays_readable(text: str) -> None:
    assert redaction.text(text) == text


@given(words(HEX, 64, 64), st.integers(1, 10**9), st.sampled_from(["", " ", "\n", "("]))
def test_a_transaction_stays_readable(txid: str, number: int, before: str) -> None:
    for text in (f"order {number}: paid by {before}{txid}", f"transaction={before}{txid}"):
        assert redaction.text(text) == text
    assert redaction.value({"payment": txid, "transaction": txid}) == {
        "payment": txid,
        "transaction": txid,
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "https://api.telegram.org/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/sendMessage",
            "https://api.telegram.org/bot123456789:***/sendMessage",
        ),
        (
            "http://127.0.0.1:8500/telegram/bot42:test/getMe",
            "http://127.0.0.1:8500/telegram/bot42:***/getMe",
        ),
        ("postgresql://shop:p@ss/wo:rd@db:5432/shop", "postgresql://shop:***@db:5432/shop"),
        ("redis://:hunter2hunter2@cache:6379/0", "redis://:***@cache:6379/0"),
        ("https://me:word@node.example/jsonrpc", "https://me:***@node.example/jsonrpc"),
        (f"ef_key_0123456789Ab_{'Ab-_' * 11}", "ef_key_0123456789Ab_***"),
        ("API key ef_key_0123456789Ab_…", "API key ef_key_0123456789Ab_…"),
    ],
)
def test_what_is_left_says_whose_secret_it_was(text: str, told: str) -> None:
    assert redaction.text(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "key" * 30_000,
        "9" * 90_000 + "key",
        "redis://a:" * 9_000,
        "a" * 90_000 + "://",
        "://a:" * 20_000,
    ],
    ids=lambda text: text[:10],
)
def test_a_hostile_text_keeps_nobody_busy(text: str) -> None:
    began = time.process_time()
    redaction.text(text)
    assert time.process_time() - began < 2
