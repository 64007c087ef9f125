"""Questions of the office that are answered by typing: one at a time, kept with the conversation.

Everything that a question needs to be answered stands in the state in Redis, so that it can be
answered after a restart; if it is lost, the person asks for it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup

from bot.screen import Card
from bot.turn import Turn

_QUESTION = "office_question"


class Asked(StatesGroup):
    """Somebody of the staff was asked for words."""

    words = State()


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. `name` begins with the area's (``pools.reserve``); `about` is plain JSON."""

    name: str
    about: Mapping[str, Any]


class Asking:
    """Asks, and remembers what was asked."""

    def __init__(self, turn: Turn, state: FSMContext) -> None:
        self._turn = turn
        self._state = state

    async def ask(self, name: str, card: Card, **about: Any) -> None:
        """Show the question; the next words of this person answer it."""
        await self.begin(name, **about)
        await self._turn.show(card)

    async def begin(self, name: str, **about: Any) -> None:
        """Remember a question that is shown in some other way."""
        await self._state.set_state(Asked.words)
        await self._state.set_data({_QUESTION: {"name": name, "about": about}})

    async def question(self) -> Question | None:
        """What is asked now; None if nothing is."""
        asked = (await self._state.get_data()).get(_QUESTION)
        return None if asked is None else Question(asked["name"], asked["about"])

    async def done(self) -> None:
        """It was answered, or is not asked any more."""
        await self._state.clear()
