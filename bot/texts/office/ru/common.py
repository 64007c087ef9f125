"""Russian: doors, reasons, confirmations."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.common import CommonTexts
from bot.texts.ru_words import RussianWords
from services.acts import ActFault


class RussianCommon(RussianWords, CommonTexts):
    """What all areas say."""

    back_button = "‹ Назад"
    never_mind_button = "Не надо"
    no_reason_button = "Без причины"
    do_it_button = "Да, сделать"
    commands = (
        ("admin", "Как дела в магазине"),
        ("alerts", "Что сейчас не так"),
        ("find", "Найти заказ"),
        ("held", "Платежи, которые ждут решения"),
        ("refunds", "Деньги на пути назад"),
        ("pools", "Пулы: что свободно и что не так"),
        ("addpool", "Добавить пул"),
        ("prices", "Цены: сейчас, потом и раньше"),
        ("user", "Найти человека"),
        ("broadcast", "Написать многим"),
        ("report", "Отчёт за день, неделю, месяц"),
        ("maintenance", "Остановить и принимать заказы"),
        ("risk", "Риски и заказы, которые ждут"),
        ("settings", "Что можно менять на ходу"),
        ("log", "Кто что сделал"),
    )
    _rooms: ClassVar = {
        "orders": "Заказы",
        "held": "Ожидающие платежи",
        "refunds": "Возвраты",
        "pools": "Пулы",
        "prices": "Цены",
        "users": "Люди",
        "broadcast": "Рассылка",
        "maintenance": "Обслуживание",
        "risk": "Риски",
        "settings": "Настройки",
        "log": "Журнал",
        "alerts": "Тревоги",
        "reports": "Отчёты",
    }
    _why = "Почему? Хватит нескольких слов: они останутся в журнале."
    _because = "Причина: "
    _left = "Ничего не сделано."
    _refused: ClassVar = {
        ActFault.NOT_ALLOWED: "Ваша роль в магазине этого не позволяет. Попытка записана.",
        ActFault.GONE: "На этот вопрос уже ответили, или он устарел. Ничего не сделано; "
        "начните заново.",
        ActFault.NO_REASON: "Здесь нужна причина. Ничего не сделано.",
    }
