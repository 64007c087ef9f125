"""What can be configured: from the environment, from config.toml, or as it is by default.

A key `tron.poll_seconds` is `poll_seconds` under `[tron]` in config.toml and
`ENERGY_FLASH_TRON__POLL_SECONDS` in the environment, where lists and tables are JSON. The
environment wins over the file, the file over the defaults written here. Secrets are `SecretStr` and
appear in no message.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, cast, get_args, get_origin
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from chain.addresses import Address, AddressFault, InvalidAddress, parse_address

PREFIX = "ENERGY_FLASH_"
CONFIG_VARIABLE = "ENERGY_FLASH_CONFIG"
CONFIG_NAME = "config.toml"
# Variables of ours that set something else; the second is for tests (docs/reliability.md).
_NO_SETTINGS = frozenset({CONFIG_VARIABLE, "ENERGY_FLASH_FAIL_POINT"})
_KEY = re.compile("[0-9a-fA-F]{64}")


class SettingsError(Exception):
    """The configuration cannot be used. `lines` says, one for each wrong value, what and why."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


# ── kinds of values ───────────────────────────────────────────────────────────────────────────


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("should be an address like https://host or http://127.0.0.1:8090")
    return text.rstrip("/")


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except InvalidAddress as error:
        raise ValueError(f"should be a TRON address: {_fault(error)}") from None


def _fault(error: InvalidAddress) -> str:
    match error.fault:
        case AddressFault.LENGTH:
            return f"34 characters starting with T, and this has {error.found_length}"
        case AddressFault.ALPHABET:
            return "a character in it never occurs in one"
        case AddressFault.CHECKSUM:
            return "a letter of this one is mistyped, its checksum does not fit"
        case AddressFault.NOT_TRON | AddressFault.EMPTY:
            return "34 characters starting with T"


def _private_key(key: SecretStr | None) -> SecretStr | None:
    if key is not None and not _KEY.fullmatch(key.get_secret_value()):
        raise ValueError("should be a private key: 64 hexadecimal digits")
    return key


def _key_name(name: str | None) -> str | None:
    if name is not None and _KEY.search(name):
        raise ValueError("should be the name of a key in the key store, never a key itself")
    return name


def _server_url(*schemes: str) -> AfterValidator:
    def check(url: SecretStr | None) -> SecretStr | None:
        if url is not None and urlsplit(url.get_secret_value()).scheme not in schemes:
            raise ValueError("should begin with " + " or ".join(f"{one}://" for one in schemes))
        return url

    return AfterValidator(check)


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _expanded(path: Path | None) -> Path | None:
    return None if path is None else path.expanduser()


_EmptyIsNone = BeforeValidator(_none_if_empty)
_OffIsNone = BeforeValidator(lambda value: None if value in ("", "off") else value)

Url = Annotated[str, AfterValidator(_url)]
TronAddress = Annotated[Address, AfterValidator(_address)]
Sun = Annotated[int, Field(ge=0)]
PrivateKey = Annotated[SecretStr | None, _EmptyIsNone, AfterValidator(_private_key)]
KeyName = Annotated[str | None, _EmptyIsNone, AfterValidator(_key_name)]
File = Annotated[Path | None, _EmptyIsNone, AfterValidator(_expanded)]
TelegramId = Annotated[int, Field(gt=0)]
TransferEnergy = Annotated[int, Field(gt=0, le=10_000_000)]


def _different(what: str, values: list[object]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"should have each {what} once, and {value} is there twice")


def _tokens(tokens: tuple[TokenSettings, ...]) -> tuple[TokenSettings, ...]:
    _different("address", [token.address for token in tokens])
    return tokens


def _surge(steps: tuple[SurgeSettings, ...]) -> tuple[SurgeSettings, ...]:
    _different("free_percent", [step.free_percent for step in steps])
    for scarcer, freer in pairwise(sorted(steps, key=lambda step: step.free_percent)):
        if scarcer.add_percent <= freer.add_percent:
            raise ValueError("should add the more, the less energy is free")
    return steps


def _price_steps(steps: tuple[PriceStepSettings, ...]) -> tuple[PriceStepSettings, ...]:
    for smaller, larger in pairwise(steps):
        if larger.from_energy <= smaller.from_energy:
            raise ValueError("should go up from step to step in from_energy")
        if larger.sun_per_energy >= smaller.sun_per_energy:
            raise ValueError("should go down from step to step in sun_per_energy")
    return steps


class _Unpickled:
    """What is pickled is written out in full, its secrets too."""

    @override
    def __reduce__(self) -> NoReturn:
        raise TypeError("a configuration may hold secrets, and is not pickled")


class Section(_Unpickled, BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


# ── sections ──────────────────────────────────────────────────────────────────────────────────


class TelegramSettings(Section):
    token: Annotated[SecretStr | None, _EmptyIsNone] = None
    """The bot's token from @BotFather."""
    api_url: Url = "https://api.telegram.org"
    admins: tuple[TelegramId, ...] = ()
    """Telegram ids of the owners, who may do everything; below, of those who may do less."""
    operators: tuple[TelegramId, ...] = ()
    support: tuple[TelegramId, ...] = ()
    viewers: tuple[TelegramId, ...] = ()
    webhook_url: Annotated[Url | None, _EmptyIsNone] = None
    """Where Telegram brings updates to, by HTTPS; None: it is asked for them."""
    webhook_host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Where they arrive on this machine: what a proxy that speaks HTTPS leads to."""
    webhook_port: Annotated[int, Field(ge=0, le=65_535)] = 3002
    alerts_chat: Annotated[int | None, _EmptyIsNone] = None
    """Where alerts go, None: to everybody of the staff who may help customers."""
    orders_chat: Annotated[int | None, _EmptyIsNone] = None
    """A group or channel that hears of each delivery, without whose it is."""
    chat_language: Literal["zh", "en", "ru"] = "en"
    """What is spoken in the two chats above."""

    @model_validator(mode="after")
    def _one_role_each(self) -> TelegramSettings:
        staff = [*self.admins, *self.operators, *self.support, *self.viewers]
        _different("person", list(staff))
        return self


class NodeSettings(Section):
    url: Url
    solidity_url: Annotated[Url | None, _EmptyIsNone] = None
    """Where /walletsolidity is served, None: at `url` too."""
    api_key: Annotated[SecretStr | None, _EmptyIsNone] = None


class TronSettings(Section):
    nodes: tuple[NodeSettings, ...] = (NodeSettings(url="https://api.trongrid.io"),)
    """In order of preference: a later one serves while the earlier ones do not."""
    requests_per_second: Annotated[float, Field(gt=0, le=1000)] = 8.0
    poll_seconds: Annotated[float, Field(gt=0, le=3)] = 3.0
    """Between two looks for a new block, which TRON makes every 3 seconds."""
    usdt_contract: TronAddress = Address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
    explorer_url: Url = "https://tronscan.org/#"
    """`/transaction/<txid>` is appended for the links in messages."""


class PaymentSettings(Section):
    address: Annotated[TronAddress | None, _EmptyIsNone] = None
    """Where customers pay. The program needs no key of it."""
    minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    """How long an order waits for its payment, in the chain's time."""
    quote_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How long a quoted price holds, in the chain's time."""
    open_orders: Annotated[int, Field(ge=1, le=100)] = 3
    """The most unpaid orders that one customer may have at a time."""
    confirmations: Annotated[int, Field(ge=1, le=19)] = 1
    """Blocks on top of the payment's own before it counts; 18 make it irreversible."""
    solid_from_sun: Annotated[int, Field(gt=0, le=10**17)] = 100_000_000
    """From this amount on a payment counts only when it is irreversible."""
    tolerance_percent: Annotated[int, Field(ge=0, le=20)] = 5
    """How far the amount of a payer who is known may be off."""
    grace_minutes: Annotated[int, Field(ge=0, le=1440)] = 30
    """How long after its time to pay the price of an order still holds."""
    flash: bool = True
    """Whether TRX that belongs to no order becomes energy for its sender."""
    choice_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long a customer may say what becomes of money that pays no order; then it is credited."""
    exchanges: tuple[TronAddress, ...] = ()
    """Wallets of exchanges: nothing is sent to them, neither energy nor refunds."""
    treasury: tuple[TronAddress, ...] = ()
    """The operator's own addresses: what comes from them is no customer's."""
    dust_sun: Sun = 100_000
    """Transfers below this are recorded and otherwise ignored."""
    amount_tail_sun: Annotated[int, Field(ge=1, le=99_999)] = 999
    """The most that is added to a price to make the amount unique among open orders."""
    reserve_hours: Annotated[int, Field(ge=0, le=720)] = 24
    """How long the amount of an ended order is given to nobody else, for payments that are late."""


class TokenSettings(Section):
    address: TronAddress
    """The contract of a TRC-20 token."""
    symbol: Annotated[str, Field(min_length=1, max_length=12)]
    holder: TransferEnergy
    non_holder: TransferEnergy


class SurgeSettings(Section):
    free_percent: Annotated[int, Field(ge=1, le=100)]
    """While less than this share of all energy is free, …"""
    add_percent: Annotated[int, Field(ge=1, le=1000)]
    """… prices are so much higher."""


class EnergySettings(Section):
    # A simulated transfer tells the true figure; these serve where there is nothing to simulate.
    holder: TransferEnergy = 64_285
    """Energy of a transfer to somebody who holds the token already."""
    non_holder: TransferEnergy = 130_285
    """Energy of a transfer to somebody who holds none of it yet."""
    new_account: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """What is added where the destination is not activated."""
    tokens: Annotated[tuple[TokenSettings, ...], AfterValidator(_tokens)] = ()
    """Tokens with figures of their own; the others are taken to be like USDT."""
    surge: Annotated[tuple[SurgeSettings, ...], AfterValidator(_surge)] = ()
    """What comes on top of prices while little energy is free."""
    fee_sun: Annotated[int, Field(gt=0, le=100_000)] = 100
    """What the network burns for one energy, for when no node can tell."""
    margin_percent: Annotated[int, Field(ge=0, le=100)] = 10
    largest_order_transfers: Annotated[int, Field(ge=1, le=1000)] = 20
    patience_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How long delivery of a paid order is tried, in the chain's time."""
    undeliverable: Literal["refund", "credit", "hold"] = "refund"
    """What becomes of the money of an order that could not be delivered."""
    early_end_percent: Annotated[int, Field(ge=0, le=100)] = 50
    """The share of unused energy and time that comes back to who ends a rental; 0: not offered."""
    ending_notice_minutes: Annotated[int, Field(ge=0, le=1440)] = 10
    """How long before its end a customer hears that unused energy is about to leave; 0: never."""


class ExtensionSettings(Section):
    minimum_sun: Sun = 300_000
    """The least that more time for a running rental costs."""


class LimitSettings(Section):
    """Bounds against being emptied by one person, or by a mistake."""

    delegation_energy: Annotated[int, Field(ge=100_000, le=10**12)] = 3_000_000
    """The most energy in one delegation; a larger order is split over pools."""
    order_energy: Annotated[int, Field(ge=100_000, le=10**12)] = 5_000_000
    """The most energy in one order."""
    pool_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 300
    """The most delegations that one pool makes in an hour."""
    receiver_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """The most orders in an hour for one receiver."""
    user_day: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """The most orders of one customer in a day."""


RiskOutcome = Literal["allow", "ask", "refuse"]


class RiskSettings(Section):
    """What is risky about an order, and what happens then (services/risk.py)."""

    listed_outcome: RiskOutcome = "refuse"
    """An address or a customer on the blacklist."""
    user_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """More orders of one customer in an hour, …"""
    user_day: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """… or in a day."""
    user_outcome: RiskOutcome = "allow"
    address_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    """More orders for one receiver in an hour, …"""
    address_day: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """… or in a day."""
    address_outcome: RiskOutcome = "allow"
    order_sun: Annotated[int, Field(ge=1, le=10**17)] = 1_000_000_000
    """An order that costs more."""
    order_outcome: RiskOutcome = "ask"
    fresh_orders: Annotated[int, Field(ge=1, le=1_000)] = 1
    """Before so many orders of a customer were delivered, …"""
    fresh_sun: Annotated[int, Field(ge=1, le=10**17)] = 300_000_000
    """… one that costs more."""
    fresh_outcome: RiskOutcome = "ask"
    no_tokens_outcome: RiskOutcome = "allow"
    """The wallet that is to send the token has none of it."""
    exchange_outcome: RiskOutcome = "allow"
    """An exchange paid (payment.exchanges)."""
    contract_outcome: RiskOutcome = "allow"
    """A smart contract paid."""
    undone_percent: Annotated[int, Field(ge=0, le=99)] = 80
    """A customer who cancelled more of a month's orders, or asked for their money back, …"""
    undone_orders: Annotated[int, Field(ge=1, le=1_000)] = 10
    """… of at least so many."""
    undone_outcome: RiskOutcome = "ask"


class RefundSettings(Section):
    address: Annotated[TronAddress | None, _EmptyIsNone] = None
    """The wallet that refunds are sent from; None: the one that belongs to the key."""
    permission_id: Annotated[int, Field(ge=0, le=9)] = 0
    """The wallet's permission that the key signs with."""
    key_name: KeyName = None
    """Its key in the key store; None, and no `key`: refunds wait until a person sends them."""
    key: PrivateKey = None
    """The key itself, for who has no key store."""
    per_refund_sun: Sun = 100_000_000
    """A larger refund waits for a person's word."""
    daily_sun: Sun = 500_000_000
    """The most that is sent in one day, UTC."""
    fee_sun: Annotated[int, Field(ge=0, le=10_000_000)] = 300_000
    """Kept of a refund that a customer asks for: about what the network burns for it."""

    @model_validator(mode="after")
    def _one_key(self) -> RefundSettings:
        if self.key is not None and self.key_name is not None:
            raise ValueError("should have a key_name or a key, not both")
        return self


class PriceStepSettings(Section):
    from_energy: Annotated[int, Field(gt=0, le=10**15)]
    sun_per_energy: Annotated[int, Field(gt=0, le=1_000_000)]


class PriceSettings(Section):
    duration_hours: Annotated[Decimal, Field(gt=0, le=8760, max_digits=9, decimal_places=4)]
    sun_per_energy: Annotated[int, Field(gt=0, le=1_000_000)]
    """Sun for one unit of energy over the whole duration."""
    minimum_sun: Sun = 1_000_000
    """The least that an order costs."""
    steps: Annotated[tuple[PriceStepSettings, ...], AfterValidator(_price_steps)] = ()
    """Larger orders cost less for each unit, all of it."""
    valid_from: Annotated[AwareDatetime | None, _EmptyIsNone] = None
    """In the chain's time; None: always."""
    valid_until: Annotated[AwareDatetime | None, _EmptyIsNone] = None
    """In the chain's time; None: for ever."""


class PoolSettings(Section):
    address: TronAddress
    """The account whose stake is delegated."""
    permission_id: Annotated[int, Field(ge=0, le=9)] = 2
    """The account's permission that the key signs with; 0 is the owner's, which can do all."""
    key_name: KeyName = None
    """The key in the key store."""
    key: PrivateKey = None
    """The key itself, for who has no key store."""
    reserve_sun: Sun = 0
    """Stake that is never delegated."""
    cap_sun: Annotated[int | None, Field(ge=1_000_000)] = None
    """The most stake in one delegation."""
    hourly_delegations: Annotated[int | None, Field(ge=1, le=100_000)] = None
    """The most delegations in one hour; None: as for every pool (limits.pool_hour)."""
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    """Higher is taken first."""
    cost_sun: Sun = 0
    """What 1,000 energy of this pool for a day cost the operator."""

    @model_validator(mode="after")
    def _one_key(self) -> PoolSettings:
        if (self.key is None) == (self.key_name is None):
            raise ValueError("should have a key_name, or else a key")
        return self


class KeySettings(Section):
    file: File = None
    """Where keys are kept, encrypted; None: keys.json under `data_dir`."""
    passphrase: Annotated[SecretStr | None, _EmptyIsNone] = None
    """What opens it; without it and without `passphrase_file` a person at the terminal is asked."""
    passphrase_file: File = None
    """A file whose first line is the passphrase."""

    @model_validator(mode="after")
    def _one_passphrase(self) -> KeySettings:
        if self.passphrase is not None and self.passphrase_file is not None:
            raise ValueError("should have a passphrase or a passphrase_file, not both")
        return self


class AlertSettings(Section):
    first_repeat_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """How long an alert may stay unacknowledged before it is told again, louder."""
    free_energy: Annotated[int, Field(ge=0, le=10**12)] = 0
    """An alert is raised while less is free; 0: never."""
    load_percent: Annotated[int, Field(ge=0, le=99)] = 80
    """Of the machine's processors and memory; an alert above it, 0: never, …"""
    load_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """… when it has lasted for so long."""


class DatabaseSettings(Section):
    url: Annotated[SecretStr | None, _EmptyIsNone, _server_url("postgresql", "postgres")] = None
    """None: an embedded PostgreSQL under `data_dir`."""
    connections: Annotated[int, Field(ge=2, le=100)] = 10
    """The most that one process has open for its work; a few more say that it lives, and listen."""


class RedisSettings(Section):
    url: Annotated[SecretStr | None, _EmptyIsNone, _server_url("redis", "rediss", "unix")] = None
    """None: an embedded Valkey under `data_dir`."""


class ApiSettings(Section):
    enabled: bool = True
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Where the HTTP API is served; behind a proxy that speaks HTTPS, or for this machine only."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 3001
    """0: any free one."""
    public_url: Annotated[Url | None, _EmptyIsNone] = None
    """Where customers' programs find it, for those to read who make keys; None: they are told."""
    proxies: tuple[str, ...] = ()
    """IP addresses of the proxies whose X-Forwarded-For is believed."""
    body_bytes: Annotated[int, Field(ge=1_024, le=10_000_000)] = 65_536
    """The largest body of a request."""
    seconds: Annotated[int, Field(ge=5, le=50)] = 30
    """The longest that a request may take."""
    key_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    """Requests in a minute with one key; …"""
    address_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 1_200
    """… and from one IP address."""
    webhook_private: bool = False
    """Whether webhooks may lead to addresses inside, over HTTP: for trying things out only."""


class ReportSettings(Section):
    hour: Annotated[int | None, _OffIsNone, Field(ge=0, le=23)] = 8
    """From when on, UTC, yesterday's report is sent; None: it is not."""


class LogSettings(Section):
    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
    ] = "INFO"
    format: Literal["auto", "console", "json"] = "auto"
    """For a person, or an object a line; auto: for a person where one looks on."""
    file: File = None
    """Where the shop's log is written as well; None: nowhere else."""
    file_megabytes: Annotated[int, Field(ge=1, le=10_000)] = 20
    """A file that is fuller is begun anew, …"""
    file_backups: Annotated[int, Field(ge=1, le=1000)] = 10
    """… and so many older ones are kept beside it."""


def default_data_dir() -> Path:
    """Not below root's home, where nobody else may go: servers never run as root."""
    if os.geteuid() == 0:
        return Path("/var/lib/energy-flash")
    return platformdirs.user_data_path("energy-flash", appauthor=False)


def _data_dir(value: object) -> object:
    return default_data_dir() if value == "" else value


def _prices(prices: tuple[PriceSettings, ...]) -> tuple[PriceSettings, ...]:
    if not prices:
        raise ValueError("should be at least one")
    for first in {price.valid_from for price in prices}:
        _different(
            "duration_hours" if first is None else "duration_hours with the same valid_from",
            [price.duration_hours for price in prices if price.valid_from == first],
        )
    for price in prices:
        if price.steps and price.steps[0].sun_per_energy >= price.sun_per_energy:
            raise ValueError("should have steps that cost less than sun_per_energy")
        if price.valid_from and price.valid_until and price.valid_until <= price.valid_from:
            raise ValueError("should have each valid_until after its valid_from")
    return prices


def _pools(pools: tuple[PoolSettings, ...]) -> tuple[PoolSettings, ...]:
    _different("address", [pool.address for pool in pools])
    return pools


class Settings(_Unpickled, BaseSettings):
    """Everything that can be configured. Build it with `load`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    telegram: TelegramSettings = TelegramSettings()
    tron: TronSettings = TronSettings()
    payment: PaymentSettings = PaymentSettings()
    energy: EnergySettings = EnergySettings()
    limits: LimitSettings = LimitSettings()
    risk: RiskSettings = RiskSettings()
    extensions: ExtensionSettings = ExtensionSettings()
    refunds: RefundSettings = RefundSettings()
    prices: Annotated[tuple[PriceSettings, ...], AfterValidator(_prices)] = (
        PriceSettings(duration_hours=Decimal(1), sun_per_energy=40),
        PriceSettings(duration_hours=Decimal(24), sun_per_energy=170),
        PriceSettings(duration_hours=Decimal(72), sun_per_energy=360),
    )
    pools: Annotated[tuple[PoolSettings, ...], AfterValidator(_pools)] = ()
    reports: ReportSettings = ReportSettings()
    api: ApiSettings = ApiSettings()
    keys: KeySettings = KeySettings()
    alerts: AlertSettings = AlertSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    data_dir: Annotated[Path, BeforeValidator(_data_dir), AfterValidator(Path.expanduser)] = Field(
        default_factory=default_data_dir
    )
    """Where the embedded servers keep their data."""
    log: LogSettings = LogSettings()

    @property
    def key_file(self) -> Path:
        """Where the key store is, or would be."""
        return self.keys.file or self.data_dir / "keys.json"

    def missing(self) -> list[str]:
        """What a shop needs and has no default: one line for each, empty when it can open.

        Pools are not asked for: they may be registered in the database instead.
        """
        needed = {
            "telegram.token": (self.telegram.token, "the bot's token, from @BotFather"),
            "tron.nodes": (self.tron.nodes, "at least one TRON node"),
            "payment.address": (self.payment.address, "the TRON address that customers pay to"),
        }
        return [
            f"{key} is not set: {what} (in {CONFIG_NAME}, or {_variable(key)})"
            for key, (value, what) in needed.items()
            if not value
        ]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            Environment(settings_cls),
            TomlConfigSettingsSource(settings_cls, toml_file=config_file()),
        )


# ── reading ───────────────────────────────────────────────────────────────────────────────────


def load(**overrides: object) -> Settings:
    """Read the configuration; `overrides` win over everything. Raises SettingsError."""
    try:
        return Settings(**cast("Any", overrides))
    except ValidationError as error:
        lines = [_line(details) for details in error.errors()]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        lines = [f"{config_file()} cannot be read: {error}"]
    except OSError as error:
        lines = [f"{config_file()} cannot be read: {error.strerror}"]
    # Out here, so that it carries no error along that holds the values, secrets too.
    raise SettingsError(lines)


def changed(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """The settings with some of them changed, each by its name in its section (payment.minutes).

    Raises SettingsError: a value is not allowed, as it would not be in the file.
    """
    lines = []
    for key, value in changes.items():
        section, _, name = key.partition(".")
        old: Section = getattr(settings, section)
        values = {field: getattr(old, field) for field in type(old).model_fields}
        try:
            new = type(old)(**{**values, name: value})
        except ValidationError as error:
            lines += [f"{key}: {details['msg']}" for details in error.errors()]
        else:
            settings = settings.model_copy(update={section: new})
    if lines:
        raise SettingsError(lines)
    return settings


def value_of(settings: Settings, key: str) -> Any:
    """The value of a setting in a section (payment.minutes)."""
    section, _, name = key.partition(".")
    return getattr(getattr(settings, section), name)


def bounds_of(key: str) -> tuple[int | None, int | None]:
    """The least and the most that a whole number may be; None where there is no bound."""
    field = _field(list(key.split(".")))
    limits = field.metadata if field else []
    least = [each.ge for each in limits if hasattr(each, "ge")]
    least += [each.gt + 1 for each in limits if hasattr(each, "gt")]
    most = [each.le for each in limits if hasattr(each, "le")]
    most += [each.lt - 1 for each in limits if hasattr(each, "lt")]
    return max(least, default=None), min(most, default=None)


def config_file() -> Path:
    """The file that is read: the named one, else the one in this folder, else the shipped one.

    Raises SettingsError if the named one does not exist.
    """
    if named := os.environ.get(CONFIG_VARIABLE):
        if not Path(named).is_file():
            raise SettingsError([f"There is no file {named}, which {CONFIG_VARIABLE} names."])
        return Path(named)
    here = Path(CONFIG_NAME)
    return here if here.is_file() else Path(__file__).with_name(CONFIG_NAME)


class Environment(PydanticBaseSettingsSource):
    """The variables that begin with ENERGY_FLASH_.

    All of them: one that is no setting goes along and is refused with the rest, where pydantic's
    own source would pass over a mistyped name in silence.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        # The whole of a table before its parts, so that the parts win.
        for name in sorted(os.environ, key=lambda name: name.count("__")):
            if name.startswith(PREFIX) and name not in _NO_SETTINGS:
                path = name.removeprefix(PREFIX).lower().split("__")
                place = values
                for part in path[:-1]:
                    inner = place.get(part)
                    place[part] = inner = dict(inner) if isinstance(inner, dict) else {}
                    place = inner
                place[path[-1]] = _parsed(path, os.environ[name])
        return values


def _parsed(path: list[str], text: str) -> object:
    """Lists and tables from their JSON; what is none stays as it is, and is refused later."""
    field = _field(path)
    if field is not None and (_table(field) or _is_list(field)):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _variable(key: str) -> str:
    return PREFIX + key.upper().replace(".", "__")


# ── what is said about a wrong value ──────────────────────────────────────────────────────────

_NUMBER_FAULTS = (
    *("int_parsing", "int_type", "int_from_float", "float_parsing", "float_type"),
    *("decimal_parsing", "decimal_type", "finite_number"),
    *("greater_than", "greater_than_equal", "less_than", "less_than_equal"),
)


def _line(error: ErrorDetails) -> str:
    path = list(error["loc"])
    key = ".".join(map(str, path))
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"{key} is not a setting{_suggestion(path)}{_origin(path)}"
    if kind == "missing":
        return f"{key} is missing{_origin(path)}"
    field = _field(path)
    if kind in _NUMBER_FAULTS and field is not None:
        fault = _number(field)
    elif kind in ("tuple_type", "list_type"):
        fault = "should be a list (in the environment: in JSON)"
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        fault = "should be a table of settings"
    else:
        fault = error["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return f"{key}{_shown(field, error['input'])} {fault}{_origin(path)}"


def _shown(field: FieldInfo | None, value: object) -> str:
    """The value, unless it is, or may hold, a secret."""
    if field is None or _table(field) or _is_list(field) or SecretStr in _kinds(field):
        return ""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return "" if _KEY.search(shown) else f" = {shown}"


def _number(field: FieldInfo) -> str:
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    limits = [
        f"{word} {getattr(limit, name)}"
        for limit in field.metadata
        for name, word in words.items()
        if hasattr(limit, name)
    ]
    kind = "a whole number" if int in _kinds(field) else "a number"
    return " ".join(["should be", kind, " and ".join(limits)]).rstrip()


def _suggestion(path: list[int | str]) -> str:
    """The setting that may have been meant: a sibling, or one of this name in another section."""
    *parents, name = map(str, path)
    table = _table_at(path[:-1])
    siblings = list(table.model_fields) if table else []
    if close := difflib.get_close_matches(name, siblings, n=1):
        return "; did you mean " + ".".join([*parents, close[0]]) + "?"
    elsewhere = [key for key in setting_names() if key.split(".")[-1] == name]
    return f"; did you mean {elsewhere[0]}?" if elsewhere else ""


def setting_names(table: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """The dotted name of every setting, those inside lists excepted."""
    for name, field in table.model_fields.items():
        inner = _table(field)
        if inner is not None:
            yield from setting_names(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def _origin(path: list[int | str]) -> str:
    """Where the value was given: a variable for it or for a table around it, else the file."""
    for length in range(len(path), 0, -1):
        if (variable := _variable(".".join(map(str, path[:length])))) in os.environ:
            return f" ({variable})"
    return f" ({config_file()})"


def _field(path: list[Any]) -> FieldInfo | None:
    """The declaration of the setting at `path`, None if there is no such setting."""
    table: type[BaseModel] | None = Settings
    field: FieldInfo | None = None
    for part in path:
        if isinstance(part, int):
            if field is None or not _is_list(field):
                return None
            field = FieldInfo.from_annotation(get_args(field.annotation)[0])
        else:
            field = table.model_fields.get(part) if table else None
        table = _table(field) if field else None
    return field


def _table_at(path: list[Any]) -> type[BaseModel] | None:
    field = _field(path)
    return Settings if not path else _table(field) if field else None


def _table(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _kinds(field: FieldInfo) -> tuple[Any, ...]:
    """The types that a field takes, without the None of an optional one."""
    return get_args(field.annotation) or (field.annotation,)
