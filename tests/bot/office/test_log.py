"""The log is read by pages, of one person, about one thing; an entry says what changed."""

from __future__ import annotations

from services.acts import ActFault
from services.customers import Language
from services.staff import Actor, Role
from services.trail import PAGE_SIZE, note
from tests.bot.people import Person, World, labels, words
from tests.bot.samples import TEXTS
from tests.support.shop import ADMIN, VIEWER, address

COMMON = TEXTS[Language.EN].office.common
OWN = TEXTS[Language.EN].office.log
OWNER, OTHER = Actor(ADMIN, Role.OWNER), Actor(VIEWER, Role.OPERATOR)


async def write_some(world: World) -> None:
    async with world.shop.database.transaction() as tx:
        for number in range(PAGE_SIZE + 3):
            await note(tx, OWNER, "retry_order", subject=f"order {1001 + number}")
        await note(
            tx,
            OTHER,
            "change_pool",
            subject=f"pool {address('pool')}",
            reason="too dear",
            before={"cost_sun": 5, "state": "enabled"},
            after={"cost_sun": 7, "state": "enabled"},
        )
        await note(tx, None, "pool_out", subject=f"pool {address('pool')}")


async def test_it_is_paged_and_an_entry_says_what_changed(world: World, operator: Person) -> None:
    await write_some(world)
    newest = await operator.says("/log")
    assert words(newest).count(" · retry order · order ") == PAGE_SIZE - 2
    assert "the program · pool out" in words(newest)
    await operator.taps(OWN.older_button)
    assert "order 1001" in words(operator.newest)
    assert OWN.older_button not in labels(operator.newest)
    await operator.taps(OWN.newest_button)

    change = next(label for label in labels(operator.newest) if "change pool" in label)
    entry = words(await operator.taps(change))
    assert "cost_sun: 5 → 7" in entry
    assert "too dear" in entry
    assert "state" not in entry
    await operator.taps(COMMON.back_button)
    assert "change pool" in words(operator.newest)


async def test_one_person_and_one_thing_can_be_looked_for(world: World, operator: Person) -> None:
    await write_some(world)
    await operator.says("/log")
    await operator.taps(OWN.by_person_button)
    await operator.says("somebody")
    assert "somebody" in words(operator.newest)
    await operator.says(str(VIEWER))
    assert "change pool" in words(operator.newest)
    assert "retry order" not in words(operator.newest)
    await operator.taps(OWN.by_person_button)
    await operator.taps(f"owner {ADMIN}")
    assert "change pool" not in words(operator.newest)

    await operator.taps(OWN.by_subject_button)
    await operator.says("no such thing")
    assert "no such thing" in words(operator.newest)
    await operator.says(address("pool"))
    assert "change pool" in words(operator.newest)
    assert "pool out" in words(operator.newest)
    assert "retry order" not in words(operator.newest)

    await operator.taps(OWN.by_subject_button)
    await operator.says("order 100")
    await operator.taps("order 1003")
    assert words(operator.newest).count("retry order") == 1
    await operator.taps(OWN.everything_button)
    assert "change pool" in words(operator.newest)


async def test_who_may_only_look_does_not_read_it(viewer: Person) -> None:
    assert words(await viewer.says("/log")) == COMMON.act_refused(ActFault.NOT_ALLOWED)
