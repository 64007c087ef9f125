"""Nothing that the program shows, logs, stores or raises holds a private key or a passphrase.

Every test searches for the secret in each form in which it could be written down, and the first
one proves that the search finds it in things that do show it.
"""

from __future__ import annotations

import base64
import copy
import json
import logging
import os
import pickle
import pprint
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import coincurve.keys
import pytest
from tronpy.keys import PrivateKey

import configured_keys
from chain.addresses import Address
from chain.contracts import DelegateResource, Resource, Transfer
from chain.keys import SigningKey
from chain.transactions import Raw, encode
from composition import Services, build_services
from configured_keys import open_keys
from db.database import Database
from services import key_file, key_store
from services.key_file import Cost
from services.key_ring import KeyRing
from services.key_store import KeyStore, Passphrase, typed_key
from services.order_views import Stage
from services.pools import Pool
from services.refunds import RefundWallet
from services.signing_guard import Intent, RefusedToSign, signature_of
from settings import Settings, SettingsError, load
from tests.support.shop import TRX, USER, Shop, address, key, key_hex, open_shop

WORDS = "five words drawn by chance"
OTHER_WORDS = "five more words drawn by chance"
CHEAP = Cost(1 << 14, 8, 1)


def forms(secret: bytes) -> Iterator[str]:
    """How bytes can be written down."""
    yield secret.hex()
    yield secret.hex()[:32]
    yield secret.hex()[32:]
    yield str(int.from_bytes(secret, "big"))
    yield repr(secret)[2:-1]
    yield repr(list(secret))[1:-1]
    yield base64.b64encode(secret).decode().rstrip("=")[:-1]


def found(text: str, *names: str) -> list[str]:
    """Which of our secrets a text holds: the keys of these names, and the passphrases."""
    lower = text.lower()
    held = [
        name
        for name in names or ("hot", "wallet", "ann")
        if any(form.lower() in lower for form in forms(bytes.fromhex(key_hex(name))))
    ]
    return held + [words for words in (WORDS, OTHER_WORDS) if words in text]


def everything_shown(thing: object) -> str:
    """All that Python tells of an object when it is asked."""
    shown = [repr(thing), str(thing), f"{thing}", f"{[thing]}"]
    shown.append(pprint.pformat(thing))
    shown.append(ascii(thing))
    for name in vars(type(thing)):
        try:
            part = getattr(thing, name, None)
        except TypeError:
            continue  # what some Pythons leave over of a class that was given slots
        if callable(part):
            shown.append(repr(part))
    inner = getattr(thing, "key", thing)
    for value in (thing, inner if isinstance(inner, SigningKey) else None, inside(inner)):
        try:
            shown.append(repr(vars(value)))
        except TypeError:
            continue
    shown += map(repr, attempts(pickle.dumps, copy.copy, copy.deepcopy, thing=thing))
    return "\n".join(shown)


def inside(thing: object) -> object:
    """What a signing key keeps its secret in."""
    return thing._key if isinstance(thing, SigningKey) else None


def attempts(*actions: Callable[[Any], object], thing: object) -> Iterator[object]:
    for act in actions:
        try:
            yield act(thing)
        except TypeError as refusal:
            yield refusal


def report(act: Callable[[], object], expected: type[BaseException]) -> str:
    """What an error report with the variables of every frame says, except for the test's own."""
    with pytest.raises(expected) as raised:
        act()
    return with_variables(raised.value)


def with_variables(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = [told]
    while (told := told.__cause__ or told.__context__) is not None:  # type: ignore[assignment]
        parts.append(told)
    for part in parts:
        for frame in part.stack:
            if frame.filename == __file__:
                frame.locals = None
    return "\n".join(line for part in parts for line in part.format())


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    made = KeyStore.create(tmp_path / "keys.json", Passphrase(WORDS), cost=CHEAP)
    made.add("hot", key("hot"))
    made.add("wallet", key("wallet"))
    return made


@pytest.fixture
def broken_signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing fails in the innermost frame that Python sees."""

    def fail(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(coincurve.keys, "serialize_recoverable", fail)


@dataclass
class Leaky:
    """A key in the hands of somebody who did not read this file."""

    key: bytes


# ── the search itself ─────────────────────────────────────────────────────────────────────────


def test_the_search_finds_what_is_shown() -> None:
    secret = bytes.fromhex(key_hex("hot"))
    for form in (secret, secret.hex(), secret.hex().upper(), int.from_bytes(secret, "big")):
        assert found(f"key={form!r}") == ["hot"]
    assert found(everything_shown(PrivateKey(secret))) == ["hot"]
    assert found(f"{secret.hex()[:40]}…") == ["hot"]
    assert found(f"passphrase={WORDS!r}") == [WORDS]

    assert found(everything_shown(Leaky(secret))) == ["hot"]
    assert found(repr(pickle.dumps(secret))) == ["hot"]
    assert found(repr(vars(coincurve.keys.PrivateKey(secret)))) == ["hot"]


def test_the_report_shows_what_tronpys_own_key_would_leave_in_it(broken_signing: None) -> None:
    theirs = PrivateKey(bytes.fromhex(key_hex("hot")))
    assert found(report(lambda: theirs.sign_msg_hash(b"\x01" * 32), ZeroDivisionError)) == ["hot"]


# ── what objects show ─────────────────────────────────────────────────────────────────────────


def pool() -> Pool:
    return Pool(address=address("pool"), permission_id=2, key=key("hot"))


def wallet() -> RefundWallet:
    return RefundWallet(address("wallet"), 0, key("wallet"))


def test_no_object_shows_a_key(store: KeyStore) -> None:
    store.key("hot")
    things: list[object] = [
        key("hot"),
        pool(),
        wallet(),
        store,
        Passphrase(WORDS),
        KeyRing([key("hot")], store),
        key("hot").sign,
        key("hot").sealed,
        store.key,
        store.add,
        replace(pool(), reserve_sun=5),
    ]
    for thing in things:
        assert found(everything_shown(thing)) == [], thing
    assert address("hot") in repr(pool())
    assert address("wallet") in repr(wallet())


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_key_is_pickled(store: KeyStore, protocol: int) -> None:
    secret = key("hot")
    for thing in (secret, secret._key, store, Passphrase(WORDS), pool(), wallet()):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing, protocol)


def test_a_copy_of_a_key_is_the_key() -> None:
    secret = key("hot")
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret]) == [secret]
    assert copy.deepcopy(pool()).key.address == address("hot")


def secrets_of(folder: Path) -> dict[str, Any]:
    return {
        "data_dir": folder,
        "keys": {"passphrase": WORDS},
        "telegram": {"token": "42:test"},
        "payment": {"address": address("payments")},
        "pools": [
            {"address": address("pool"), "key": key_hex("hot")},
            {"address": address("ben"), "key_name": "hot"},
        ],
        "refunds": {"key": key_hex("wallet")},
    }


def test_no_configuration_shows_a_key(tmp_path: Path) -> None:
    settings = load(**secrets_of(tmp_path))
    for thing in (settings, *settings.pools, settings.refunds, settings.keys):
        assert found(everything_shown(thing)) == [], thing
    for told in (
        settings.model_dump(),
        settings.model_dump(mode="json"),
        settings.model_dump_json(),
        settings.model_copy(deep=True),
        vars(settings),
    ):
        assert found(f"{told} {told!r} {pprint.pformat(told)}") == []


# ── what errors show ──────────────────────────────────────────────────────────────────────────


def intent() -> Intent:
    contract = DelegateResource(address("pool"), address("ann"), TRX, Resource.ENERGY)
    return Intent(contract, b"\x01\x02", b"\x03" * 8, 1_000, 1_001, 61_000)


def encoded(meant: Intent, permission_id: int) -> bytes:
    return encode(
        Raw(
            meant.contract,
            meant.ref_block_bytes,
            meant.ref_block_hash,
            meant.expiration_ms,
            meant.timestamp_ms,
            permission_id=permission_id,
        )
    )


def test_an_error_inside_signing_shows_no_key(broken_signing: None) -> None:
    said = report(lambda: signature_of(encoded(intent(), 2), intent(), pool()), ZeroDivisionError)
    assert "sign_recoverable" in said
    assert found(said) == []
    assert found(report(lambda: key("hot").sign_message("text"), ZeroDivisionError)) == []


def test_a_refusal_to_sign_shows_no_key() -> None:
    said = report(lambda: signature_of(encoded(intent(), 3), intent(), pool()), RefusedToSign)
    assert found(said) == []


@pytest.mark.parametrize("cut", [1, 2, 31, 48])
def test_what_is_nearly_a_key_is_not_in_the_error(cut: int) -> None:
    digits = key_hex("hot")
    for act in (SigningKey.from_hex, typed_key):
        for text in (digits[:-cut], digits + "0" * cut, digits[:-1] + "g", f"{digits} {digits}"):
            said = report(lambda act=act, text=text: act(text), Exception)  # type: ignore[misc]
            assert text not in said
            assert digits[:-cut] not in said


def broken(*_: object, **__: object) -> Any:
    raise ZeroDivisionError


def test_an_error_inside_the_key_store_shows_no_key(
    store: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store.path
    said = [
        report(lambda: KeyStore.open(path, Passphrase(OTHER_WORDS)), key_file.KeyStoreError),
        report(lambda: store.add("hot", key("ann")), key_file.KeyStoreError),
        report(
            lambda: KeyStore.create(path, Passphrase(WORDS), cost=CHEAP), key_file.KeyStoreError
        ),
    ]
    fresh = KeyStore.open(path, Passphrase(WORDS))
    unopened = KeyStore.open(path, Passphrase(WORDS))
    for module, name, act in (
        (key_file, "render", lambda: fresh.add("later", key("ann"))),
        (key_file, "render", lambda: fresh.change_passphrase(Passphrase(OTHER_WORDS), cost=CHEAP)),
        (os, "fsync", lambda: fresh.generate("later")),
        (SigningKey, "__init__", lambda: unopened.key("hot")),
        (key_store, "AESGCM", lambda: KeyStore.open(path, Passphrase(WORDS))),
        (key_store, "Scrypt", lambda: KeyStore.open(path, Passphrase(WORDS))),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, broken)
            said.append(report(act, ZeroDivisionError))
    assert "sealed" in "".join(said)
    assert found("\n".join(said)) == []


def test_an_error_in_the_configuration_shows_no_key(
    store: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENERGY_FLASH_REFUNDS__KEY", key_hex("hot") + "0")
    monkeypatch.setenv("ENERGY_FLASH_POOLS", json.dumps([{"address": "T1", "key": key_hex("ann")}]))
    monkeypatch.setenv("ENERGY_FLASH_PAYMENT__ADDRESS", key_hex("wallet"))
    monkeypatch.setenv("ENERGY_FLASH_KEYS__PASSPHRASE", WORDS)
    monkeypatch.setenv("ENERGY_FLASH_KEYS__PASSPHRASE_FILE", "/nowhere")
    monkeypatch.setenv("ENERGY_FLASH_DATA_DIR", str(tmp_path))
    said = report(load, SettingsError)
    assert said.count("should") >= 3
    assert found(said) == []

    monkeypatch.delenv("ENERGY_FLASH_REFUNDS__KEY")
    monkeypatch.delenv("ENERGY_FLASH_PAYMENT__ADDRESS")
    monkeypatch.delenv("ENERGY_FLASH_KEYS__PASSPHRASE_FILE")
    monkeypatch.setenv(
        "ENERGY_FLASH_POOLS",
        json.dumps(
            [
                {"address": address("pool"), "key": key_hex("ann")},
                {"address": address("ben"), "key_name": "cold"},
            ]
        ),
    )
    settings = load()
    said = report(lambda: open_keys(settings), SettingsError)
    assert "cold" in said
    assert found(said) == []
    monkeypatch.setenv("ENERGY_FLASH_KEYS__PASSPHRASE", OTHER_WORDS)
    wrong = load()
    said = report(lambda: open_keys(wrong), SettingsError)
    assert "does not open" in said
    assert found(said) == []


def test_an_error_while_a_passphrase_is_asked_for_shows_none_of_it(
    store: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configured_keys, "at_a_terminal", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _: OTHER_WORDS)
    pools = [{"address": address("pool"), "key_name": "hot"}]
    settings = load(data_dir=tmp_path, pools=pools)
    said = report(lambda: open_keys(settings), SettingsError)
    assert "does not open" in said
    assert found(said) == []


# ── a whole day of a shop ─────────────────────────────────────────────────────────────────────


def with_store(shop: Shop, folder: Path) -> tuple[Settings, Services]:
    """The same shop, whose keys are in the store."""
    settings = load(
        data_dir=folder,
        keys={"passphrase": WORDS},
        telegram={"token": "42:test"},
        tron=shop.settings.tron,
        payment={"address": address("payments")},
        pools=[{"address": address("pool"), "permission_id": 2, "key_name": "hot"}],
        refunds={"key_name": "wallet"},
    )
    return settings, build_services(settings, shop.database, shop.node)


async def live_a_day(shop: Shop) -> None:
    """A sale, its end, and a refund."""
    order = await shop.order()
    shop.pay(order, sun=order.amount_sun + 5 * TRX)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    await shop.services.refunds.pay_out(USER, address("ann"), 5 * TRX)
    await shop.block(22)
    shop.advance(3600)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.ENDED
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch("SELECT DISTINCT kind FROM chain_transactions")
    assert {row["kind"] for row in rows} == {"delegate", "undelegate", "transfer"}


async def dumped(database: Database) -> str:
    """Every value of every column of every table, as text."""
    lines = []
    async with database.transaction() as tx:
        columns = await tx.connection.fetch(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY 1, 2"
        )
        for table, column, kind in columns:
            text = f"encode(\"{column}\", 'hex')" if kind == "bytea" else f'"{column}"::text'
            rows = await tx.connection.fetch(f'SELECT {text} FROM "{table}"')
            lines += [f"{table}.{column} = {row[0]}" for row in rows]
    return "\n".join(lines)


@pytest.mark.parametrize("kept", ["in the configuration", "in the store"])
async def test_no_log_and_no_table_holds_a_key_after_a_whole_day(
    database: str,
    store: KeyStore,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    kept: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_shop(database) as shop:
        if kept == "in the store":
            shop.settings, shop.services = with_store(shop, tmp_path)
        await live_a_day(shop)
        rows = await dumped(shop.database)
    told = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    # Both were looked at: what is no secret is in them.
    assert logging.getLogger("services.write_ahead").isEnabledFor(logging.DEBUG)
    assert logging.getLogger("chain.node").isEnabledFor(logging.DEBUG)
    assert all(f"({kind}) sent" in told for kind in ("delegate", "undelegate", "transfer"))
    assert address("pool") in rows
    assert len(rows.splitlines()) > 100
    assert found(told) == []
    assert found(rows) == []
    assert found(store.path.read_text(encoding="utf-8")) == []


async def test_an_error_report_from_a_signing_shop_holds_no_key(
    database: str,
    store: KeyStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_shop(database) as shop:
        shop.settings, shop.services = with_store(shop, tmp_path)
        order = await shop.order()
        shop.pay(order, sun=order.amount_sun + 5 * TRX)
        shop.chain.produce_blocks(2)
        await shop.services.scanner.scan()
        await shop.services.refunds.pay_out(USER, address("ann"), 5 * TRX)
        monkeypatch.setattr(coincurve.keys, "serialize_recoverable", broken)
        # Whether one order's trouble is raised or told and passed over, somebody reports it.
        errors: list[BaseException] = []
        for act in (shop.services.delegations.deliver_due, shop.services.refund_transfers.send_due):
            try:
                await act()
            except ZeroDivisionError as error:
                errors.append(error)
        errors += [
            each.exc_info[1] for each in caplog.records if each.exc_info and each.exc_info[1]
        ]
        said = [with_variables(error) for error in errors]
        assert len(said) == 2
        for each in said:
            assert "signer = " in each
            assert "signature_of" in each
            assert found(each) == []


def test_a_transfer_of_the_wallet_is_no_secret_but_its_key_is() -> None:
    """What the search must not cry about: addresses, ids and signatures are public."""
    contract = Transfer(Address(address("wallet")), address("ann"), TRX)
    raw_bytes = encode(Raw(contract, b"\x01\x02", b"\x03" * 8, 61_000, 1_001))
    assert found(f"{raw_bytes.hex()} {key('wallet').sign(raw_bytes).hex()}") == []
