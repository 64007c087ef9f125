"""Русский: ключи API."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from bot.texts.key_card import KeyCard
from bot.texts.key_lines import KeyLines
from bot.texts.ru_words import RussianWords
from services.api_keys import Scope

_OF_ADDRESSES = ("моего адреса", "моих адресов", "моих адресов")
_CHARACTERS = ("символа", "символов", "символов")


class RussianKeyLines(RussianWords, KeyLines):
    """Что клиенты и сотрудники читают о ключе."""

    new_key_button = "Новый ключ"
    make_key_button = "Создать ключ"
    anywhere_button = "С любых адресов"
    copy_key_button = "Скопировать ключ"

    _scope_buttons: ClassVar = {
        Scope.READ: "Смотреть",
        Scope.ORDER: "Заказывать",
        Scope.SPEND: "Платить с баланса",
        Scope.WEBHOOKS: "Вебхуки",
    }
    _scopes: ClassVar = {
        Scope.READ: "смотреть",
        Scope.ORDER: "заказывать",
        Scope.SPEND: "платить с баланса",
        Scope.WEBHOOKS: "настраивать вебхуки",
    }
    _lengths: ClassVar = {
        timedelta(days=30): "30 дней",
        timedelta(days=365): "1 год",
        None: "без срока",
    }
    _may = "Может"
    _works_until = "до"
    _no_end = "без срока"
    _ran_out = "Срок истёк"
    _revoked = "Отозван"
    _last_used = "последний запрос"
    _never_used = "ещё не использовался"
    _only_from = "Только с адресов"
    _from_anywhere = "С любых IP-адресов"
    _made = "Создан"
    _works = "Срок"
    _tap_to_change = "Нажмите, что изменить, и создайте ключ."
    _spends = "Тот, у кого есть этот ключ, может тратить баланс на энергию."
    _ask_networks = (
        "С каких IP-адресов можно пользоваться ключом?",
        "Пришлите адреса или сети через пробел.",
    )
    _is_key = (
        "Это ключ API.",
        "Он никому здесь не нужен, я убрал его из чата. Если его видели другие, отзовите: /api",
    )

    def networks_button(self, count: int) -> str:
        if not count:
            return "Только с некоторых адресов…"
        return f"Только с {self._count(count, _OF_ADDRESSES)}…"

    def _key_named(self, name: str) -> str:
        return f"Новый ключ: {name}"

    def _examples(self, most: int) -> str:
        return f"Например, 203.0.113.7 или 203.0.113.0/24, не больше {most}."

    def _name_unfit(self, most: int) -> str:
        return f"Пришлите название от 1 до {self._count(most, _CHARACTERS)}, например: мой магазин"

    def _no_network(self, word: str) -> str:
        return f"«{word}» — не IP-адрес и не сеть."

    def _too_many_networks(self, most: int) -> str:
        return f"Это больше {most}. Пришлите меньше адресов или сети пошире."


class RussianKeys(RussianKeyLines, KeyCard):
    """Что клиенты читают о ключах API."""

    api_keys_button = "Ключи API"
    key_saved_button = "Ключ сохранён"
    revoke_key_button = "Отозвать…"
    revoke_key_now_button = "Да, отозвать"

    key_unknown = "Такого ключа у вас нет."
    key_needs_scope = "Ключу нужно что-нибудь разрешить."
    key_draft_gone = "Это прежняя форма. Начните, пожалуйста, заново."
    key_is_revoked = "Отозван. Он больше ничего не открывает."

    _api_keys = "Ключи API"
    _what_for = "С ключом ваша программа сама арендует здесь энергию от вашего имени."
    _address = "Адрес API"
    _operator_tells = "Адрес API вам скажет оператор магазина."
    _not_served = "Сейчас магазин не обслуживает программы, и ключи ничего не открывают."
    _no_keys = "Ключей у вас ещё нет."
    _ran_out_lately = "Недавно истекли"
    _ask_name = (
        "Как назвать ключ? По названию вы будете его узнавать: мой магазин, сервер кошелька, тесты"
    )
    _shown_once = "Больше он не будет показан."
    _copy_then = (
        "Храните его там, где ваша программа держит секреты, и никому не давайте. Когда сохраните, "
        "нажмите кнопку ниже: ключ исчезнет из чата."
    )
    _then_refused = (
        "Программы с этим ключом сразу получат отказ, и вернуть его нельзя. Их заказы продолжатся."
    )
    _shop_hands_on = "Его передаст вам тот, кто создал. Отозвать можно в любой момент: /api"
    _refused_from_now_on = "Программы с этим ключом теперь получают отказ. Другие ключи: /api"

    def _too_many(self, most: int) -> str:
        return f"У вас уже {most} ключей, больше нельзя. Сначала отзовите один."

    def _is_made(self, name: str) -> str:
        return f"Вот ключ «{name}»"

    def _sure_to_revoke(self, name: str) -> str:
        return f"Отозвать ключ «{name}»?"

    def _shop_made(self, name: str) -> str:
        return f"Магазин создал вам ключ API: {name}"

    def _shop_revoked(self, name: str) -> str:
        return f"Магазин отозвал ваш ключ API: {name}"
