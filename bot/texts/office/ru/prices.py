"""Russian: prices."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.prices import PricesTexts
from bot.texts.ru_words import RussianWords
from services.acts import Act
from services.price_keeping import PriceFault


class RussianPrices(RussianWords, PricesTexts):
    """Prices in Russian."""

    add_button = "Продавать ещё один срок"
    change_button = "Изменить"
    remove_button = "Не продавать"
    history_button = "Раньше"
    _edits: ClassVar = {
        "minimum": "Минимум",
        "steps": "Ступени",
        "start": "С какого времени",
        "at_once": "Всё-таки сразу",
        "back": "Назад к цене",
        "publish": "Опубликовать",
    }

    _title = "Цены"
    _and_more = "… и ещё {}."
    _price = "{} sun за единицу энергии, заказ стоит не меньше {}"
    _step = "от {} энергии: {} sun"
    _valid_until = "до "
    _planned_from = "Запланировано с "
    _not_now = "Сейчас не продаётся."
    _surge_title = "Пока свободной энергии мало"
    _surge_step = "свободно меньше {} %: +{} %"
    _surge_now = "сейчас сверх всех цен: +{} %"
    _surge_unknown = "Ни один узел не отвечает: какая надбавка сейчас, неизвестно."
    _not_for_sale = "Этот срок не продаётся."

    _customers_pay = "Что видят клиенты"
    _sample = "Переводов: {}, {}"
    _sample_change = "Переводов: {}, {} → {} ({} %)"
    _burning = ", сжигание {}"
    _costs = "Один перевод обходится вам примерно в {}, по самому дорогому пулу."
    _loses = "Это ниже того, во что вам обходятся пулы."
    _dearer = "Сжигать не дороже: аренда никому не выгодна."

    _new_price = "{}: новая цена"
    _was = "Сейчас"
    _begins_at_once = "Действует сразу."
    _begins = "Действует с "
    _withdraws = "Это отменяет то, что запланировано с "
    _type_sun = "Напишите, сколько sun за единицу энергии, или нажмите кнопку."
    _new_duration = "Этот срок ещё не продаётся."
    _asks: ClassVar = {
        "minimum": "Сколько заказ должен стоить самое меньшее? Напишите сумму в TRX, например 1 "
        "или 0.5.",
        "steps": "Большие заказы могут стоить дешевле. Напишите по строке на ступень, например "
        "700000: 30. Чёрточка (-) убирает все ступени.",
        "start": "С какого времени? Напишите время UTC, например 2026-12-31 18:00, или 18:00, это "
        "ближайшее.",
    }
    _ask_duration = "На какой срок? Напишите часы, например 6 или 0.5, или дни, например 3d."
    _ask_new_sun = "{}: сколько sun за единицу энергии на весь срок?"
    _sold_already = "{}: такой срок уже продаётся. Напишите другой."
    _faults: ClassVar = {
        PriceFault.SUN: "Напишите целое число sun за единицу энергии, от 1 до 1 000 000.",
        PriceFault.MINIMUM: "Напишите сумму в TRX, например 1 или 0.5: не больше шести знаков "
        "после запятой.",
        PriceFault.STEPS: "В ступенях энергия должна расти, а цена падать, начиная с самой цены; "
        "не больше 8. По строке на ступень, например 700000: 30.",
        PriceFault.DURATION: "Напишите часы, например 6 или 0.5, или дни, например 3d: не больше "
        "года.",
        PriceFault.PAST: "Это должно быть будущее время UTC, например 2026-12-31 18:00.",
        PriceFault.LAST: "Это единственный срок в продаже: сначала добавьте другой.",
    }
    _quotes_keep = "Открытые предложения и заказы сохраняют свою цену."
    _about_removal = "{}: больше не продавать, и что запланировано, тоже."
    _still_on_sale = "Сроков остаётся в продаже: {}"
    _done: ClassVar = {
        Act.PRICE_CHANGE: "Опубликовано.",
        Act.PRICE_REMOVE: "Больше не продаётся.",
    }

    _history_title = "{}: сколько стоило"
    _no_history = "Этого ещё никто не менял."
    _always = "Ещё до журнала"
    _since = "С "
    _until = "до "
    _by = "кто: {}"
    _by_configuration = "из конфигурации"
    _was_not_sold = "не продавалось"
    _older = "… и ещё {} раньше."
