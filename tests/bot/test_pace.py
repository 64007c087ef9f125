"""Telegram's pace is kept, and nobody waits who does not have to."""

from __future__ import annotations

import asyncio

import pytest

from bot.pace import Pace


class Clock:
    """A loop's time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("bot.pace.asyncio", _Asyncio(clock))
    return clock


class _Asyncio:
    def __init__(self, clock: Clock) -> None:
        self.sleep = clock.sleep
        self.get_running_loop = lambda: clock


async def starts(pace: Pace, clock: Clock, chats: list[int]) -> list[float]:
    found = []
    for chat in chats:
        await pace.wait(chat)
        found.append(round(clock.now, 3))
    return found


async def test_everybody_together_is_told_no_more_than_the_pace(clock: Clock) -> None:
    assert await starts(Pace(10), clock, [1, 2, 3, 4]) == [0, 0.1, 0.2, 0.3]


async def test_a_chat_gets_a_few_at_once_and_then_one_a_second(clock: Clock) -> None:
    assert await starts(Pace(100), clock, [1] * 6) == [0, 0.01, 0.02, 1, 2, 3]


async def test_a_chat_that_has_to_wait_keeps_no_other_waiting() -> None:
    pace = Pace(1_000)
    for _ in range(3):
        await pace.wait(1)
    held_back = asyncio.create_task(pace.wait(1))
    await asyncio.sleep(0)
    await asyncio.wait_for(pace.wait(2), 0.5)
    assert not held_back.done()
    held_back.cancel()


async def test_a_group_gets_twenty_in_any_minute_and_no_more(clock: Clock) -> None:
    sent = await starts(Pace(100), clock, [-1] * 60)
    assert sent[:4] == [0, 0.01, 0.02, 3.529]
    for start in sent:
        assert sum(start <= at < start + 60 for at in sent) <= 20
    assert sent[-1] < 60 * 60 / 17, "and not much less"
