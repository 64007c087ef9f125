"""Every card about pools, with figures as long as they can get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.office import cards, pool_cards
from bot.screen import Card
from bot.texts import Texts
from chain.accounts import Account
from db.pools import PoolReadingRow, PoolRow
from services.acts import Act
from services.granting import Beyond
from services.key_ring import NamedKey
from services.pool_adding import AddFault, Candidate, GrantNeeded
from services.pool_keeping import TERMS, Consequence, PoolFigures
from services.pools import PoolState, Trouble
from tests.support.shop import TRX, address

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POOL, HOT = address("pool"), address("hot")
READING = PoolReadingRow(
    address=POOL,
    block_number=77_777_777,
    block_time=NOW,
    total_energy_limit=180_000_000_000,
    total_energy_weight=19_000_000_000,
    balance_sun=1_234_567_890_123,
    stake_sun=50_000_000 * TRX,
    lent_sun=9_876_543 * TRX,
    delegatable_sun=40_000_000 * TRX,
    energy_used=123_456_789,
    recovers_at=NOW + timedelta(hours=23),
    staked_bandwidth=1_234_567,
    free_bandwidth=600,
    bandwidth_fee_sun=1_000,
)
ROW = PoolRow(
    permission_id=2,
    key_address=HOT,
    reserve_sun=1_000_000_000_001,
    cap_sun=None,
    hourly_delegations=100_000,
    priority=-100,
    cost_sun=250,
    address=POOL,
    state=PoolState.ENABLED,
    failures=0,
    trouble=None,
    trouble_since=None,
    probe_at=None,
)
FIGURES = PoolFigures(
    terms=ROW,
    reading=READING,
    has_key=True,
    declared=True,
    fresh=True,
    free_energy=9_999_999_999,
    free_sun=40_000_000 * TRX,
    rentals=12_345,
    next_back=NOW + timedelta(minutes=7),
    later={1: 1_000_000_000, 6: 2_000_000_000, 24: 3_000_000_000},
    transactions=1_000_000,
)
ACCOUNT = Account(
    address=POOL,
    balance_sun=150 * TRX,
    is_contract=False,
    frozen_energy_sun=0,
    delegated_energy_sun=0,
    acquired_energy_sun=0,
    energy_stake_sun=0,
    frozen_bandwidth_sun=0,
    energy_used=0,
    energy_recovers_in=timedelta(0),
    energy_spent=0,
    owner_permission=None,
    active_permissions=(),
)
CANDIDATE = Candidate(
    address=POOL,
    key=NamedKey(HOT, "hot"),
    staked_sun=50_000_000 * TRX,
    balance_sun=1_234_567,
    permission_id=9,
    beyond=Beyond(everything=False),
    grant=None,
)


def _terms(**changes: Any) -> PoolFigures:
    return replace(FIGURES, terms=replace(ROW, **changes))


def pool_cards_of_the_list(texts: Texts) -> Iterator[tuple[str, Card]]:
    common, pools = texts.office.common, texts.office.pools
    yield "pools, none", pool_cards.overview(common, pools, [], 0, may_add=True)
    many = [
        replace(FIGURES, terms=replace(ROW, address=address(f"pool {number}"), trouble=trouble))
        for number, trouble in enumerate([*Trouble, *[None] * 20])
    ]
    for page in range(4):
        yield f"pools, page {page}", pool_cards.overview(common, pools, many, page, may_add=False)


def pool_cards_of_one(texts: Texts) -> Iterator[tuple[str, Card]]:
    common, pools = texts.office.common, texts.office.pools
    yield "pool unknown", pool_cards.unknown(common, pools)
    shown = {
        "well": FIGURES,
        "not fresh": replace(FIGURES, fresh=False, declared=False),
        "never read": replace(FIGURES, reading=None, next_back=None, later={}),
        "idle": replace(
            FIGURES, reading=replace(READING, energy_used=0), next_back=None, rentals=0
        ),
        **{f"{state}": _terms(state=state) for state in PoolState},
        **{f"{trouble}": _terms(trouble=trouble) for trouble in Trouble},
    }
    for name, figures in shown.items():
        yield f"pool, {name}", pool_cards.pool(common, pools, figures, may_change=True)
    yield "pool, looked at", pool_cards.pool(common, pools, FIGURES, may_change=False)
    for act in (
        Act.POOL_ENABLE,
        Act.POOL_DRAIN,
        Act.POOL_DISABLE,
        Act.POOL_TERMS,
        Act.POOL_ADD,
    ):
        done = pools.done(act)
        yield (
            f"pool, after {act}",
            pool_cards.pool(common, pools, FIGURES, done=done, may_change=True),
        )


def pool_cards_of_changes(texts: Texts) -> Iterator[tuple[str, Card]]:
    common, pools = texts.office.common, texts.office.pools
    for act in (Act.POOL_ENABLE, Act.POOL_DRAIN, Act.POOL_DISABLE):
        yield f"why {act}", cards.why(common, pools.about_state(act, POOL), may_skip=True)
        for energy in (None, 123_456_789):
            consequence = Consequence({"state": "x"}, {"state": "y"}, energy, energy, 7)
            meaning = pools.meaning(act, POOL, consequence)
            yield f"meaning of {act}, {energy}", cards.asked(common, meaning)
    for term in TERMS:
        for value in (None, 5_000_001):
            yield (
                f"ask {term}, {value}",
                cards.asked(common, pools.ask_term(term, value, POOL)),
            )
        yield f"wrong {term}", cards.asked(common, pools.wrong_term(term))
        yield f"same {term}", cards.asked(common, pools.is_so_already(term, 5))
        about = pools.about_term(term, None, 5_000_000, POOL)
        yield f"why {term}", cards.why(common, about, may_skip=False)
        consequence = Consequence({term: 0}, {term: 5_000_000}, 1_000_000, 900_000, 0)
        yield (
            f"meaning of {term}",
            cards.asked(common, pools.meaning(Act.POOL_TERMS, POOL, consequence)),
        )


def pool_cards_of_adding(texts: Texts) -> Iterator[tuple[str, Card]]:
    common, pools = texts.office.common, texts.office.pools
    yield "pool's address", cards.asked(common, pools.ask_address())
    yield "pool's wrong address", cards.asked(common, pools.wrong_address())
    yield "pool's buttons", cards.asked(common, pools.use_the_buttons())
    yield "pool's secret", cards.asked(common, pools.key_taken_away())
    for fault in AddFault:
        yield f"pool refused, {fault}", pool_cards.refused(common, pools, fault)
    keys = [NamedKey(address(f"key {number}"), "k" * 60) for number in range(15)]
    yield "pool's key", pool_cards.choose_key(common, pools, ACCOUNT, keys)
    grant = GrantNeeded(3, {"owner_address": POOL}, 100 * TRX, 99 * TRX)
    for beyond in (Beyond(everything=True), Beyond(everything=False, operations=(1, 2, 31, 60))):
        for again in (False, True):
            for fits in (False, True):
                found = replace(CANDIDATE, grant=grant, permission_id=None, beyond=beyond)
                yield (
                    f"grant, {again}, {fits}, {beyond}",
                    pool_cards.grant(common, pools, found, again=again, fits=fits),
                )
        risky = replace(CANDIDATE, beyond=beyond)
        yield f"risk, {beyond}", pool_cards.risk(common, pools, risky)
        yield f"new reserve, {beyond}", pool_cards.ask_reserve(common, pools, risky)
        meaning = pools.meaning_of_adding(risky, 5_000_000, 1_000_000)
        yield f"new pool, {beyond}", cards.asked(common, meaning)
    full = replace(CANDIDATE, grant=replace(grant, request=None), permission_id=None)
    yield "grant, no room", pool_cards.grant(common, pools, full, again=False, fits=False)
    yield "new reserve", pool_cards.ask_reserve(common, pools, CANDIDATE)
    unknown = pools.meaning_of_adding(replace(CANDIDATE, staked_sun=0), 0, None)
    yield "new pool, nothing known", cards.asked(common, unknown)


def pool_cards_all(texts: Texts) -> Iterator[tuple[str, Card]]:
    """Every card about pools."""
    yield from pool_cards_of_the_list(texts)
    yield from pool_cards_of_one(texts)
    yield from pool_cards_of_changes(texts)
    yield from pool_cards_of_adding(texts)
