"""Every card in every language: within Telegram's limits, and with the same substance."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiogram.types import InlineKeyboardButton

from bot import cards, operator_cards
from bot.callbacks import Nothing
from bot.screen import Card
from bot.texts.figures import utf16_length
from services.api_keys import holds_key
from services.customers import Language
from services.order_views import Stage
from tests.bot.samples import DRAFT, EVERYBODY, NOW, ORDER, PAYMENTS, QUOTE, TEXTS, every_card

CARDS = {language: dict(every_card(language)) for language in EVERYBODY}
LETTERS = {
    Language.ZH: re.compile("[\u4e00-\u9fff]"),
    Language.RU: re.compile("[а-яё]", re.IGNORECASE),
    Language.EN: re.compile("[a-z]", re.IGNORECASE),
}
WAITING = (Stage.AWAITING, Stage.UNDERPAID)
# What nobody wants to read from a shop that has their money.
FORBIDDEN = re.compile(
    r"\berrors?\b|invalid|illegal|bad request|\bnull\b|\bnone\b(?! of)|错误|无效|非法|"
    r"ошибк|недопустим|некорректн|неверн",
    re.IGNORECASE,
)


def body(card: Card) -> str:
    return card.text.render()[0]


def buttons(card: Card) -> list[InlineKeyboardButton]:
    return list(itertools.chain(*card.keyboard.inline_keyboard)) if card.keyboard else []


ALL = [
    (f"{language}, {name}", card)
    for language in EVERYBODY
    for name, card in CARDS[language].items()
]


def test_it_fits_into_a_message() -> None:
    for name, card in ALL:
        limit = 1024 if card.picture else 4096
        assert 0 < utf16_length(body(card)) <= limit, name


def test_it_is_tidy() -> None:
    for name, card in ALL:
        text = body(card)
        assert text == text.strip(), name
        for line in text.split("\n"):
            assert line == line.strip(), name
            assert "  " not in line or line.startswith("/"), name
        assert "\n\n\n" not in text, name
        assert not re.search(r"\bNone\b|\{|\}|<|>|object at|[A-Z]\w+\(", text), name


def test_it_says_what_to_do_and_not_that_something_is_wrong() -> None:
    for name, card in ALL:
        said = " ".join([body(card), *(button.text for button in buttons(card))])
        assert not FORBIDDEN.search(said), name


def test_its_keyboard_is_sane() -> None:
    for name, card in ALL:
        data = [button.callback_data for button in buttons(card) if button.callback_data]
        doing = [packed for packed in data if packed != Nothing().pack()]
        assert len(doing) == len(set(doing)), f"{name}: two buttons that do the same"
        for packed in data:
            assert len(packed.encode()) <= 64, name
        rows = card.keyboard.inline_keyboard if card.keyboard else []
        assert all(1 <= len(row) <= 5 for row in rows), name
        coloured = sum(button.style is not None for button in buttons(card))
        assert coloured <= 1, f"{name}: only one thing can be the most important"


def test_each_button_does_one_thing() -> None:
    for name, card in ALL:
        for button in buttons(card):
            assert button.text.strip() == button.text, name
            assert 0 < utf16_length(button.text) <= 48, name
            does = [button.callback_data, button.copy_text, button.url]
            assert sum(action is not None for action in does) == 1, name
            if button.copy_text:
                assert re.fullmatch(
                    r"T\w{33}|\d+\.\d{6}|ef_key_\w{12}_[\w-]{43}|"
                    r"\w+: the address T\w{33} belongs to Telegram user \d+",
                    button.copy_text.text,
                ), name
                assert len(button.copy_text.text) <= 256, name


def test_a_secret_is_on_the_card_that_shows_it_once_and_in_no_buttons_data() -> None:
    for name, card in ALL:
        has_one = holds_key(body(card))
        assert has_one == ("API key made, " in name or "key of somebody, made" in name), name
        copied = [button.copy_text.text for button in buttons(card) if button.copy_text]
        assert any(map(holds_key, copied)) == has_one, name
        assert not any(holds_key(button.callback_data or "") for button in buttons(card)), name


def test_its_entities_lie_within_its_text() -> None:
    for name, card in ALL:
        text, entities = card.text.render()
        for entity in entities:
            assert entity.length > 0, name
            assert entity.offset + entity.length <= utf16_length(text), name
            assert entity.url is None or entity.url.startswith("https://tronscan.org/#/"), name


def entity_texts(card: Card, kind: str) -> list[str]:
    text, entities = card.text.render()
    return [entity.extract_from(text) for entity in entities if entity.type == kind]


def substance(card: Card) -> dict[str, object]:
    """What a card gives the reader besides words."""
    entities = card.text.render()[1]
    return {
        "copies": entity_texts(card, "code"),
        "links": [entity.url for entity in entities if entity.url],
        "times": [entity.unix_time for entity in entities if entity.unix_time],
        "buttons": [(button.callback_data, button.copy_text) for button in buttons(card)],
        "picture": card.picture,
    }


def test_all_languages_give_the_same() -> None:
    for language in EVERYBODY:
        assert CARDS[language].keys() == CARDS[Language.EN].keys()
        for name, card in CARDS[language].items():
            assert substance(card) == substance(CARDS[Language.EN][name]), f"{language}, {name}"


def test_each_language_is_in_its_own_letters() -> None:
    for language in EVERYBODY:
        for name, card in CARDS[language].items():
            assert LETTERS[language].search(body(card)), f"{language}, {name}"
            if name in (
                "help",
                "help, flash",
                "languages",
            ):  # they name languages in their own letters
                continue
            for other in {Language.ZH, Language.RU} - {language}:
                assert not LETTERS[other].search(body(card)), f"{language}, {name}"


@pytest.mark.parametrize("language", EVERYBODY)
def test_what_is_paid_can_be_copied_exactly(language: Language) -> None:
    card = cards.order(TEXTS[language], ORDER)
    assert entity_texts(card, "code") == ["2.829113", PAYMENTS]
    copied = [button.copy_text.text for button in buttons(card) if button.copy_text]
    assert copied == ["2.829113", PAYMENTS]
    assert "2.829113" in buttons(card)[0].text


@pytest.mark.parametrize("language", EVERYBODY)
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in WAITING])
def test_nothing_asks_for_money_once_an_order_is_not_waiting_for_it(
    language: Language, stage: Stage
) -> None:
    card = cards.order(TEXTS[language], replace(ORDER, stage=stage))
    assert PAYMENTS not in body(card)
    assert not any(button.copy_text for button in buttons(card))
    assert card.picture is not None
    assert not card.picture.key.startswith("qr:")


@pytest.mark.parametrize("language", EVERYBODY)
def test_the_confirm_button_carries_the_price(language: Language) -> None:
    card = cards.quote(TEXTS[language], DRAFT, QUOTE, only_duration=False)
    assert "2.83 TRX" in buttons(card)[0].text
    assert QUOTE.id.hex in (buttons(card)[0].callback_data or "")
    assert "2.83 TRX" in body(card)


def test_a_day_is_named_when_it_is_not_today() -> None:
    later = replace(ORDER, stage=Stage.DELIVERED, expires_at=NOW + timedelta(days=3))
    assert "26 Nov, 12:00 UTC" in body(cards.order(TEXTS[Language.EN], later))
    today = replace(ORDER, stage=Stage.DELIVERED)
    assert "until 13:00 UTC" in body(cards.order(TEXTS[Language.EN], today))


def test_what_a_customer_named_cannot_become_markup() -> None:
    failed = replace(ORDER, failure="<b>no</b> [x](http://evil)")
    card = operator_cards.order_failed(TEXTS[Language.EN], failed)
    text, entities = card.text.render()
    assert "<b>no</b> [x](http://evil)" in text
    assert {entity.type for entity in entities} == {"bold", "code", "text_link"}
    assert all("evil" not in (entity.url or "") for entity in entities)


def test_the_use_of_a_long_rental_is_not_guessed() -> None:
    """A day after its use the network shows no energy as used: that does not mean nothing was."""
    ended = replace(ORDER, stage=Stage.ENDED, energy_used=0)
    assert "The energy was not used" in body(cards.order(TEXTS[Language.EN], ended))
    day_later = NOW + timedelta(days=1)
    for late in (
        replace(ended, duration=timedelta(days=1), ended_at=day_later),
        replace(ended, ended_at=day_later),  # an hour's rental that could not go back in time
        replace(ended, ended_at=day_later, energy_used=1_000),
    ):
        assert "used" not in body(cards.order(TEXTS[Language.EN], late)).lower()


def test_dates_are_written_as_people_write_them() -> None:
    moment = datetime(2027, 5, 3, 7, 5, tzinfo=UTC)
    assert TEXTS[Language.EN].day_and_time(moment) == "3 May 07:05"
    assert TEXTS[Language.ZH].day_and_time(moment) == "5月3日 07:05"
    assert TEXTS[Language.RU].day_and_time(moment) == "3\u00a0мая 07:05"


def test_a_quote_does_not_boast_when_burning_is_cheaper() -> None:
    warnings = {Language.EN: "does not pay off", Language.ZH: "不划算", Language.RU: "невыгодно"}
    for language, warning in warnings.items():
        said = body(CARDS[language]["quote, dear"])
        assert warning in said
        assert TEXTS[language].about_trx(QUOTE.burn_sun) in said
        assert warning not in body(CARDS[language]["quote"])
