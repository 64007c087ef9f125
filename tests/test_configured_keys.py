"""The keys of a shop: from the configuration, from the key store, or a clear word why not."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest

import configured_keys
from composition import build_services
from configured_keys import key_address, open_keys
from services.key_file import Cost
from services.key_ring import KeyRing
from services.key_store import KeyStore, Passphrase
from services.order_views import Stage
from settings import Settings, SettingsError, load
from tests.support.shop import USER, Shop, address, key, key_hex, open_shop

WORDS = "five words drawn by chance"
CHEAP = Cost(1 << 14, 8, 1)
HOT_POOL = {"address": address("pool"), "permission_id": 2, "key_name": "hot"}


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("ENERGY_FLASH_"):
            monkeypatch.delenv(name)


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    made = KeyStore.create(tmp_path / "keys.json", Passphrase(WORDS), cost=CHEAP)
    made.add("hot", key("hot"))
    made.add("wallet", key("wallet"))
    return made


def configured(folder: Path, *, passphrase: str | None = WORDS, **sections: Any) -> Settings:
    keys = {"passphrase": passphrase} if passphrase else {}
    return load(data_dir=folder, **({"keys": keys} | sections))


def refusal(settings: Settings) -> str:
    with pytest.raises(SettingsError) as refused:
        open_keys(settings)
    assert WORDS not in str(refused.value)
    return str(refused.value)


def test_keys_come_from_the_configuration_and_from_the_store(
    store: KeyStore, tmp_path: Path
) -> None:
    own = {"address": address("ben"), "key": key_hex("ann")}
    settings = configured(tmp_path, pools=[HOT_POOL, own], refunds={"key_name": "wallet"})
    keys = open_keys(settings)
    for name in ("hot", "ann", "wallet"):
        found = keys.of(address(name))
        assert found is not None
        assert found.sign(b"bytes") == key(name).sign(b"bytes")
    assert keys.of(address("ben")) is None
    assert [key_address(settings, pool) for pool in settings.pools] == [
        address("hot"),
        address("ann"),
    ]


def test_the_store_is_opened_for_pools_that_come_later(store: KeyStore, tmp_path: Path) -> None:
    keys = open_keys(configured(tmp_path))
    assert keys.of(address("ben")) is None
    store.add("later", key("ben"))
    found = keys.of(address("ben"))
    assert found is not None
    assert found.address == address("ben")


def test_a_store_that_nobody_needs_is_passed_over_without_its_passphrase(
    store: KeyStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert open_keys(configured(tmp_path, passphrase=None)).of(address("hot")) is None
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "ENERGY_FLASH_KEYS__PASSPHRASE" in record.message


def test_without_a_store_nothing_is_asked(tmp_path: Path) -> None:
    own = {"address": address("pool"), "key": key_hex("hot")}
    assert open_keys(configured(tmp_path, passphrase=None, pools=[own])).of(address("hot"))


@pytest.mark.parametrize(
    ("sections", "passphrase", "said"),
    [
        ({"pools": [HOT_POOL]}, None, "passphrase of the key store is not known (pools.0)"),
        ({"pools": [HOT_POOL]}, "something else entirely", "does not open the key store"),
        ({"pools": [HOT_POOL | {"key_name": "cold"}]}, WORDS, "pools.0.key_name: There is no key"),
        ({"refunds": {"key_name": "cold"}}, WORDS, "refunds.key_name: There is no key named cold"),
    ],
)
def test_what_keeps_a_key_from_being_used_is_said(
    store: KeyStore,
    tmp_path: Path,
    sections: dict[str, Any],
    passphrase: str | None,
    said: str,
) -> None:
    assert said in refusal(configured(tmp_path, passphrase=passphrase, **sections))


def test_a_store_that_is_not_there_or_not_safe_is_said_first(tmp_path: Path) -> None:
    for passphrase in (WORDS, None):
        said = refusal(configured(tmp_path, passphrase=passphrase, pools=[HOT_POOL]))
        assert "There is no key store" in said
    KeyStore.create(tmp_path / "keys.json", Passphrase(WORDS), cost=CHEAP)
    (tmp_path / "keys.json").chmod(0o644)
    for passphrase in (WORDS, None):
        said = refusal(configured(tmp_path, passphrase=passphrase, pools=[HOT_POOL]))
        assert "chmod 600" in said


def test_a_person_at_the_terminal_is_asked(
    store: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def getpass(question: str) -> str:
        asked.append(question)
        return WORDS

    monkeypatch.setattr(configured_keys, "at_a_terminal", lambda: True)
    monkeypatch.setattr("getpass.getpass", getpass)
    settings = configured(tmp_path, passphrase=None, pools=[HOT_POOL])
    assert open_keys(settings).of(address("hot")) is not None
    assert asked == [f"Passphrase of the key store {tmp_path / 'keys.json'}: "]
    open_keys(configured(tmp_path, pools=[HOT_POOL]))
    assert len(asked) == 1


def test_a_person_who_just_presses_enter_goes_without_a_store_that_nobody_needs(
    store: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configured_keys, "at_a_terminal", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _: "")
    assert open_keys(configured(tmp_path, passphrase=None)).of(address("hot")) is None
    needed = configured(tmp_path, passphrase=None, pools=[HOT_POOL])
    assert "does not open" in refusal(needed)


def test_a_ring_without_a_store_has_what_it_was_given() -> None:
    ring = KeyRing([key("hot")])
    assert ring.of(address("hot")) is not None
    assert ring.of(address("ann")) is None


async def test_a_shop_sells_and_refunds_with_keys_of_the_store(
    database: str, store: KeyStore, tmp_path: Path
) -> None:
    async with open_shop(database, refunds={}) as other:
        settings = load(
            data_dir=tmp_path,
            keys={"passphrase": WORDS},
            telegram={"token": "42:test"},
            tron=other.settings.tron,
            payment={"address": address("payments")},
            pools=[HOT_POOL],
            refunds={"key_name": "wallet"},
        )
        services = build_services(settings, other.database, other.node)
        shop = Shop(other.chain, other.faults, other.database, other.node, services, settings)
        order = await shop.order()
        shop.pay(order, sun=order.amount_sun + 5_000_000)
        await shop.block(3)
        assert (await shop.look(order)).stage is Stage.DELIVERED
        before = shop.trx_of("wallet")
        await services.refunds.pay_out(USER, address("ann"), 5_000_000)
        await shop.block(22)
        assert shop.trx_of("wallet") < before
