"""Whatever a bot sends is carried out or refused in Telegram's way: never a crash."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.telegram import BotApiError, LocalTelegram
from sandbox.telegram.files import Upload
from sandbox.telegram.http_methods import METHODS
from sandbox.telegram.parameters import Parameters
from tests.sandbox.telegram.support import ALICE, BOT, picture

NUMBERS = st.sampled_from(["1", "2", "1001", "0", "-1", "x", "", str(10**30), "1.5"])
NAMES = [
    "type",
    "offset",
    "length",
    "url",
    "text",
    "callback_data",
    "message_id",
    "media",
    "inline_keyboard",
    "keyboard",
    "copy_text",
    "web_app",
    "unix_time",
    "command",
    "description",
    "chat_id",
    "caption",
    "disabled",
    "user",
    "style",
]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2000) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
MARKUP = st.fixed_dictionaries({"inline_keyboard": st.lists(st.lists(JSON, max_size=2))})
ENTITIES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["bold", "pre", "text_link", "date_time", "text_mention"])},
        optional={
            "offset": st.integers(-1, 8) | JSON,
            "length": st.integers(-1, 8) | JSON,
            "url": st.sampled_from(["https://x.org", "tron:T"]) | JSON,
            "unix_time": st.integers() | JSON,
            "user": JSON,
        },
    ),
    max_size=3,
)
TEXTS = st.sampled_from(["hello", "<b>x</b>", "<b", "😀" * 3, "HTML", "typing", "photo"])
AS_JSON = st.one_of(JSON, MARKUP, ENTITIES).map(json.dumps)
VALUE = st.one_of(NUMBERS, TEXTS, AS_JSON, st.text(max_size=8), st.just("attach://it"))
OTHER_PARAMETERS = [
    "reply_parameters",
    "link_preview_options",
    "photo",
    "document",
    "media",
    "action",
    "callback_query_id",
    "file_id",
    "commands",
    "scope",
    "language_code",
    "description",
    "menu_button",
    "message_effect_id",
]
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "chat_id": st.just("1001") | NUMBERS,
        "message_id": NUMBERS,
        "text": TEXTS | st.text(max_size=8),
        "caption": TEXTS,
        "parse_mode": st.sampled_from(["HTML", "none", "odd", "MarkdownV2"]),
        "entities": ENTITIES.map(json.dumps) | VALUE,
        "caption_entities": ENTITIES.map(json.dumps) | VALUE,
        "reply_markup": MARKUP.map(json.dumps) | VALUE,
        **dict.fromkeys(OTHER_PARAMETERS, VALUE),
    },
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(METHODS)), PARAMETERS)
def test_every_call_is_answered(method: str, values: dict[str, str]) -> None:
    telegram = LocalTelegram(BOT, [ALICE])
    telegram.send_text(ALICE.id, "/start")
    telegram.bot_side.chat(ALICE.id)
    call = Parameters(values, {"it": Upload(picture(), "it.png")})
    with suppress(BotApiError), telegram.acting():
        result = METHODS[method](telegram, call)
        json.dumps(result, ensure_ascii=False).encode()
    for change in telegram.changes(ALICE.id):
        json.dumps(change.as_json(str), ensure_ascii=False).encode()
    telegram.close()
