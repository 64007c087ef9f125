"""Every card about alerts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.office import alert_cards
from bot.office.alert_cards import AlertSubject
from bot.screen import Card
from bot.texts import Texts
from services.alerts import Alert, AlertKind, AlertLook
from services.staff import Actor, Role
from tests.support.shop import address

RAISED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOBODY = AlertSubject()
OWNER = Actor(1, Role.OWNER)
DETAILS: dict[str, Any] = {
    "failures": 3,
    "error": "x" * 300,
    "blocks": 1_200,
    "seconds": 3_600,
    "order": "9999999",
    "order_id": "6f1f0c2e-0000-4000-8000-000000000000",
    "payment_id": 2**40,
    "state": "rejected",
    "answer": "CONTRACT_VALIDATE_ERROR: " + "y" * 270,
    "pool": address("pool"),
    "trouble": "failing",
    "permission_id": 2,
    "key_address": address("hot"),
    "free": 1_000_000,
    "least": 2_000_000,
    "in_1": 1_000_001,
    "in_6": 1_000_006,
    "in_24": 3_000_000,
    "percent": 99,
    "minutes": 5,
    "refused": 5,
    "of": 9,
    "differences": ["5 sun more"],
    "count": 1,
    "rentals": 2,
    "txid": "ab" * 32,
    "old": "-4000000001",
    "new": "-1002000000001",
    "owner": address("wallet"),
    "kind": "TransferContract",
}


def an_alert(kind: AlertKind, **what: Any) -> Alert:
    alert = Alert(
        id=2**40,
        kind=kind,
        subject=f"pool {address('pool')}",
        details=DETAILS,
        raised_at=RAISED,
        times=4_000,
        level=1,
        acknowledged_by=None,
        acknowledged_name=None,
        acknowledged_at=None,
        closed_at=None,
        now=RAISED + timedelta(hours=3, minutes=2),
    )
    return replace(alert, **what)


def alert_samples(texts: Texts) -> Iterator[tuple[str, Card]]:
    taken: dict[str, Any] = {"acknowledged_by": 7, "acknowledged_at": RAISED}
    over: dict[str, Any] = {"closed_at": RAISED + timedelta(seconds=70)}
    for kind in AlertKind:
        alert = an_alert(kind)
        for reader in (None, OWNER):
            yield (
                f"alert {kind}, private: {reader is not None}",
                alert_cards.alert(texts, alert, NOBODY, level=1, reader=reader),
            )
        bare = replace(alert, details={})
        if kind not in alert_cards._OF_DETAILS:
            yield f"{kind}, bare", alert_cards.alert(texts, bare, NOBODY, level=1, reader=OWNER)
    alert = an_alert(AlertKind.REDIS_DOWN)
    for level in (2, 99):
        yield f"level {level}", alert_cards.alert(texts, alert, NOBODY, level=level, reader=OWNER)
    for name, what in (
        ("taken", taken),
        ("taken by Olga", {**taken, "acknowledged_name": "Olga"}),
        ("over", over),
        ("taken, over", {**taken, **over}),
    ):
        changed = replace(alert, **what)
        yield name, alert_cards.alert(texts, changed, NOBODY, level=1, reader=OWNER)
    yield "is over", alert_cards.over(texts, replace(alert, **over))
    for role in (Role.OWNER, Role.VIEWER):
        yield (
            f"no alerts, {role}",
            alert_cards.room(texts, AlertLook((), 0, (), 0), Actor(1, role)),
        )
        some = tuple(an_alert(kind, id=2**40 + n) for n, kind in enumerate(AlertKind))[:20]
        look = AlertLook(some, 25, tuple(replace(each, **over) for each in some), 300)
        yield f"many alerts, {role}", alert_cards.room(texts, look, Actor(1, role))
