"""English: API keys."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.key_card import KeyCard
from bot.texts.key_lines import KeyLines
from services.api_keys import Scope


class EnglishKeyLines(EnglishWords, KeyLines):
    """What customers and the staff read of a key."""

    new_key_button = "New key"
    make_key_button = "Make the key"
    anywhere_button = "From anywhere"
    copy_key_button = "Copy the key"

    _scope_buttons: ClassVar = {
        Scope.READ: "Look",
        Scope.ORDER: "Order",
        Scope.SPEND: "Pay from balance",
        Scope.WEBHOOKS: "Webhooks",
    }
    _scopes: ClassVar = {
        Scope.READ: "look",
        Scope.ORDER: "order",
        Scope.SPEND: "pay from the balance",
        Scope.WEBHOOKS: "set up webhooks",
    }
    _lengths: ClassVar = {
        timedelta(days=30): "30 days",
        timedelta(days=365): "1 year",
        None: "no end",
    }
    _may = "May"
    _works_until = "until"
    _no_end = "without an end"
    _ran_out = "Ran out"
    _revoked = "Revoked"
    _last_used = "last used"
    _never_used = "not used yet"
    _only_from = "Only from"
    _from_anywhere = "From any IP address"
    _made = "Made"
    _works = "Works"
    _tap_to_change = "Tap what should be different, then make the key."
    _spends = "Whoever has this key can spend the balance on energy."
    _ask_networks = (
        "From which IP addresses may the key be used?",
        "Send addresses or networks, with spaces between them.",
    )
    _is_key = (
        "That is an API key.",
        "Nobody here needs it. I have taken it out of our chat. If others saw it, revoke it: /api",
    )

    def networks_button(self, count: int) -> str:
        return f"Only from {count} of my addresses…" if count else "Only from some addresses…"

    def _key_named(self, name: str) -> str:
        return f"New key: {name}"

    def _examples(self, most: int) -> str:
        return f"Such as 203.0.113.7 or 203.0.113.0/24, at most {most} of them."

    def _name_unfit(self, most: int) -> str:
        return f"Please send a name of 1 to {most} characters, such as: my shop"

    def _no_network(self, word: str) -> str:
        return f"“{word}” is neither an IP address nor a network."

    def _too_many_networks(self, most: int) -> str:
        return f"That is more than {most}. Please send fewer, or wider networks."


class EnglishKeys(EnglishKeyLines, KeyCard):
    """What customers read about API keys."""

    api_keys_button = "API keys"
    key_saved_button = "I have saved it"
    revoke_key_button = "Revoke…"
    revoke_key_now_button = "Yes, revoke it"

    key_unknown = "I do not find this key among yours."
    key_needs_scope = "A key has to be allowed something."
    key_draft_gone = "This form is from earlier. Please begin again."
    key_is_revoked = "Revoked. It opens nothing any more."

    _api_keys = "API keys"
    _what_for = "With a key, a program of yours rents energy here by itself, in your name."
    _address = "Address of the API"
    _operator_tells = "The operator of the shop tells you where the API is."
    _not_served = "The shop serves no programs just now, so keys open nothing."
    _no_keys = "You have no key yet."
    _ran_out_lately = "Ran out lately"
    _ask_name = (
        "What shall the key be called? You will know it by that: my shop, wallet server, tests"
    )
    _shown_once = "It is not shown again."
    _copy_then = (
        "Keep it where your program keeps its secrets, and give it to nobody else. When you have "
        "it, tap below: then it leaves this chat."
    )
    _then_refused = (
        "Programs that use it are refused at once, and that cannot be undone. Their orders go on."
    )
    _shop_hands_on = "Whoever made it hands it to you. You can revoke it at any time: /api"
    _refused_from_now_on = "Programs that use it are refused from now on. Your other keys: /api"

    def _too_many(self, most: int) -> str:
        return f"You have {most} keys, which is the most. Please revoke one first."

    def _is_made(self, name: str) -> str:
        return f"Here is the key “{name}”"

    def _sure_to_revoke(self, name: str) -> str:
        return f"Revoke the key “{name}”?"

    def _shop_made(self, name: str) -> str:
        return f"The shop made you an API key: {name}"

    def _shop_revoked(self, name: str) -> str:
        return f"The shop revoked your API key: {name}"
