"""Entities and HTML as Telegram stores them: what holds for every text."""

from __future__ import annotations

from contextlib import suppress

import pytest
from aiogram.utils.text_decorations import html_decoration
from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram.entities import Entity, find_entities, formatted, utf16_length, utf16_slice
from sandbox.telegram.errors import BotApiError
from sandbox.telegram.html_text import parse_html
from sandbox.telegram.links import InvalidLink, checked_link

STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
KINDS = (*STYLES, "code", "pre", "blockquote", "text_link", "date_time")
LETTERS = st.text(st.sampled_from("ab é⚡😀能\n "), min_size=1, max_size=30)


def entity(kind: str, offset: int, length: int) -> Entity:
    return Entity(
        kind,
        offset,
        length,
        url="https://x.org/" if kind == "text_link" else None,
        unix_time=1 if kind == "date_time" else None,
    )


@st.composite
def texts_with_entities(draw: st.DrawFn) -> tuple[str, list[Entity]]:
    """A text and entities whose ends lie between its characters."""
    text = draw(LETTERS)
    edges = st.integers(0, len(text)).map(lambda at: utf16_length(text[:at]))
    spans = st.tuples(st.sampled_from(KINDS), edges, edges)
    return text, [
        entity(kind, min(a, b), abs(a - b)) for kind, a, b in draw(st.lists(spans, max_size=8))
    ]


@given(texts_with_entities())
def test_stored_entities_lie_within_the_text_and_never_cross(
    given_text: tuple[str, list[Entity]],
) -> None:
    text, entities = formatted(*given_text)
    assert text == text.strip(" \n")
    size = utf16_length(text)
    for first in entities:
        assert 0 <= first.offset < first.end <= size
        utf16_slice(text, first)
        for second in entities:
            assert not first.offset < second.offset < first.end < second.end
    assert [e.offset for e in entities] == sorted(e.offset for e in entities)
    assert formatted(text, entities) == (text, entities)


@given(texts_with_entities())
def test_a_style_covers_what_it_covered_except_code(
    given_text: tuple[str, list[Entity]],
) -> None:
    source, wanted = given_text
    text, entities = formatted(source, wanted)
    lead = utf16_length(source[: source.find(text)]) if text else 0
    code = {unit for e in entities if e.type in ("code", "pre") for unit in range(e.offset, e.end)}
    for style in STYLES:
        asked = {
            unit - lead
            for e in wanted
            if e.type == style
            for unit in range(e.offset, e.end)
            if 0 <= unit - lead < utf16_length(text)
        }
        got = {unit for e in entities if e.type == style for unit in range(e.offset, e.end)}
        assert got == asked - code


@given(LETTERS, st.lists(st.sampled_from(STYLES), max_size=4))
def test_html_says_the_same_as_entities(text: str, kinds: list[str]) -> None:
    tags = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s"}
    source = html_decoration.quote(text)
    for kind in kinds:
        tag = tags.get(kind, "tg-spoiler")
        source = f"<{tag}>{source}</{tag}>"
    plain, entities = parse_html(source)
    assert plain == text
    assert {e.type for e in entities} == set(kinds)
    assert all((e.offset, e.length) == (0, utf16_length(text)) for e in entities)


@given(st.text(st.sampled_from("<>/=\"'& bai#x1;é"), max_size=40))
def test_html_is_read_or_refused_and_never_breaks(source: str) -> None:
    with suppress(BotApiError):
        text, entities = parse_html(source)
        formatted(text, entities)


@given(st.text(max_size=60))
def test_found_entities_are_pieces_of_the_text(text: str) -> None:
    for found in find_entities(text):
        assert utf16_slice(text, found)


def test_crossing_styles_are_cut_where_they_cross() -> None:
    _, entities = formatted("abcdefghijkl", [entity("bold", 0, 6), entity("italic", 3, 9)])
    assert [(e.type, e.offset, e.length) for e in entities] == [
        ("bold", 0, 3),
        ("italic", 3, 9),
        ("bold", 3, 3),
    ]


def test_code_in_a_language() -> None:
    text, entities = parse_html('<pre><code class="language-sql">SELECT 1</code></pre>')
    assert text == "SELECT 1"
    assert entities == (Entity("pre", 0, 8, language="sql"),)


@pytest.mark.parametrize(
    ("source", "text"),
    [("&lt;&#62;&#x26;&quot;", '<>&"'), ("&copy; &; &#0; a&b", "&copy; &; &#0; a&b")],
)
def test_references(source: str, text: str) -> None:
    assert parse_html(source)[0] == text


@pytest.mark.parametrize(
    ("link", "stored"),
    [
        ("https://TronScan.org", "https://tronscan.org/"),
        ("tronscan.org/#/a?b=C", "http://tronscan.org/#/a?b=C"),
        ("https://link.trustwallet.com/send?a=c195&amount=1.5", None),
        ("TG://user?id=5", "tg://user?id=5"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
    ],
)
def test_links(link: str, stored: str | None) -> None:
    assert checked_link(link) == (stored or link)


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("", "URL host is empty"),
        ("https://", "URL host is empty"),
        ("tron:TXYZ", "Wrong HTTP URL"),
        ("ftp://example.com", "Unsupported URL protocol"),
        ("https://a b.com", "Wrong HTTP URL"),
        ("localhost", "Wrong HTTP URL"),
    ],
)
def test_refused_links(link: str, reason: str) -> None:
    with pytest.raises(InvalidLink, match=f"^{reason}$"):
        checked_link(link)
