"""Telegram's limits, and how a bot's text and caption become what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.entities import Entity, formatted, parse_entities, utf16_length
from sandbox.telegram.errors import bad_request
from sandbox.telegram.html_text import parse_html

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_ANSWER = 200
LARGEST_PHOTO_BYTES = 10 * 1024 * 1024
LARGEST_DOCUMENT_BYTES = 50 * 1024 * 1024
LARGEST_DOWNLOAD_BYTES = 20 * 1024 * 1024
DELETE_WITHIN_SECONDS = 48 * 3600
UPDATES_KEPT_SECONDS = 24 * 3600

# Message effects every bot may use: fire, thumbs up, thumbs down, heart, party, poo.
MESSAGE_EFFECTS = frozenset(
    {
        "5104841245755180586",
        "5107584321108051014",
        "5104858069142078462",
        "5159385139981059251",
        "5046509860389126442",
        "5046589136895476101",
    }
)
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "pick_up_location",
        "record_video_note",
        "upload_video_note",
        "cancel",
    }
)


@dataclass(frozen=True)
class FormattedText:
    text: str
    entities: tuple[Entity, ...] = ()


def _read(text: str, parse_mode: str | None, entities: Any) -> FormattedText:
    mode = (parse_mode or "").lower()
    if mode == "html":
        source, found = parse_html(text)
    elif mode in ("", "none"):
        source, found = text, parse_entities(entities)
    elif mode in ("markdown", "markdownv2"):
        raise bad_request(f"this local Bot API does not read {parse_mode}: use HTML or entities")
    else:
        raise bad_request("unsupported parse_mode")
    return FormattedText(*formatted(source, found))


def message_text(text: str | None, parse_mode: str | None, entities: Any) -> FormattedText:
    """A message's text; raises BotApiError when it is empty or cannot be read."""
    if not text:
        raise bad_request("message text is empty")
    read = _read(text, parse_mode, entities)
    if not read.text:
        raise bad_request("text must be non-empty")
    return read


def check_text_length(text: FormattedText) -> None:
    """At most 4096 UTF-16 units after parsing."""
    if utf16_length(text.text) > LONGEST_TEXT:
        raise bad_request("message is too long")


def message_caption(text: str | None, parse_mode: str | None, entities: Any) -> FormattedText:
    """A caption, which may be empty; raises BotApiError above 1024 UTF-16 units after parsing."""
    read = _read(text or "", parse_mode, entities)
    if utf16_length(read.text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return read
