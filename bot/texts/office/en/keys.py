"""English: the API keys of somebody."""

from __future__ import annotations

from bot.texts.en_keys import EnglishKeyLines
from bot.texts.office.keys import PersonKeyTexts


class EnglishPersonKeys(EnglishKeyLines, PersonKeyTexts):
    """The keys of somebody, one of them, and a new one."""

    keys_button = "API keys"
    handed_over_button = "I have handed it on"
    revoke_button = "Revoke…"
    too_many = "They have as many keys as one may have. Revoke one first."
    key_unknown = "There is no such key."
    needs_scope = "A key has to be allowed something."

    _api_keys = "API keys"
    _no_keys = "There is no key."
    _bounds = (
        "Programs often need more unpaid orders at once than people do: give this person a bound "
        "of their own on their card."
    )
    _belongs_to = "Belongs to"
    _ask_name = "What shall the key be called?"
    _is_made = "The key is made"
    _shown_once = "It is not shown again."
    _hand_it_on = (
        "Hand it to whom it is for, in a way that nobody else reads, then tap below: it leaves "
        "this chat. They were told that it was made, without the key."
    )
    _make_means = "You see the key once, and hand it on. They are told."
    _revoke_means = (
        "Programs that use it are refused at once, and that cannot be undone. Their orders go on. "
        "Its owner is told."
    )
    _by_hand = "Made at the command line"

    def _made_by(self, actor_id: int) -> str:
        return f"Made by {actor_id}"
