"""Russian: the API keys of somebody."""

from __future__ import annotations

from bot.texts.office.keys import PersonKeyTexts
from bot.texts.ru_keys import RussianKeyLines


class RussianPersonKeys(RussianKeyLines, PersonKeyTexts):
    """The keys of somebody, one of them, and a new one."""

    keys_button = "Ключи API"
    handed_over_button = "Ключ передан"
    revoke_button = "Отозвать…"
    too_many = "Ключей уже столько, сколько можно. Сначала отзовите один."
    key_unknown = "Такого ключа нет."
    needs_scope = "Ключу нужно что-нибудь разрешить."

    _api_keys = "Ключи API"
    _no_keys = "Ключей нет."
    _bounds = (
        "Программам часто нужно больше неоплаченных заказов сразу, чем людям: свой лимит "
        "задаётся в карточке клиента."
    )
    _belongs_to = "Владелец"
    _ask_name = "Как назвать ключ?"
    _is_made = "Ключ создан"
    _shown_once = "Больше он не будет показан."
    _hand_it_on = (
        "Передайте его владельцу так, чтобы никто другой не прочитал, и нажмите кнопку ниже: ключ "
        "исчезнет из чата. Владелец узнал, что ключ создан, но самого ключа не видел."
    )
    _make_means = "Ключ будет показан один раз, передаёте его вы. Владелец об этом узнает."
    _revoke_means = (
        "Программы с этим ключом сразу получат отказ, и вернуть его нельзя. Их заказы продолжатся. "
        "Владелец об этом узнает."
    )
    _by_hand = "Создан из командной строки"

    def _made_by(self, actor_id: int) -> str:
        return f"Кто создал: {actor_id}"
