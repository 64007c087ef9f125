"""English: prices."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.prices import PricesTexts
from services.acts import Act
from services.price_keeping import PriceFault


class EnglishPrices(EnglishWords, PricesTexts):
    """Prices in English."""

    add_button = "Sell another duration"
    change_button = "Change"
    remove_button = "Stop selling"
    history_button = "Before"
    _edits: ClassVar = {
        "minimum": "Minimum",
        "steps": "Steps",
        "start": "From when",
        "at_once": "At once after all",
        "back": "Back to the price",
        "publish": "Publish",
    }

    _title = "Prices"
    _and_more = "… and {} more."
    _price = "{} sun per energy, an order costs {} at least"
    _step = "from {} energy on: {} sun"
    _valid_until = "until "
    _planned_from = "Planned from "
    _not_now = "Not on sale now."
    _surge_title = "While little energy is free"
    _surge_step = "below {} % free: +{} %"
    _surge_now = "on top of all prices now: +{} %"
    _surge_unknown = "No node answers: what is on top now is not known."
    _not_for_sale = "This duration is not for sale."

    _customers_pay = "What customers see"
    _sample = "Transfers: {}, {}"
    _sample_change = "Transfers: {}, {} → {} ({} %)"
    _burning = ", burning {}"
    _costs = "One transfer costs you about {}, by the dearest pool."
    _loses = "That is below what the pools cost you."
    _dearer = "Burning is not dearer: nobody gains by renting."

    _new_price = "{}: new price"
    _was = "Now"
    _begins_at_once = "It holds at once."
    _begins = "It holds from "
    _withdraws = "This withdraws what was planned from "
    _type_sun = "Type the sun per energy, or use the buttons."
    _new_duration = "This duration is not for sale yet."
    _asks: ClassVar = {
        "minimum": "What shall an order cost at least? Type an amount in TRX, such as 1 or 0.5.",
        "steps": "Larger orders may cost less for each energy. Type a line for each step, such as "
        "700000: 30. A dash (-) takes all steps away.",
        "start": "From when? Type a time in UTC, such as 2026-12-31 18:00, or 18:00 for the next "
        "one.",
    }
    _ask_duration = "For how long? Type hours, such as 6 or 0.5, or days, such as 3d."
    _ask_new_sun = "{}: how many sun for one energy, over the whole time?"
    _sold_already = "{} is for sale already. Type another duration."
    _faults: ClassVar = {
        PriceFault.SUN: "Type a whole number of sun for one energy, from 1 to 1,000,000.",
        PriceFault.MINIMUM: "Type an amount in TRX, such as 1 or 0.5: no more than six decimals.",
        PriceFault.STEPS: "Steps have to go up in energy and down in sun, below the price itself; "
        "8 at most. A line for each, such as 700000: 30.",
        PriceFault.DURATION: "Type hours, such as 6 or 0.5, or days, such as 3d: a year at most.",
        PriceFault.PAST: "That has to be a time to come, in UTC, such as 2026-12-31 18:00.",
        PriceFault.LAST: "It is the only duration on sale: sell another first.",
    }
    _quotes_keep = "Quotes and orders that are open keep their price."
    _about_removal = "{}: sell it no more, also what was planned."
    _still_on_sale = "Durations that stay on sale: {}"
    _done: ClassVar = {
        Act.PRICE_CHANGE: "Published.",
        Act.PRICE_REMOVE: "It is not sold any more.",
    }

    _history_title = "{}: what it cost"
    _no_history = "Nobody has changed it yet."
    _always = "From before the log"
    _since = "From "
    _until = "until "
    _by = "by {}"
    _by_configuration = "by the configuration"
    _was_not_sold = "not for sale"
    _older = "… and {} before that."
