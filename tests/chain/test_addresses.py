from __future__ import annotations

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.addresses import (
    AddressFault,
    InvalidAddress,
    address_bytes,
    address_from_bytes,
    address_from_hex,
    address_hex,
    find_address,
    is_address,
    parse_address,
)
from tests.chain.samples import VECTORS

USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
OTHER = "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC"

addresses = st.binary(min_size=20, max_size=20).map(lambda raw: address_from_bytes(b"\x41" + raw))


@pytest.mark.parametrize("vector", VECTORS["addresses"], ids=lambda vector: vector["base58"])
def test_known_addresses_convert_both_ways(vector: dict[str, str]) -> None:
    address = parse_address(vector["base58"])
    assert address_hex(address) == vector["hex"]
    assert address_bytes(address) == bytes.fromhex(vector["hex"])
    assert address_from_hex(vector["hex"]) == address
    assert address_from_hex(vector["hex"].upper()) == address
    assert address_from_bytes(bytes.fromhex(vector["hex"])) == address


@pytest.mark.parametrize("vector", VECTORS["invalid_addresses"], ids=lambda vector: vector["why"])
def test_known_wrong_addresses_are_refused(vector: dict[str, str]) -> None:
    assert not is_address(vector["value"])
    with pytest.raises(InvalidAddress):
        parse_address(vector["value"])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", AddressFault.EMPTY),
        (USDT[:-1], AddressFault.LENGTH),
        (USDT + "t", AddressFault.LENGTH),
        (f" {USDT}", AddressFault.LENGTH),
        (f"{USDT}\n", AddressFault.LENGTH),
        (f" {USDT[:-1]}", AddressFault.ALPHABET),
        (USDT[:-1] + "0", AddressFault.ALPHABET),
        (USDT[:-1] + "l", AddressFault.ALPHABET),
        ("Т" + USDT[1:], AddressFault.ALPHABET),  # a Cyrillic letter
        (USDT[:-1] + "u", AddressFault.CHECKSUM),
        (USDT.lower().replace("l", "m"), AddressFault.CHECKSUM),
        ("1" * 34, AddressFault.CHECKSUM),
        ("z" * 34, AddressFault.CHECKSUM),
        ("TZJozAg1ruapycCicgz31GxvYJ1G1qELV7", AddressFault.NOT_TRON),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", AddressFault.NOT_TRON),  # Bitcoin
        ("0x5cd0fb0ab3ce40f3051414c604b27756e69e43db", AddressFault.NOT_TRON),  # Ethereum
        ("415cd0fb0ab3ce40f3051414c604b27756e69e43db", AddressFault.LENGTH),
    ],
)
def test_the_fault_is_named(text: str, fault: AddressFault) -> None:
    with pytest.raises(InvalidAddress) as refused:
        parse_address(text)
    assert refused.value.fault is fault
    assert refused.value.text == text
    assert refused.value.found_length == len(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", AddressFault.EMPTY),
        ("41", AddressFault.LENGTH),
        ("41" + "0g" * 20, AddressFault.ALPHABET),
        ("41" + " 0" * 20, AddressFault.ALPHABET),
        ("a0" + "00" * 20, AddressFault.NOT_TRON),
    ],
)
def test_faults_of_hex_addresses(text: str, fault: AddressFault) -> None:
    with pytest.raises(InvalidAddress) as refused:
        address_from_hex(text)
    assert refused.value.fault is fault


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", AddressFault.EMPTY),
        (b"\x41" * 20, AddressFault.LENGTH),
        (b"\x41" * 22, AddressFault.LENGTH),
        (b"\x42" * 21, AddressFault.NOT_TRON),
    ],
)
def test_faults_of_address_bytes(raw: bytes, fault: AddressFault) -> None:
    with pytest.raises(InvalidAddress) as refused:
        address_from_bytes(raw)
    assert refused.value.fault is fault


@given(st.binary(min_size=20, max_size=20))
def test_every_address_round_trips(body: bytes) -> None:
    raw = b"\x41" + body
    address = address_from_bytes(raw)
    assert len(address) == 34
    assert address.startswith("T")
    assert parse_address(address) == address
    assert address_bytes(address) == raw
    assert address == base58.b58encode_check(raw).decode()


@given(addresses, st.integers(0, 33), st.sampled_from("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcz0OIl "))
def test_no_single_slip_goes_unnoticed(address: str, position: int, letter: str) -> None:
    changed = address[:position] + letter + address[position + 1 :]
    assert is_address(changed) == (changed == address)


@given(st.integers(0, 255), st.binary(min_size=20, max_size=20))
def test_only_one_prefix_is_an_address(prefix: int, body: bytes) -> None:
    text = base58.b58encode_check(bytes([prefix]) + body).decode()
    assert is_address(text) == (prefix == 0x41)


@pytest.mark.parametrize(
    "text",
    [
        USDT,
        f"  {USDT}\n",
        f"my wallet: {USDT}, thanks!",
        f"我的地址是{USDT}谢谢",
        f"адрес {USDT}.",
        f"https://tronscan.org/#/address/{USDT}",
        f"https://tronscan.org/#/address/{USDT}/transfers?lang=en",
        f"tron:{USDT}?amount=5",
        f"`{USDT}`",
        f"\u200b{USDT[:10]}\u200d{USDT[10:]}\ufeff",
        f"{USDT[:17]}\n{USDT[17:]}",
        f"{USDT[:4]} {USDT[4:20]} {USDT[20:]}",
        f"wallet{USDT}end",
        f"not {OTHER[:-1]}D but {USDT}",
        f"{USDT} or {OTHER}",
        "".join(chr(ord(letter) + 0xFEE0) for letter in USDT),  # full-width letters
    ],
)
def test_an_address_is_found_wherever_it_stands(text: str) -> None:
    assert find_address(text) == USDT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"send to {USDT[:-1]}u please", USDT[:-1] + "u"),
        (f"send to {USDT[:-1]}", USDT[:-1]),
        (f"send to {USDT}x", USDT),
        (
            "0x5cd0fb0ab3ce40f3051414c604b27756e69e43db",
            "0x5cd0fb0ab3ce40f3051414c604b27756e69e43db",
        ),
        (f"Т{USDT[1:]}", f"Т{USDT[1:]}"),
        (f"{USDT[:-1]}0 of tx {'ab' * 32}", USDT[:-1] + "0"),
    ],
)
def test_a_wrong_address_is_found_so_that_its_fault_can_be_named(text: str, found: str) -> None:
    assert find_address(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "   ", "hello", "/start", "What is an address, and where do I find it?", "你好", "65000"],
)
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert find_address(text) is None


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    found = find_address(text)
    assert found is None or found


@given(
    addresses, st.text("abc ,.:;!地址\n\u200b", max_size=30), st.text("xyz ,.!。\n", max_size=30)
)
def test_a_valid_address_is_always_found(address: str, before: str, after: str) -> None:
    assert find_address(before + address + after) == address
