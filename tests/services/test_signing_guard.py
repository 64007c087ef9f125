"""What the key sees, and what it never sees: bytes that say anything but what was meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chain.contracts import (
    Contract,
    DelegateResource,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
)
from chain.keys import SigningKey, recover
from chain.protobuf import bytes_field, varint_field
from chain.transactions import Raw, encode
from services.pools import Pool
from services.refunds import RefundWallet
from services.signing_guard import Intent, RefusedToSign, Sendable, Signer, signature_of
from tests.chain.any_transaction import addresses, contracts, raws
from tests.support.shop import TRX, address, key

HOT = key("hot")
WALLET = RefundWallet(address("wallet"), 0, key("wallet"))
POOL = Pool(address=address("pool"), permission_id=3, key=HOT)
BORN_MS = 1_795_000_000_000
DELEGATION = DelegateResource(address("pool"), address("ann"), 7 * TRX, Resource.ENERGY)
RECLAIM = UnDelegateResource(address("pool"), address("ann"), 7 * TRX, Resource.ENERGY)
REFUND = Transfer(address("wallet"), address("ann"), 5 * TRX)
EACH: list[tuple[Sendable, Signer]] = [(DELEGATION, POOL), (RECLAIM, POOL), (REFUND, WALLET)]
each = pytest.mark.parametrize(
    ("contract", "signer"), EACH, ids=["delegation", "reclaim", "refund"]
)


@dataclass(frozen=True)
class Untouchable:
    """A signer whose key fails the test that lets it see anything."""

    address: Any
    permission_id: int

    @property
    def key(self) -> SigningKey:
        raise AssertionError("the key was asked for")


class UntouchableWallet(RefundWallet):
    """The same as a refund wallet, which the guard tells by its class."""

    def __getattribute__(self, name: str) -> Any:
        if name == "key":
            raise AssertionError("the key was asked for")
        return object.__getattribute__(self, name)


def untouchable(signer: Signer) -> Signer:
    if isinstance(signer, RefundWallet):
        return UntouchableWallet(signer.address, signer.permission_id, signer.key)
    return Untouchable(signer.address, signer.permission_id)


def intent_of(contract: Sendable) -> Intent:
    return Intent(
        contract=contract,
        ref_block_bytes=b"\x12\x34",
        ref_block_hash=b"\x05" * 8,
        born_ms=BORN_MS,
        timestamp_ms=BORN_MS + 1,
        expiration_ms=BORN_MS + 60_000,
    )


def raw_of(intent: Intent, signer: Signer, **changes: Any) -> Raw:
    meant = Raw(
        contract=intent.contract,
        ref_block_bytes=intent.ref_block_bytes,
        ref_block_hash=intent.ref_block_hash,
        expiration_ms=intent.expiration_ms,
        timestamp_ms=intent.timestamp_ms,
        permission_id=signer.permission_id,
    )
    return replace(meant, **changes)


def refused(raw_bytes: bytes, intent: Intent, signer: Signer) -> str:
    """Why the bytes are refused; the key saw nothing of them."""
    with pytest.raises(RefusedToSign) as refusal:
        signature_of(raw_bytes, intent, untouchable(signer))
    return str(refusal.value)


# ── what is meant is signed ───────────────────────────────────────────────────────────────────


@each
def test_what_was_meant_is_signed_by_its_key(contract: Sendable, signer: Signer) -> None:
    intent = intent_of(contract)
    raw_bytes = encode(raw_of(intent, signer))
    assert recover(raw_bytes, signature_of(raw_bytes, intent, signer)) == signer.key.address


def test_the_test_itself_sees_whether_a_key_is_asked_for() -> None:
    for contract, signer in EACH:
        intent = intent_of(contract)
        with pytest.raises(AssertionError, match="asked for"):
            signature_of(encode(raw_of(intent, signer)), intent, untouchable(signer))


def test_a_signature_of_another_key_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    intent = intent_of(DELEGATION)
    raw_bytes = encode(raw_of(intent, POOL))
    sign, other = SigningKey.sign, key("ann")
    monkeypatch.setattr(SigningKey, "sign", lambda _, raw: sign(other, raw))
    with pytest.raises(RefusedToSign, match="does not fit"):
        signature_of(raw_bytes, intent, POOL)


# ── whatever else the bytes say ───────────────────────────────────────────────────────────────


@each
def test_any_single_changed_byte_is_refused(contract: Sendable, signer: Signer) -> None:
    intent = intent_of(contract)
    raw_bytes = encode(raw_of(intent, signer))
    for place in range(len(raw_bytes)):
        for flipped in (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF):
            changed = bytearray(raw_bytes)
            changed[place] ^= flipped
            refused(bytes(changed), intent, signer)


@given(st.data())
def test_any_bytes_cut_out_put_in_or_replaced_are_refused(data: st.DataObject) -> None:
    contract, signer = data.draw(st.sampled_from(EACH))
    intent = intent_of(contract)
    raw_bytes = encode(raw_of(intent, signer))
    start = data.draw(st.integers(0, len(raw_bytes)))
    end = data.draw(st.integers(start, min(len(raw_bytes), start + 4)))
    changed = raw_bytes[:start] + data.draw(st.binary(max_size=6)) + raw_bytes[end:]
    assume(changed != raw_bytes)
    refused(changed, intent, signer)


@given(raws, st.sampled_from(EACH))
def test_any_other_transaction_is_refused(
    raw: Raw, contract_and_signer: tuple[Sendable, Signer]
) -> None:
    contract, signer = contract_and_signer
    refused(encode(raw), intent_of(contract), signer)


@given(contracts, st.sampled_from(EACH))
def test_any_other_contract_in_the_same_frame_is_refused(
    other: Contract, contract_and_signer: tuple[Sendable, Signer]
) -> None:
    contract, signer = contract_and_signer
    intent = intent_of(contract)
    refused(encode(raw_of(intent, signer, contract=other)), intent, signer)


@given(st.data())
def test_any_changed_field_of_the_contract_is_refused(data: st.DataObject) -> None:
    contract, signer = data.draw(st.sampled_from(EACH))
    change: dict[str, Any] = {}
    match data.draw(st.sampled_from(sorted(contract.__dataclass_fields__))):
        case "owner" | "to" | "receiver" as name:
            change[name] = data.draw(addresses)
        case "amount" | "balance" as name:
            change[name] = data.draw(st.integers(-(1 << 63), (1 << 63) - 1))
        case "resource":
            change["resource"] = data.draw(st.sampled_from(Resource))
        case "lock":
            change["lock"] = True
        case "lock_period":
            change["lock_period"] = data.draw(st.integers(1, 864_000))
    other = replace(contract, **change)
    assume(other != contract)
    intent = intent_of(contract)
    refused(encode(raw_of(intent, signer, contract=other)), intent, signer)


@given(st.data())
def test_any_changed_field_around_the_contract_is_refused(data: st.DataObject) -> None:
    contract, signer = data.draw(st.sampled_from(EACH))
    intent = intent_of(contract)
    number = st.integers(0, (1 << 63) - 1)
    change = data.draw(
        st.one_of(
            st.fixed_dictionaries({"ref_block_bytes": st.binary(max_size=2)}),
            st.fixed_dictionaries({"ref_block_hash": st.binary(max_size=8)}),
            st.fixed_dictionaries({"expiration_ms": number}),
            st.fixed_dictionaries({"timestamp_ms": number}),
            st.fixed_dictionaries({"memo": st.binary(min_size=1, max_size=20)}),
            st.fixed_dictionaries({"fee_limit": st.integers(1, 15_000 * TRX)}),
            st.fixed_dictionaries({"permission_id": st.integers(0, 9)}),
        )
    )
    other = raw_of(intent, signer, **change)
    assume(other != raw_of(intent, signer))
    refused(encode(other), intent, signer)


@each
def test_a_second_contract_is_refused(contract: Sendable, signer: Signer) -> None:
    intent = intent_of(contract)
    raw_bytes = encode(raw_of(intent, signer))
    whole = encode(Raw(contract, b"", b"", 0, 0, permission_id=signer.permission_id))
    assert "2 contracts" in refused(raw_bytes + whole, intent, signer)
    assert "2 contracts" in refused(whole + raw_bytes, intent, signer)


@each
def test_the_same_said_in_other_bytes_is_refused(contract: Sendable, signer: Signer) -> None:
    """Both would be taken by the network, under an id that nobody here knows."""
    intent = intent_of(contract)
    raw_bytes = encode(raw_of(intent, signer))
    twice = raw_bytes + varint_field(14, intent.timestamp_ms)
    empty_memo = raw_bytes + bytes_field(10, b"")
    no_fee_limit = raw_bytes + b"\x90\x01\x00"
    for other in (twice, empty_memo, no_fee_limit):
        assert "not those that we encode" in refused(other, intent, signer)


# ── what this signer may never sign, even if it was meant ─────────────────────────────────────


@pytest.mark.parametrize(
    ("contract", "signer", "said"),
    [
        (Transfer(POOL.address, address("ann"), 5), POOL, "Transfer is nothing"),
        (replace(DELEGATION, owner=WALLET.address), WALLET, "DelegateResource is nothing"),
        (replace(RECLAIM, owner=WALLET.address), WALLET, "UnDelegateResource is nothing"),
        (TriggerSmartContract(POOL.address, address("ann")), POOL, "TriggerSmart"),
        (TriggerSmartContract(WALLET.address, address("ann")), WALLET, "TriggerSmart"),
        (replace(DELEGATION, lock=True), POOL, "locked"),
        (replace(DELEGATION, lock_period=86_400), POOL, "locked"),
        (replace(DELEGATION, resource=Resource.BANDWIDTH), POOL, "BANDWIDTH"),
        (replace(RECLAIM, resource=Resource.TRON_POWER), POOL, "TRON_POWER"),
        (replace(DELEGATION, owner=address("ann")), POOL, "not the account"),
        (replace(DELEGATION, receiver=POOL.address), POOL, "where it comes from"),
        (replace(DELEGATION, balance=0), POOL, "no amount"),
        (replace(REFUND, amount=-1), WALLET, "no amount"),
        (replace(REFUND, owner=address("payments")), WALLET, "not the account"),
    ],
)
def test_what_is_meant_is_refused_all_the_same(contract: Any, signer: Signer, said: str) -> None:
    intent = intent_of(contract)
    assert said in refused(encode(raw_of(intent, signer)), intent, signer)


@pytest.mark.parametrize("life", [timedelta(0), -timedelta(seconds=1), timedelta(days=1.01)])
def test_a_life_of_more_than_a_day_is_refused_even_if_it_was_meant(life: timedelta) -> None:
    intent = replace(
        intent_of(DELEGATION), expiration_ms=BORN_MS + life // timedelta(milliseconds=1)
    )
    assert "live" in refused(encode(raw_of(intent, POOL)), intent, POOL)


def test_a_day_is_not_too_long() -> None:
    intent = replace(intent_of(DELEGATION), expiration_ms=BORN_MS + 86_400_000)
    assert signature_of(encode(raw_of(intent, POOL)), intent, POOL)
