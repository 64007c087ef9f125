"""The sentences of problems, in the languages that programs' authors read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.problems import Code
from api.words import en, zh


@dataclass(frozen=True, slots=True)
class Words:
    """One language: for each code what it is called, and what there is to say about it."""

    titles: Mapping[Code, str]
    sentences: Mapping[Code, str]
    field_sentences: Mapping[str, str]

    def sentence(self, code: Code, facts: Mapping[str, Any]) -> str:
        return self.sentences[code].format_map(facts)


LANGUAGES: Mapping[str, Words] = {
    "en": Words(en.TITLES, en.SENTENCES, {}),
    "zh": Words(zh.TITLES, zh.SENTENCES, zh.FIELD_SENTENCES),
}

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([0-9.]{1,5})\s*)?")


def language_of(accept: str | None) -> str:
    """Which of our languages suits an Accept-Language header best (RFC 9110, 12.5.4)."""
    best, weight = "en", 0.0
    for part in (accept or "").split(",")[:20]:
        found = _RANGE.fullmatch(part)
        if found is None or found[1].lower() not in LANGUAGES:
            continue
        try:
            wanted = float(found[2]) if found[2] else 1.0
        except ValueError:
            continue
        if wanted > weight:
            best, weight = found[1].lower(), wanted
    return best
