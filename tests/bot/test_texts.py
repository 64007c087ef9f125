"""What is not on a card: labels, toasts, numbers, plurals, and Telegram's own places for words."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import Texts
from bot.texts.catalogue import Texts as Catalogue
from bot.texts.figures import (
    exact_trx,
    grouped,
    price_trx,
    readable_tokens,
    rounded_trx,
    russian_plural,
    saved_by_use,
    saved_percent,
    utf16_length,
)
from services.customers import Language
from services.early_ends import EarlyEndFault
from services.extensions import ExtensionFault
from services.held import ChoiceFault
from services.quotes import QuoteFault
from services.refunds import RefundFault
from tests.bot.samples import EVERYBODY, TEXTS
from tests.bot.test_cards import FORBIDDEN

SUN = st.integers(min_value=0, max_value=10**17)
TOASTS = (
    "up_to_date",
    "nothing_seen_yet",
    "payment_is_in",
    "order_is_closed",
    "order_unknown",
    "button_outdated",
    "quote_lapsed",
    "too_many_open_orders",
    "energy_just_sold",
    "balance_too_small",
    "payment_being_confirmed",
    "paid_from_balance",
    "choice_unknown",
    "choice_not_possible",
    "choice_not_now",
    "balance_has_changed",
    "rental_ends_now",
    "refund_not_waiting",
    "key_unknown",
    "key_needs_scope",
    "key_draft_gone",
    "key_is_revoked",
    "too_fast",
    "language_chosen",
)


@given(SUN)
def test_the_amount_to_pay_is_exact_and_plain(sun: int) -> None:
    text = exact_trx(sun)
    assert re.fullmatch(r"\d+\.\d{6}", text)
    assert int(Decimal(text) * 1_000_000) == sun


@given(SUN)
def test_a_price_never_reads_lower_than_it_is(sun: int) -> None:
    said = Decimal(price_trx(sun).replace(",", ""))
    assert said == (Decimal(sun) / 1_000_000).quantize(Decimal("0.01"), ROUND_CEILING)


@given(SUN)
def test_a_comparison_is_rounded_to_the_nearest(sun: int) -> None:
    said = Decimal(rounded_trx(sun).replace(",", ""))
    assert said == (Decimal(sun) / 1_000_000).quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(SUN)
def test_nobody_has_more_usdt_than_the_chain_says(micro: int) -> None:
    said = Decimal(readable_tokens(micro, 6).replace(",", ""))
    assert 0 <= Decimal(micro) / 1_000_000 - said < Decimal("0.01")


@given(st.integers(min_value=0, max_value=10**12))
def test_grouping_loses_no_digit(value: int) -> None:
    assert grouped(value, "\u00a0").replace("\u00a0", "") == str(value)
    assert all(len(group) == 3 for group in grouped(value).split(",")[1:])


@given(SUN, SUN)
def test_a_saving_is_between_nothing_and_everything(price: int, burn: int) -> None:
    assert 0 <= saved_percent(price, burn) <= 100


@pytest.mark.parametrize(
    ("used", "saved"),
    [(0, 0), (1_000, 0), (64_285, 3_600_000), (70_000, 3_600_000), (32_000, 403_800)],
)
def test_what_use_saved(used: int, saved: int) -> None:
    found = saved_by_use(paid_sun=2_828_500, burn_sun=6_428_500, energy=70_714, energy_used=used)
    assert found == pytest.approx(saved, rel=0.01)


@pytest.mark.parametrize(
    ("count", "form"),
    [
        *[(n, "many") for n in (0, 5, 11, 12, 13, 14, 19, 20, 25, 100, 111, 112, 1_000_011)],
        *[(n, "one") for n in (1, 21, 101, 1_001)],
        *[(n, "few") for n in (2, 3, 4, 22, 34, 102, 1_002)],
    ],
)
def test_russian_plurals(count: int, form: str) -> None:
    assert russian_plural(count, "one", "few", "many") == form


@pytest.mark.parametrize(
    ("length", "english", "chinese", "russian"),
    [
        (timedelta(minutes=1), "1 minute", "1 分钟", "1 минута"),
        (timedelta(minutes=10), "10 minutes", "10 分钟", "10 минут"),
        (timedelta(hours=1), "1 hour", "1 小时", "1 час"),
        (timedelta(hours=3), "3 hours", "3 小时", "3 часа"),
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes", "1 小时 30 分钟", "1 час 30 минут"),
        (timedelta(days=1), "1 day", "1 天", "1 день"),
        (timedelta(days=3), "3 days", "3 天", "3 дня"),
        (timedelta(days=30), "30 days", "30 天", "30 дней"),
    ],
)
def test_lengths_of_time(length: timedelta, english: str, chinese: str, russian: str) -> None:
    said = {language: TEXTS[language].duration(length) for language in EVERYBODY}
    assert said == {
        Language.EN: english,
        Language.ZH: chinese,
        Language.RU: russian.replace(" ", "\u00a0", 1)
        if " " in russian and russian.count(" ") == 1
        else "1\u00a0час 30\u00a0минут",
    }


@pytest.mark.parametrize("language", EVERYBODY)
def test_a_language_is_complete(language: Language) -> None:
    texts = TEXTS[language]
    assert texts.language is language
    for name in dir(Catalogue):
        if not name.startswith("_"):
            assert getattr(texts, name, None), name


@pytest.mark.parametrize("language", EVERYBODY)
@pytest.mark.parametrize("name", TOASTS)
def test_toasts_fit_and_are_kind(language: Language, name: str) -> None:
    text = getattr(TEXTS[language], name)
    assert 0 < utf16_length(text) <= 200
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize("language", EVERYBODY)
def test_long_alerts_fit_too(language: Language) -> None:
    texts = TEXTS[language]
    alerts = [
        texts.banned(),
        texts.trouble("ABCDEF"),
        texts.private_chats_only().render()[0],
        texts.quote_refused(QuoteFault.CHAIN_UNAVAILABLE).render()[0],
        texts.too_many_keys(),
        texts.office.keys.too_many,
        *(texts.pay_out_refused(fault) for fault in RefundFault),
        *(texts.choice_refused(fault) for fault in ChoiceFault),
        *(texts.extension_refused(refused) for refused in ExtensionFault),
        *(texts.early_end_refused(not_ended) for not_ended in EarlyEndFault),
    ]
    for text in alerts:
        assert 0 < utf16_length(text) <= 200
        assert not FORBIDDEN.search(text)
    assert "ABCDEF" in texts.trouble("ABCDEF")


@pytest.mark.parametrize("language", EVERYBODY)
def test_the_profile_is_within_telegrams_limits(language: Language) -> None:
    texts: Texts = TEXTS[language]
    assert 0 < len(texts.description) <= 512
    assert 0 < len(texts.short_description) <= 120
    names = [name for name, _ in texts.commands]
    assert names == [name for name, _ in TEXTS[Language.EN].commands]
    for name, what in texts.commands:
        assert re.fullmatch("[a-z0-9_]{1,32}", name)
        assert 0 < len(what) <= 256


def test_all_languages_find_the_way_to_all_languages() -> None:
    """Whoever landed in the wrong language must be able to read the way out."""
    for language in EVERYBODY:
        help_page = TEXTS[language].help().render()[0]
        others = {"语言", "Language", "язык"}
        line = next(line for line in help_page.split("\n") if line.startswith("/language"))
        assert sum(word.lower() in line.lower() for word in others) >= 2
