"""Who gets into the office: the staff, each as far as their role goes; a stranger sees nothing."""

from __future__ import annotations

import itertools

import asyncpg
import pytest

from bot.office.access import COMMANDS
from bot.office.taps import OfficeTap
from bot.program import office_commands
from services.acts import ActFault
from services.customers import Language
from services.staff import RIGHTS, Actor, Right, Role, Staff
from tests.bot.people import Person, World, words
from tests.bot.samples import TEXTS
from tests.bot.test_callbacks import LONGEST
from tests.support.shop import ADMIN, Shop

ENGLISH = TEXTS[Language.EN]
TAPS = [data for data in LONGEST if isinstance(data, OfficeTap)]


async def refusals(shop: Shop) -> list[tuple[int, str, str]]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch(
            "SELECT actor_id, role, subject FROM audit_log WHERE act = 'refused' ORDER BY id"
        )
    return [(row["actor_id"], row["role"], row["subject"]) for row in rows]


def test_every_role_may_less_than_the_one_before_it() -> None:
    rights = [RIGHTS[role] for role in Role]
    assert all(more > less for more, less in itertools.pairwise(rights))
    assert rights[0] == frozenset(Right)


async def test_a_stranger_taps_every_forged_button_and_sees_nothing(
    world: World, ann: Person
) -> None:
    hello = await ann.says("/start")
    for tap in TAPS:
        world.rest()
        await ann.taps_forged(hello.message_id, tap.pack())
        assert ann.toast == ENGLISH.button_outdated
    assert words(ann.newest) == words(hello)
    assert await refusals(world.shop) == [(ann.user.id, "stranger", tap.pack()) for tap in TAPS]


async def test_a_stranger_says_every_command_and_it_does_not_exist(
    world: World, ann: Person
) -> None:
    unknown = words(await ann.says("/nosuchcommand"))
    for command in COMMANDS:
        world.rest()
        assert words(await ann.says(f"/{command}")) == unknown
    assert [subject for _, _, subject in await refusals(world.shop)] == [
        f"/{command}" for command in COMMANDS
    ]


async def test_a_viewer_looks_and_does_nothing(world: World, viewer: Person) -> None:
    hello = await viewer.says("/admin")
    assert words(hello) != words(await viewer.says("/nosuchcommand"))
    forbidden = [tap for tap in TAPS if tap.right not in RIGHTS[Role.VIEWER]]
    assert forbidden
    for tap in forbidden:
        world.rest()
        await viewer.taps_forged(hello.message_id, tap.pack())
        assert viewer.toast == ENGLISH.office.common.act_refused(ActFault.NOT_ALLOWED)
    assert await refusals(world.shop) == [
        (viewer.user.id, "viewer", tap.pack()) for tap in forbidden
    ]


async def test_nobody_can_fill_the_log_with_refusals(world: World, ann: Person) -> None:
    for number in range(320):
        await world.shop.services.trail.refused(ann.user.id, None, f"~{number}")
    assert len(await refusals(world.shop)) == 300


def test_the_menu_of_each_role_holds_what_it_may_say() -> None:
    for texts in TEXTS.values():
        everybody = [name for name, _ in texts.commands]
        for role in Role:
            said = [command.command for command in office_commands(texts, Actor(1, role))]
            assert said[-len(everybody) :] == everybody
            own = said[: -len(everybody)]
            assert own[0] == "admin"
            assert all(Actor(1, role).may(COMMANDS[name]) for name in own)
        assert {name for name, _ in texts.office.common.commands} <= set(COMMANDS)


def test_a_person_without_a_role_is_no_actor() -> None:
    staff = Staff({ADMIN: Role.OWNER})
    assert staff.actor(ADMIN) == Actor(ADMIN, Role.OWNER)
    assert staff.actor(ADMIN + 1) is None
    assert staff.with_right(Right.SETTINGS) == (ADMIN,)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
)
async def test_the_log_is_only_ever_added_to(shop: Shop, statement: str) -> None:
    await shop.services.trail.refused(1, None, "~")
    with pytest.raises(asyncpg.RestrictViolationError):
        async with shop.database.transaction() as tx:
            await tx.connection.execute(statement)
