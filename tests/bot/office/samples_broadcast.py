"""Every card about broadcasts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot.office import broadcast_cards, cards
from bot.screen import Card
from bot.texts import Texts
from services.broadcasts import LONGEST_TITLE, Activity, Broadcast, BroadcastState
from services.customers import Language

BROADCAST = Broadcast(
    id=5,
    actor_id=1,
    from_chat_id=1,
    message_id=9,
    title="New prices",
    language=None,
    activity=Activity.ALL,
    state=BroadcastState.DRAFT,
    message_gone=False,
    progress=None,
    created_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    ended_at=None,
    people=12_345,
)


def broadcast_samples(texts: Texts) -> Iterator[tuple[str, Card]]:
    office = texts.office
    words = office.broadcast
    yield "broadcast, ask", broadcast_cards.ask(office)
    yield "broadcast, not copied", broadcast_cards.cannot_copy(office)
    for people in (0, 1, 12_345):
        for language in (None, *Language):
            aimed = replace(BROADCAST, people=people, language=language)
            yield f"broadcast, draft {language} {people}", broadcast_cards.draft(office, aimed)
    for activity in Activity:
        aimed = replace(BROADCAST, activity=activity)
        yield f"broadcast, draft {activity}", broadcast_cards.draft(office, aimed)
    begun = replace(
        BROADCAST, id=2**63 - 1, title="w" * LONGEST_TITLE, delivered=9_000, blocked=300, failed=5
    )
    for state in BroadcastState:
        if state is not BroadcastState.DRAFT:
            card = broadcast_cards.broadcast(office, replace(begun, state=state))
            yield f"broadcast, {state}", card
    gone = replace(begun, title="", state=BroadcastState.PAUSED, message_gone=True)
    yield "broadcast, nothing to copy", broadcast_cards.broadcast(office, gone)
    yield "broadcasts, none", broadcast_cards.room(office, (), 0)
    listed = tuple(replace(begun, id=number, state=BroadcastState.DONE) for number in range(1, 11))
    yield "broadcasts", broadcast_cards.room(office, listed, 10)
    yield "broadcasts, many", broadcast_cards.room(office, listed, 12_345)
    for people in (1, 2, 12_345):
        means = words.start_means(replace(BROADCAST, people=people), 20)
        yield f"broadcast, sure of {people}", cards.asked(office.common, means)
    yield "broadcast, cancel", cards.asked(office.common, words.cancel_means(begun))
