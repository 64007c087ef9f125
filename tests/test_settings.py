"""Configuration: where a value comes from, and what is said about a wrong one."""

from __future__ import annotations

import copy
import json
import os
import pickle
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import settings
from settings import Settings, SettingsError, load

SHIPPED = Path(settings.__file__).with_name("config.toml")
POOL = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
KEY = "5" * 64


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("ENERGY_FLASH_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def configure(text: str) -> None:
    Path("config.toml").write_text(text, encoding="utf-8")


def lines(**overrides: object) -> list[str]:
    """What is said about the present configuration, each without the place it came from."""
    with pytest.raises(SettingsError) as refusal:
        load(**overrides)
    assert str(refusal.value) == "\n".join(refusal.value.lines)
    return [line.rpartition(" (")[0] or line for line in refusal.value.lines]


# ── where a value comes from ──────────────────────────────────────────────────────────────────


def test_the_shipped_file_says_what_the_defaults_are() -> None:
    configure("")
    defaults = load()
    Path("config.toml").unlink()
    assert load() == defaults


def test_the_shipped_file_names_every_setting() -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    for key in settings.setting_names():
        name = key.rpartition(".")[2]
        assert any(line.lstrip("# ").startswith(f"{name} =") for line in shipped.splitlines()) or (
            f"[[{name}]]" in shipped
        ), f"config.toml does not mention {key}"


def test_every_line_of_the_shipped_file_is_explained() -> None:
    above = ""
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        if " = " in line and not line.startswith("#"):
            assert above.startswith(("#", "[[")) or " = " in above, line
        above = line


def test_the_environment_wins_over_the_file_and_the_caller_over_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure('data_dir = "file"\n[tron]\npoll_seconds = 1\nrequests_per_second = 2\n')
    monkeypatch.setenv("ENERGY_FLASH_TRON__POLL_SECONDS", "0.5")
    monkeypatch.setenv("ENERGY_FLASH_DATA_DIR", "environment")
    found = load(data_dir=Path("caller"))
    assert found.tron.poll_seconds == 0.5
    assert found.tron.requests_per_second == 2
    assert found.data_dir == Path("caller")
    assert load().data_dir == Path("environment")
    assert found.payment.minutes == 30


def test_lists_and_tables_are_json_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = {"address": POOL, "permission_id": 3, "key": KEY, "reserve_sun": 5_000_000}
    monkeypatch.setenv("ENERGY_FLASH_POOLS", json.dumps([pool]))
    monkeypatch.setenv("ENERGY_FLASH_TELEGRAM__ADMINS", "[7, 8]")
    monkeypatch.setenv("ENERGY_FLASH_PAYMENT", '{"minutes": 5, "dust_sun": 1}')
    monkeypatch.setenv("ENERGY_FLASH_PAYMENT__DUST_SUN", "2")
    monkeypatch.setenv(
        "ENERGY_FLASH_PRICES", '[{"duration_hours": 0.25, "sun_per_energy": 30, "minimum_sun": 1}]'
    )
    found = load()
    assert found.pools[0].address == POOL
    assert found.pools[0].permission_id == 3
    assert found.pools[0].key is not None
    assert found.pools[0].key.get_secret_value() == KEY
    assert found.telegram.admins == (7, 8)
    assert (found.payment.minutes, found.payment.dust_sun) == (5, 2)
    assert found.prices[0].duration_hours == Decimal("0.25")


def test_a_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configure("[payment]\nminutes = 5\n")
    named = tmp_path / "named.toml"
    named.write_text("[payment]\nminutes = 6\n", encoding="utf-8")
    assert load().payment.minutes == 5
    monkeypatch.setenv("ENERGY_FLASH_CONFIG", str(named))
    assert load().payment.minutes == 6
    named.unlink()
    assert lines() == [f"There is no file {named}, which ENERGY_FLASH_CONFIG names."]


def test_empty_means_none_or_the_default() -> None:
    configure('data_dir = ""\n[telegram]\ntoken = ""\n[database]\nurl = ""\n')
    found = load()
    assert found.telegram.token is None
    assert found.database.url is None
    assert found.data_dir == settings.default_data_dir()


def test_data_is_kept_where_its_servers_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert load().data_dir == Path("/var/lib/energy-flash")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert load().data_dir.name == "energy-flash"
    assert load().data_dir != Path("/var/lib/energy-flash")


def test_the_standard_packs_are_a_tenth_above_what_a_transfer_needs() -> None:
    energy = load().energy
    assert (energy.holder, energy.non_holder, energy.margin_percent) == (64_285, 130_285, 10)
    assert {int(price.duration_hours): price.sun_per_energy for price in load().prices} == {
        1: 40,
        24: 170,
        72: 360,
    }


# ── what is said about a wrong one ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[tron]\npoll_seconds = 10",
            "tron.poll_seconds = 10 should be a number above 0 and at most 3",
        ),
        (
            "[payment]\nminutes = 1.5",
            "payment.minutes = 1.5 should be a whole number at least 1 and at most 1440",
        ),
        (
            '[payment]\nminutes = "soon"',
            'payment.minutes = "soon" should be a whole number at least 1 and at most 1440',
        ),
        (
            '[log]\nlevel = "loud"',
            "log.level = \"LOUD\" should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'",
        ),
        ("telegram = 1", "telegram should be a table of settings"),
        (
            "[telegram]\nadmins = 7",
            "telegram.admins should be a list (in the environment: in JSON)",
        ),
        (
            "[telegram]\nadmins = [7, -8]",
            "telegram.admins.1 = -8 should be a whole number above 0",
        ),
        (
            '[telegram]\napi_url = "api.telegram.org"',
            (
                'telegram.api_url = "api.telegram.org" '
                "should be an address like https://host or http://127.0.0.1:8090"
            ),
        ),
        (
            '[payment]\naddress = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6"',
            (
                'payment.address = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6" should be a TRON address: '
                "34 characters starting with T, and this has 33"
            ),
        ),
        (
            '[payment]\naddress = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u"',
            (
                'payment.address = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u" should be a TRON address: '
                "a letter of this one is mistyped, its checksum does not fit"
            ),
        ),
        ("prices = []", "prices should be at least one"),
        ("[[prices]]\nduration_hours = 1", "prices.0.sun_per_energy is missing"),
        (
            (
                "[[prices]]\nduration_hours = 1\nsun_per_energy = 1\n"
                "[[prices]]\nduration_hours = 1.0\nsun_per_energy = 2"
            ),
            "prices should have each duration_hours once, and 1 is there twice",
        ),
        (
            (
                "[[prices]]\nduration_hours = 1\nsun_per_energy = 9\n"
                "steps = [{ from_energy = 5, sun_per_energy = 8 },"
                " { from_energy = 5, sun_per_energy = 7 }]"
            ),
            "prices.0.steps should go up from step to step in from_energy",
        ),
        (
            (
                "[[prices]]\nduration_hours = 1\nsun_per_energy = 9\n"
                "steps = [{ from_energy = 5, sun_per_energy = 8 },"
                " { from_energy = 6, sun_per_energy = 8 }]"
            ),
            "prices.0.steps should go down from step to step in sun_per_energy",
        ),
        (
            (
                "[[prices]]\nduration_hours = 1\nsun_per_energy = 9\n"
                "steps = [{ from_energy = 5, sun_per_energy = 9 }]"
            ),
            "prices should have steps that cost less than sun_per_energy",
        ),
        (
            (
                "[[prices]]\nduration_hours = 1\nsun_per_energy = 9\n"
                "valid_from = 2026-12-24T00:00:00Z\nvalid_until = 2026-12-24T00:00:00Z"
            ),
            "prices should have each valid_until after its valid_from",
        ),
        (
            (
                "[energy]\nsurge = [{ free_percent = 20, add_percent = 25 },"
                " { free_percent = 5, add_percent = 25 }]"
            ),
            "energy.surge should add the more, the less energy is free",
        ),
        (
            "[tron]\npol_seconds = 1",
            ("tron.pol_seconds is not a setting; did you mean tron.poll_seconds?"),
        ),
        ("poll_seconds = 1", "poll_seconds is not a setting; did you mean tron.poll_seconds?"),
        ("[tronn]\npoll_seconds = 1", "tronn is not a setting; did you mean tron?"),
        ("[colours]\nbackground = 1", "colours is not a setting"),
        (f'[[pools]]\naddress = "{POOL}"', "pools.0 should have a key_name, or else a key"),
        (
            f'[[pools]]\naddress = "{POOL}"\nkey = "{KEY}"\nkey_name = "hot"',
            "pools.0 should have a key_name, or else a key",
        ),
        (
            f'[refunds]\nkey = "{KEY}"\nkey_name = "wallet"',
            "refunds should have a key_name or a key, not both",
        ),
        (
            '[keys]\npassphrase = "one"\npassphrase_file = "two"',
            "keys should have a passphrase or a passphrase_file, not both",
        ),
        (
            f'[refunds]\nkey_name = "{KEY}"',
            "refunds.key_name should be the name of a key in the key store, never a key itself",
        ),
        (
            '[database]\nurl = "mysql://host"',
            "database.url should begin with postgresql:// or postgres://",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(text: str, said: str) -> None:
    configure(text)
    assert lines() == [said]


def test_each_wrong_value_has_a_line_that_says_where_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure("[tron]\npoll_seconds = 10\n[payment]\nminutes = 0\n")
    monkeypatch.setenv("ENERGY_FLASH_TRON__POLL_SECONDS", "often")
    with pytest.raises(SettingsError) as refusal:
        load()
    assert refusal.value.lines == [
        (
            'tron.poll_seconds = "often" should be a number above 0 and at most 3 '
            "(ENERGY_FLASH_TRON__POLL_SECONDS)"
        ),
        "payment.minutes = 0 should be a whole number at least 1 and at most 1440 (config.toml)",
    ]


def test_a_mistyped_variable_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENERGY_FLASH_TELEGRAM__TOKN", "123:secret")
    assert lines() == ["telegram.tokn is not a setting; did you mean telegram.token?"]


@pytest.mark.parametrize("broken", [b"[tron\n", b"[tron]\nexplorer_url = '\xff'"])
def test_a_file_that_is_no_toml_is_named(broken: bytes) -> None:
    Path("config.toml").write_bytes(broken)
    assert lines()[0].startswith("config.toml cannot be read: ")


# ── secrets ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        '[[pools]]\naddress = "T1"\nkey = "{secret}"',
        'pools = "{secret}"',
        'pools = ["{secret}"]',
        '[[pools]]\nkei = "{secret}"',
        '[telegram]\ntoken = ["{secret}"]',
        '[telegram]\ntokn = "{secret}"',
        'telegram = "{secret}"',
        'token = "{secret}"',
        '[[tron.nodes]]\nurl = "x"\napi_key = ["{secret}"]',
        '[database]\nurl = "mysql://user:{secret}@host"',
        '[redis]\nurl = "http://user:{secret}@host"',
        '[keys]\npassphrase = ["{secret}"]',
        '[keys]\npassphrase = "{secret}"\npassphrase_file = "f"',
        '[keys]\npassphraze = "{secret}"',
    ],
)
def test_no_message_holds_a_secret(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(text.replace("{secret}", "hunter2"))
    assert "hunter2" not in "".join(lines())
    Path("config.toml").unlink()

    values = tomllib.loads(text.replace("{secret}", "hunter2"))
    for name, value in values.items():
        encoded = value if isinstance(value, str) else json.dumps(value)
        monkeypatch.setenv(f"ENERGY_FLASH_{name.upper()}", encoded)
    assert "hunter2" not in "".join(lines())


@pytest.mark.parametrize(
    "text",
    [
        '[payment]\naddress = "{key}"',
        '[payment]\naddress = "0x{key}"',
        '[refunds]\naddress = "{key}"',
        '[refunds]\nkey_name = "{key}"',
        '[log]\nlevel = "{key}"',
        '[[pools]]\naddress = "{key}"\nkey = "T1"',
        '[payment]\nminutes = "{key}"',
    ],
)
def test_a_key_put_in_the_wrong_place_is_not_shown(text: str) -> None:
    configure(text.replace("{key}", KEY))
    assert KEY not in "".join(lines())


def test_the_key_store_is_in_the_data_folder_unless_it_is_named() -> None:
    configure('data_dir = "there"\n')
    assert load().key_file == Path("there/keys.json")
    configure('data_dir = "there"\n[keys]\nfile = "~/k.json"\n')
    assert load().key_file == Path.home() / "k.json"


def test_json_cut_short_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENERGY_FLASH_POOLS", f'[{{"key": "{KEY}"')
    assert lines() == ["pools should be a list (in the environment: in JSON)"]


def test_settings_can_be_printed() -> None:
    configure(
        f'[telegram]\ntoken = "123:{KEY}"\n[database]\nurl = "postgresql://u:{KEY}@h/d"\n'
        f'[redis]\nurl = "redis://:{KEY}@h"\n[[tron.nodes]]\nurl = "http://n"\napi_key = "{KEY}"\n'
        f'[[pools]]\naddress = "{POOL}"\nkey = "{KEY}"\n'
        f'[refunds]\nkey = "{KEY}"\n[keys]\npassphrase = "{KEY}"\n'
    )
    found = load()
    for shown in (
        repr(found),
        str(found),
        f"{found}",
        repr(found.pools),
        repr(vars(found)),
        repr(found.model_dump()),
        str(found.model_dump(mode="json")),
        found.model_dump_json(),
        repr(copy.deepcopy(found)),
    ):
        assert KEY not in shown
    for pickled in (found, found.pools[0], found.refunds, found.keys):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(pickled)
    assert found.missing() == [
        (
            "payment.address is not set: the TRON address that customers pay to "
            "(in config.toml, or ENERGY_FLASH_PAYMENT__ADDRESS)"
        )
    ]


def test_a_shop_can_open_when_nothing_is_missing() -> None:
    missing = [line.split()[0] for line in load().missing()]
    # Pools may be registered in the database instead.
    assert missing == ["telegram.token", "payment.address"]
    configure(f'[telegram]\ntoken = "1:a"\n[payment]\naddress = "{POOL}"\n')
    assert isinstance(load(), Settings)
    assert load().missing() == []


def test_one_duration_may_have_prices_for_different_times() -> None:
    configure(
        "[[prices]]\nduration_hours = 1\nsun_per_energy = 9\n"
        "[[prices]]\nduration_hours = 1\nsun_per_energy = 8\nvalid_from = 2026-12-24T00:00:00Z\n"
        "steps = [{ from_energy = 1_000_000, sun_per_energy = 7 }]"
    )
    usual, christmas = load().prices
    assert usual.valid_from is None
    assert christmas.valid_from == datetime(2026, 12, 24, tzinfo=UTC)
    assert [(step.from_energy, step.sun_per_energy) for step in christmas.steps] == [(10**6, 7)]
