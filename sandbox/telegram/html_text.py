"""Telegram's HTML parse mode, with Telegram's complaints (byte offsets of the UTF-8 source)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.telegram.entities import Entity, date_time, utf16_length
from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.links import InvalidLink, checked_link

_STYLE_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


@dataclass
class _OpenTag:
    name: str
    attributes: dict[str, str]
    offset: int
    position: int


def parse_html(source: str) -> tuple[str, tuple[Entity, ...]]:
    """Text and entities of Telegram's HTML; raises BotApiError when it is not well formed."""
    return _HtmlReader(source).read()


class _HtmlReader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text: list[str] = []
        self._units = 0
        self._open: list[_OpenTag] = []
        self._entities: list[Entity] = []

    def read(self) -> tuple[str, tuple[Entity, ...]]:
        while self._at < len(self._source):
            character = self._source[self._at]
            if character == "<":
                if self._source.startswith("</", self._at):
                    self._end_tag()
                else:
                    self._start_tag()
            elif character == "&":
                self._put(self._reference())
            else:
                self._at += 1
                self._put(character)
        if self._open:
            raise self._wrong(
                f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"'
            )
        return "".join(self._text), tuple(self._entities)

    def _put(self, text: str) -> None:
        self._text.append(text)
        self._units += utf16_length(text)

    def _peek(self) -> str:
        return self._source[self._at] if self._at < len(self._source) else ""

    def _byte(self, position: int) -> int:
        return len(self._source[:position].encode())

    def _wrong(self, complaint: str) -> BotApiError:
        return bad_request(f"can't parse entities: {complaint}")

    def _reference(self) -> str:
        """One character, or what an entity reference such as &lt; or &#10; stands for."""
        start = self._at
        self._at += 1
        end = self._at
        if self._source.startswith("#x", end):
            digits = end + 2
            base, allowed = 16, "0123456789abcdefABCDEF"
        elif self._source.startswith("#", end):
            digits = end + 1
            base, allowed = 10, "0123456789"
        else:
            while (
                end < len(self._source)
                and self._source[end].isascii()
                and (self._source[end].isalpha())
            ):
                end += 1
            named = _NAMED.get(self._source[self._at : end])
            if named is None:
                return "&"
            self._at = end + (self._source[end : end + 1] == ";")
            return named
        end = digits
        while end < len(self._source) and self._source[end] in allowed:
            end += 1
        code = int(self._source[digits:end] or "0", base)
        if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF or end - digits > 8:
            self._at = start + 1
            return "&"
        self._at = end + (self._source[end : end + 1] == ";")
        return chr(code)

    def _skip_space(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        while self._peek() and not self._peek().isspace() and self._peek() != ">":
            self._at += 1
        if not self._peek():
            raise self._wrong(f"Unclosed start tag at byte offset {self._byte(begin)}")
        name = self._source[begin + 1 : self._at].lower()
        if name not in _STYLE_OF_TAG:
            raise self._wrong(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._peek() == ">":
                break
            self._attribute(name, begin, attributes)
        self._at += 1
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._wrong(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}'
            )
        self._open.append(_OpenTag(name, attributes, self._units, len(self._text)))

    def _attribute(self, tag: str, begin: int, attributes: dict[str, str]) -> None:
        unclosed = self._wrong(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        start = self._at
        while self._peek() and not self._peek().isspace() and self._peek() not in "=>/\"'":
            self._at += 1
        name = self._source[start : self._at].lower()
        if not name:
            if not self._peek():
                raise unclosed
            raise self._wrong(
                f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}'
            )
        self._skip_space()
        if not self._peek():
            raise unclosed
        if self._peek() != "=":
            if tag == "blockquote" and name == "expandable":
                attributes[name] = ""
                return
            raise self._wrong(
                "Expected equal sign in declaration of an attribute of the tag "
                f'"{tag}" at byte offset {self._byte(begin)}'
            )
        self._at += 1
        self._skip_space()
        if not self._peek():
            raise unclosed
        attributes[name] = self._value()
        if not self._peek():
            raise unclosed

    def _value(self) -> str:
        quote = self._peek()
        if quote not in "\"'":
            start = self._at
            while self._peek().isascii() and (self._peek().isalnum() or self._peek() in "-."):
                if not self._peek():
                    break
                self._at += 1
            if self._peek() and not self._peek().isspace() and self._peek() != ">":
                raise self._wrong(
                    f"Unexpected end of name token at byte offset {self._byte(start)}"
                )
            return self._source[start : self._at].lower()
        self._at += 1
        value: list[str] = []
        while self._peek() and self._peek() != quote:
            if self._peek() == "&":
                value.append(self._reference())
            else:
                value.append(self._peek())
                self._at += 1
        if self._peek():
            self._at += 1
        return "".join(value)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise self._wrong(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self._at += 2
        while self._peek() and not self._peek().isspace() and self._peek() != ">":
            self._at += 1
        name = self._source[begin + 2 : self._at].lower()
        self._skip_space()
        if self._peek() != ">":
            raise self._wrong(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self._at += 1
        tag = self._open.pop()
        if name and name != tag.name:
            raise self._wrong(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{tag.name}>", found "</{name}>"'
            )
        self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        offset, length = tag.offset, self._units - tag.offset
        kind = _STYLE_OF_TAG[tag.name]
        if not length:
            return
        if kind == "text_link":
            inner = "".join(self._text[tag.position :])
            try:
                url = checked_link(tag.attributes.get("href") or inner)
            except InvalidLink:
                return
            self._entities.append(Entity(kind, offset, length, url=url))
        elif kind == "custom_emoji":
            emoji = tag.attributes.get("emoji-id", "")
            if not emoji.isdecimal() or int(emoji) >= 1 << 63:
                raise self._wrong("Invalid custom emoji identifier specified")
            self._entities.append(Entity(kind, offset, length, custom_emoji_id=emoji))
        elif kind == "date_time":
            moment = tag.attributes.get("unix", "")
            if not moment.lstrip("-").isdecimal():
                raise self._wrong("Invalid date-time specified")
            self._entities.append(
                date_time(offset, length, int(moment), tag.attributes.get("format", ""))
            )
        elif kind == "blockquote" and "expandable" in tag.attributes:
            self._entities.append(Entity("expandable_blockquote", offset, length))
        elif kind in ("code", "pre"):
            self._close_code(tag, Entity(kind, offset, length))
        else:
            self._entities.append(Entity(kind, offset, length))

    def _close_code(self, tag: _OpenTag, entity: Entity) -> None:
        """`<pre><code class="language-x">` is one piece of code in the language x."""
        last = self._entities[-1] if self._entities else None
        same = last is not None and (last.offset, last.length) == (entity.offset, entity.length)
        chosen = tag.attributes.get("class", "")
        language = chosen.removeprefix("language-") if chosen.startswith("language-") else None
        if tag.name == "pre" and same and last is not None and last.type == "code":
            self._entities[-1] = Entity("pre", entity.offset, entity.length, language=last.language)
            return
        inside_pre = bool(self._open) and self._open[-1].name == "pre"
        self._entities.append(
            Entity(
                entity.type,
                entity.offset,
                entity.length,
                language=language if tag.name == "code" and inside_pre else None,
            )
        )
