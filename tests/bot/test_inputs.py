"""Reading what people type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inputs import (
    Budget,
    EthereumAddress,
    HexAddress,
    Unclear,
    WrongAddress,
    has_transaction_id,
    looks_like_seed_phrase,
    read_address,
    read_amount_beside,
    read_budget,
    read_count,
    read_signature,
)
from chain.addresses import AddressFault, address_from_bytes, address_hex
from tests.support.shop import address

ANN = address("ann")
ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda tail: address_from_bytes(b"\x41" + tail))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3", 3),
        (" 12 ", 12),
        ("0", 0),
        ("007", 7),
        ("١٢", 12),
        ("५", 5),
        ("３", 3),
        ("五", 5),
        ("十", 10),
        ("5笔", 5),
        ("3 transfers", 3),
        ("мне 2 перевода", 2),
        ("x4", 4),
        ("Ⅻ", None),
        ("½", None),
        ("", None),
        ("many", None),
        ("1e9", None),
        ("2.5", None),
        ("2,5", None),
        ("1,000", None),
        ("-3", None),
        ("−3", None),
        ("+3", None),
        ("1-3", None),
        ("2 or 3", None),
        ("3 x 4", None),
        ("1/2", None),
        ("9" * 5000, None),
        ("🙂", None),
        ("T", None),
    ],
)
def test_counts(text: str, count: int | None) -> None:
    assert read_count(text) == count


@given(st.text())
def test_any_text_is_a_count_or_not(text: str) -> None:
    count = read_count(text)
    assert count is None or 0 <= count < 10**18


@given(st.integers(min_value=0, max_value=10**17))
def test_a_plain_number_is_read_as_it_is(number: int) -> None:
    assert read_count(str(number)) == number


@given(
    ADDRESSES, st.sampled_from(["{}", "to {}!", "адрес:{}", "{}\n谢谢", "(“{}”)", "https://x/{}"])
)
def test_an_address_is_found_in_what_stands_around_it(found: str, around: str) -> None:
    assert read_address(around.format(found)) == found


@given(ADDRESSES)
def test_the_hexadecimal_form_is_recognised(found: str) -> None:
    typed = read_address(address_hex(address_from_bytes(bytes.fromhex(address_hex(found)))))  # type: ignore[arg-type]
    assert isinstance(typed, HexAddress)
    assert typed.address == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", AddressFault.EMPTY),
        ("hello", AddressFault.EMPTY),
        (ANN[:-1], AddressFault.LENGTH),
        (ANN[:20] + "xy" + ANN[20:], AddressFault.LENGTH),
        (ANN[:10] + "0" + ANN[11:], AddressFault.ALPHABET),
        (ANN[:10] + ("a" if ANN[10] != "a" else "b") + ANN[11:], AddressFault.CHECKSUM),
    ],
)
def test_what_is_wrong_with_an_address(text: str, fault: AddressFault) -> None:
    found = read_address(text)
    assert isinstance(found, WrongAddress)
    assert found.fault is fault
    if fault is AddressFault.LENGTH:
        assert found.found_length == len(text)


def test_an_address_of_another_network_gets_its_own_hint() -> None:
    found = read_address("0x52908400098527886E0F7030069857D2E4169EE7")
    assert isinstance(found, EthereumAddress)


def test_a_good_address_wins_over_everything_around_it() -> None:
    text = f"from 0x52908400098527886E0F7030069857D2E4169EE7 to {ANN}"
    assert read_address(text) == ANN


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    read_address(text)
    has_transaction_id(text)
    looks_like_seed_phrase(text)


def test_transaction_ids_and_keys_are_seen() -> None:
    assert has_transaction_id("my payment " + "ab" * 32)
    assert has_transaction_id("https://tronscan.org/#/transaction/" + "0F" * 32)
    assert not has_transaction_id("ab" * 31)
    assert not has_transaction_id("ab" * 33)


@pytest.mark.parametrize("around", ["{}", "sig: {}", '{{"signature":"{}"}}', "it is\n{}\n!"])
@pytest.mark.parametrize("prefix", ["", "0x", "0X"])
def test_a_signature_is_found_in_what_stands_around_it(around: str, prefix: str) -> None:
    signature = prefix + "9f" * 65
    assert read_signature(around.format(signature)) == signature
    assert not has_transaction_id(around.format(signature))


def test_what_is_no_signature() -> None:
    for text in ("9f" * 64, "9f" * 66, "9f" * 65 + "g", "0x" + "9f" * 32, "T" * 34, ""):
        assert read_signature(text) is None


def test_seed_phrases_are_seen() -> None:
    phrase = "army van defense carry jealous true garbage claim echo media make crunch"
    assert looks_like_seed_phrase(phrase)
    assert looks_like_seed_phrase(f"{phrase} {phrase}")
    assert not looks_like_seed_phrase("where is my money now, I paid you an hour ago")
    assert not looks_like_seed_phrase("army van defense")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("{} 250", "250"),
        ("{}  250.5 USDT", "250.5"),
        ("send 1,250.75 to {} please", "1250.75"),
        ("{} 1 250,5", "1250.5"),
        ("{} 0,25", "0.25"),
        ("250u {}", "250"),
        ("{}：３００", "300"),
        ("{}, my 2nd wallet, 40", "40"),
    ],
)
def test_an_amount_beside_an_address(text: str, amount: str) -> None:
    assert read_amount_beside(ANN, text.format(ANN)) == Decimal(amount)


@pytest.mark.parametrize("text", ["{}", "to {} please", "{} all of it"])
def test_no_amount_beside_an_address(text: str) -> None:
    assert read_amount_beside(ANN, text.format(ANN)) is None


@pytest.mark.parametrize("text", ["{} 250 or 300", "{} -5", "{} 0", "{} 1e9", "{} 5*3", "{} 3.4.5"])
def test_an_unclear_amount_is_not_guessed(text: str) -> None:
    assert isinstance(read_amount_beside(ANN, text.format(ANN)), Unclear)


@pytest.mark.parametrize(
    ("text", "sun"),
    [
        ("20 TRX", 20_000_000),
        ("20trx", 20_000_000),
        ("trx 7.5", 7_500_000),
        ("на 12,5 ТРХ", 12_500_000),
        ("1,000 TRX", 1_000_000_000),
        ("0.0000001 TRX", 0),
    ],
)
def test_a_budget(text: str, sun: int) -> None:
    assert read_budget(text) == Budget(sun)


@pytest.mark.parametrize("text", ["20", "TRX", "-20 TRX", "20 or 30 TRX", "20 USDT", "20 trxs"])
def test_no_budget(text: str) -> None:
    assert read_budget(text) is None


@given(st.text())
def test_any_text_has_an_amount_or_not(text: str) -> None:
    read_amount_beside(ANN, text)
    read_budget(f"{text} TRX")
