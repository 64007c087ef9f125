from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain import endpoints
from chain.endpoints import Line, Pace


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Puts such a clock into the endpoints."""
    clock = Clock()
    monkeypatch.setattr(endpoints, "monotonic", clock)
    return clock


@pytest.fixture
def line(clock: Clock) -> Line:
    return Line("http://localhost:1", None, Pace(10), 5.0)


@given(st.floats(0.1, 50), st.lists(st.floats(0, 0.3), min_size=1, max_size=80))
def test_no_window_ever_holds_more_than_allowed(rate: float, pauses: list[float]) -> None:
    clock = Clock()
    starts: list[float] = []

    async def send() -> None:
        pace = Pace(rate)
        for pause in pauses:
            clock.now += pause
            await pace.wait()
            starts.append(clock.now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoints, "monotonic", clock)
        patch.setattr(asyncio, "sleep", clock.sleep)
        # A loop of its own: nothing here waits for anything real.
        coroutine = send()
        with pytest.raises(StopIteration):
            coroutine.send(None)
    at_once = max(1, int(rate))
    window = at_once / rate
    for first, later in zip(starts, starts[at_once:], strict=False):
        assert later - first >= window - 1e-6


async def test_a_pace_lets_a_burst_through_and_then_holds_back(clock: Clock) -> None:
    pace = Pace(3)
    waits: list[asyncio.Task[None]] = [asyncio.create_task(pace.wait()) for _ in range(4)]
    done, waiting = await asyncio.wait(waits, timeout=0.05)
    assert (len(done), len(waiting)) == (3, 1)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def test_a_rest_doubles_with_each_failure_up_to_a_cap(line: Line, clock: Clock) -> None:
    rests: list[float] = []
    for _ in range(20):
        line.rest("it failed")
        rests.append(line.health.rests_seconds)
        clock.now = line.rested_until
    for number, rest in enumerate(rests):
        longest = min(6.0, 0.5 * 2**number)
        assert longest / 2 - 1e-6 <= rest <= longest + 1e-6
    assert len(set(rests[8:])) > 1, "there is chance in it"
    assert line.health.failures == 20
    line.recovered()
    assert line.health.failures == 0
    line.rest("again")
    assert line.health.rests_seconds <= 0.5


def test_failures_at_the_same_time_are_one(line: Line, clock: Clock) -> None:
    for _ in range(20):
        line.rest("they failed together")
    assert line.health.failures == 1
    assert line.health.rests_seconds <= 0.5
    # A late good answer does not end the rest.
    line.recovered()
    assert line.health.failures == 1
    # A word from the node counts even while it rests, but never shortens the rest.
    line.rest("suspended", seconds=30)
    assert line.health.rests_seconds == 30
    line.rest("suspended", seconds=3)
    assert line.health.rests_seconds == 30
