"""Formatting of a text: entities counted in UTF-16 units, as Telegram checks and stores them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.links import InvalidLink, checked_link

_LARGEST_OFFSET = 1_000_000
_DATE_TIME_FORMAT = re.compile(r"^(?:r|w?[dD]?[tT]?)$")

# Order of entities that begin and end together: the outer one first.
_PRIORITY = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 10,
    "code": 20,
    "date_time": 48,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
_FOUND_BY_TELEGRAM = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
)
_STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_MONOSPACE = frozenset({"pre", "code"})
_TYPES = frozenset(_PRIORITY) | _FOUND_BY_TELEGRAM


@dataclass(frozen=True)
class Entity:
    """One piece of formatting: `offset` and `length` in UTF-16 units of its text."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user: Mapping[str, Any] | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length

    def as_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = {"offset": self.offset, "length": self.length, "type": self.type}
        for name in (
            "url",
            "user",
            "language",
            "custom_emoji_id",
            "unix_time",
            "date_time_format",
        ):
            value = getattr(self, name)
            if value is not None:
                fields[name] = value
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Entity:
        """Reads back what `as_json` wrote."""
        return cls(**fields)


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for character in text if character > "\uffff")


def utf16_slice(text: str, entity: Entity) -> str:
    """The part of the text that the entity covers."""
    units = text.encode("utf-16-le")
    return units[2 * entity.offset : 2 * entity.end].decode("utf-16-le")


def parse_entities(items: Any) -> tuple[Entity, ...]:
    """Entities as a bot sends them; raises BotApiError for what Telegram cannot read."""
    if items is None:
        return ()
    if not isinstance(items, list):
        return ()
    return tuple(_parse_entity(item) for item in items)


def _parse_entity(item: Any) -> Entity:
    if not isinstance(item, dict):
        raise bad_request("expected an Object as MessageEntity")
    kind = _field(item, "type", str, "String")
    offset = _number(item, "offset")
    length = _number(item, "length")
    if kind not in _TYPES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    entity = Entity(kind, offset, length)
    if kind == "text_link":
        return replace(entity, url=_field(item, "url", str, "String"))
    if kind == "text_mention":
        user = _field(item, "user", dict, "Object")
        return replace(entity, user=user)
    if kind == "pre" and item.get("language"):
        return replace(entity, language=str(item["language"]))
    if kind == "custom_emoji":
        emoji = str(_field(item, "custom_emoji_id", str, "String"))
        if not emoji.isdecimal() or int(emoji) >= 1 << 63:
            raise bad_request(
                'can\'t parse MessageEntity: Field "custom_emoji_id" must be a valid Number'
            )
        return replace(entity, custom_emoji_id=emoji)
    if kind == "date_time":
        return date_time(
            offset, length, _number(item, "unix_time"), str(item.get("date_time_format") or "")
        )
    return entity


def date_time(offset: int, length: int, unix_time: int, date_time_format: str) -> Entity:
    """A moment that clients show in the reader's own way; raises BotApiError for a wrong format."""
    if not _DATE_TIME_FORMAT.match(date_time_format):
        raise bad_request("can't parse MessageEntity: Invalid date-time format specified")
    return Entity(
        "date_time",
        offset,
        length,
        unix_time=unix_time,
        date_time_format=date_time_format or None,
    )


def _field(item: Mapping[str, Any], name: str, kind: type, shown: str) -> Any:
    if name not in item or item[name] is None:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if not isinstance(item[name], kind):
        raise bad_request(f'can\'t parse MessageEntity: Field "{name}" must be of type {shown}')
    return item[name]


def _number(item: Mapping[str, Any], name: str) -> int:
    if name not in item or item[name] is None:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    try:
        return int(item[name])
    except (TypeError, ValueError) as error:
        raise bad_request(
            f'can\'t parse MessageEntity: Field "{name}" must be a valid Number'
        ) from error


def formatted(text: str, entities: Iterable[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """Text and entities as Telegram stores them.

    Control characters go, white space at both ends goes, entities are checked against the text,
    nested properly, completed with those Telegram finds itself, and ordered.
    Raises BotApiError for entities outside the text or inside one of its characters.
    """
    given = [_checked(entity) for entity in entities if _has_length(entity)]
    _check_bounds(text, given)
    text, given = _clean(text, given)
    blocks = _nested(e for e in given if e.type not in _STYLES | _FOUND_BY_TELEGRAM)
    blocks += [entity for entity in find_entities(text) if not _taken(entity, blocks)]
    styles = _styles([entity for entity in given if entity.type in _STYLES], blocks)
    return text, tuple(sorted([*blocks, *styles], key=_order))


def _has_length(entity: Entity) -> bool:
    if not 0 <= entity.offset <= _LARGEST_OFFSET:
        raise bad_request(f"receive an entity with incorrect offset {entity.offset}")
    if not 0 <= entity.length <= _LARGEST_OFFSET:
        raise bad_request(f"receive an entity with incorrect length {entity.length}")
    return entity.length > 0


def _checked(entity: Entity) -> Entity:
    if entity.type != "text_link":
        return entity
    try:
        return replace(entity, url=checked_link(entity.url or ""))
    except InvalidLink as error:
        raise bad_request(f"entity URL '{entity.url}' is invalid: {error}") from error


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity.offset, -entity.length, _PRIORITY.get(entity.type, 50)


def _check_bounds(text: str, entities: Sequence[Entity]) -> None:
    starts: dict[int, int] = {}
    units = position = 0
    for character in text:
        starts[units] = position
        units += 2 if character > "\uffff" else 1
        position += len(character.encode())
    starts[units] = position
    for entity in sorted(entities, key=_order):
        if entity.offset > units or (entity.offset == units and entity.length):
            raise bad_request(
                f"entity begins after the end of the text at UTF-16 offset {entity.offset}"
            )
        if entity.offset not in starts:
            raise bad_request(
                "entity begins in a middle of a UTF-16 symbol at byte offset "
                f"{starts[entity.offset - 1]}"
            )
        if entity.end > units:
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text"
                f" at UTF-16 offset {entity.end}"
            )
        if entity.end not in starts:
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity.offset} ends in a middle of a UTF-16"
                f" symbol at byte offset {starts[entity.end - 1]}"
            )


def _clean(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Drops control characters and the white space around the text, moving entities along."""
    kept: list[str] = []
    moved = [0]  # old UTF-16 offset -> new one
    for character in text:
        dropped = character == "\r" or 0x202A <= ord(character) <= 0x202E
        if not dropped:
            kept.append(" " if character < " " and character != "\n" else character)
        width = 2 if character > "\uffff" else 1
        for unit in range(1, width + 1):
            moved.append(moved[-1] if dropped or unit < width else moved[-1] + width)
    cleaned = "".join(kept)
    trimmed = cleaned.strip(" \n\t\u00a0\u200b")
    lead = utf16_length(cleaned[: cleaned.find(trimmed)]) if trimmed else 0
    size = utf16_length(trimmed)
    result = []
    for entity in entities:
        start = min(max(moved[entity.offset] - lead, 0), size)
        end = min(max(moved[entity.end] - lead, 0), size)
        if end > start:
            result.append(replace(entity, offset=start, length=end - start))
    return trimmed, result


def _nested(entities: Iterable[Entity]) -> list[Entity]:
    """Links, code, dates and quotes of which none crosses another; the earlier one wins."""
    blocks: list[Entity] = []
    for entity in sorted(entities, key=_order):
        if any(_excludes(block, entity) for block in blocks):
            continue
        blocks.append(entity)
    return blocks


def _excludes(block: Entity, entity: Entity) -> bool:
    """Whether `entity` cannot stand beside or in `block`, which begins first."""
    if entity.offset >= block.end:
        return False
    crosses = entity.end > block.end
    if block.type in _QUOTES:
        return crosses or entity.type in _QUOTES
    if block.type in _MONOSPACE:
        return True
    return crosses or entity.type != "custom_emoji"


def _taken(entity: Entity, own: Sequence[Entity]) -> bool:
    return any(
        entity.offset < other.end and other.offset < entity.end
        for other in own
        if other.type not in _QUOTES
    )


def _styles(styles: Sequence[Entity], blocks: Sequence[Entity]) -> list[Entity]:
    """Bold, italic and the like: merged per kind, kept out of code, cut where they cross."""
    pieces: list[Entity] = []
    for kind in sorted({style.type for style in styles}, key=_PRIORITY.__getitem__):
        spans = _merged([(style.offset, style.end) for style in styles if style.type == kind])
        for code in (block for block in blocks if block.type in _MONOSPACE):
            spans = [
                span
                for start, end in spans
                for span in ((start, min(end, code.offset)), (max(start, code.end), end))
                if span[0] < span[1]
            ]
        for block in blocks:
            spans = [
                span
                for start, end in spans
                for span in _cut_at_edges(start, end, block.offset, block.end)
            ]
        pieces += [Entity(kind, start, end - start) for start, end in spans]
    return _uncrossed(pieces)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut_at_edges(start: int, end: int, left: int, right: int) -> list[tuple[int, int]]:
    if start < left < end < right:
        return [(start, left), (left, end)]
    if left < start < right < end:
        return [(start, right), (right, end)]
    return [(start, end)]


def _uncrossed(pieces: list[Entity]) -> list[Entity]:
    pending = sorted(pieces, key=_order)
    done: list[Entity] = []
    while pending:
        first = pending.pop(0)
        crossing = next((e for e in pending if first.offset < e.offset < first.end < e.end), None)
        if crossing is None:
            done.append(first)
            continue
        cut = crossing.offset
        pending += [
            replace(first, length=cut - first.offset),
            replace(first, offset=cut, length=first.end - cut),
        ]
        pending.sort(key=_order)
    return done


_COMMAND = re.compile(
    r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])", re.UNICODE
)
_MENTION = re.compile(r"(?<!\w)@[A-Za-z0-9_]{4,32}(?!\w)")
_HASHTAG = re.compile(r"(?<![\w])#(?=\w*[^\W\d_])\w{1,256}(?![\w#])")
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}(?![\w-])")
_URL = re.compile(
    r"(?<![\w@.])(?:(?:https?://)[^\s<>\"'«»]+|"
    r"(?:[A-Za-z0-9-]+\.)+(?:com|org|net|io|me|dev|app|info|network|finance|ru|cn|co|xyz)"
    r"(?::\d+)?(?:/[^\s<>\"'«»]*)?)(?![\w@])"
)


def find_entities(text: str) -> list[Entity]:
    """What Telegram recognises in a text by itself: commands, links, mentions, tags, addresses."""
    found: list[Entity] = []
    for kind, pattern in (
        ("url", _URL),
        ("email", _EMAIL),
        ("bot_command", _COMMAND),
        ("mention", _MENTION),
        ("hashtag", _HASHTAG),
        ("cashtag", _CASHTAG),
    ):
        for match in pattern.finditer(text):
            piece = match.group()
            if kind == "url":
                piece = piece.rstrip(".,:;!?)]}'\"")
            offset = utf16_length(text[: match.start()])
            entity = Entity(kind, offset, utf16_length(piece))
            if not any(entity.offset < e.end and e.offset < entity.end for e in found):
                found.append(entity)
    return sorted(found, key=_order)
