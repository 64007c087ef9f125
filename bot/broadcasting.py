"""Sending broadcasts: slower than notices, behind them, and at any moment to be stopped.

A recipient is recorded after Telegram's answer. A crash between the two, or an answer that is lost
on its way, makes one person read it twice; nobody is left out.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
)

from bot.office import broadcast_cards
from bot.pace import Pace
from bot.screen import Edited, Screen
from bot.session import session_of
from bot.texts import all_texts
from services.broadcasts import Broadcast, Broadcasts, Recipient
from services.customers import Language

if TYPE_CHECKING:
    from aiogram import Bot

log = logging.getLogger(__name__)

PER_SECOND = 20.0
"""With the notices, some less than Telegram bears: a pause that it asks for is one for all."""

_FIRST_PAUSE_SECONDS = 2.0
"""Doubled with each attempt."""
_MOST_ATTEMPTS = 8
_LONGEST_RUN_SECONDS = 600.0
"""Then the job begins anew: it has a deadline, at which it would be cut off in the middle."""
# Telegram's own words; it has no codes for them.
_NOTHING_TO_COPY = ("message to copy not found", "message can't be copied", "message_id_invalid")


class BroadcastSender:
    """Sends what is due to its recipients, and says how far it is every `progress_seconds`."""

    def __init__(
        self,
        bot: Bot,
        *,
        broadcasts: Broadcasts,
        explorer_url: str,
        per_second: float = PER_SECOND,
        progress_seconds: float = 3.0,
    ) -> None:
        self._broadcasts = broadcasts
        self._copies = Screen(bot, Pace(per_second))
        self._screen = Screen(bot)
        self._all_texts = all_texts(explorer_url)
        self._gate = session_of(bot).flood
        # A second's worth: a pause takes effect after that.
        self._batch = max(1, int(min(per_second, PER_SECOND)))
        self._progress_seconds = progress_seconds
        self._shown_at = float("-inf")
        self._sending = asyncio.Lock()
        self._stopped = False

    def stop(self) -> None:
        """Begin nothing more: what is under way is recorded before the program ends."""
        self._stopped = True

    async def send_due(self) -> int:
        """Send to everybody who is due now; to how many it was delivered.

        Returns early while notices wait, while Telegram asks for a pause, or when stopped.
        Calls while one is at work return at once with 0.
        """
        if self._sending.locked():
            return 0
        async with self._sending:
            sent = await self._send_all()
            await self._broadcasts.finish()
            await self._show_progress()
        return sent

    async def _send_all(self) -> int:
        loop = asyncio.get_running_loop()
        sent, until = 0, loop.time() + _LONGEST_RUN_SECONDS
        while not self._stopped and not self._gate.seconds_closed() and loop.time() < until:
            if await self._broadcasts.notices_wait():
                break
            recipients = await self._broadcasts.claim(self._batch)
            if not recipients:
                break
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._deliver(each)) for each in recipients]
            sent += sum(task.result() for task in tasks)
            if loop.time() - self._shown_at >= self._progress_seconds:
                await self._show_progress()
        return sent

    async def _deliver(self, recipient: Recipient) -> bool:
        """Send one copy and note what came of it; whether it was delivered."""
        if pause := self._gate.seconds_closed():
            await self._broadcasts.postpone(
                recipient, pause, "Telegram asks for a pause", counts=False
            )
            return False
        try:
            await self._copies.copy(recipient.user_id, recipient.from_chat_id, recipient.message_id)
        except TelegramRetryAfter as refusal:
            self._gate.close(refusal.retry_after)
            log.warning("Telegram asks for a pause of %d s", refusal.retry_after)
            await self._broadcasts.postpone(
                recipient, refusal.retry_after, "flood control", counts=False
            )
        except TelegramForbiddenError as refusal:
            await self._broadcasts.blocked(recipient, refusal.message)
        except (TelegramBadRequest, TelegramNotFound) as refusal:
            await self._refused(recipient, refusal.message)
        except (TelegramAPIError, TimeoutError) as trouble:
            await self._later(recipient, str(trouble))
        except Exception as trouble:
            log.exception("broadcast %d could not be sent", recipient.broadcast_id)
            await self._later(recipient, repr(trouble))
        else:
            await self._broadcasts.delivered(recipient)
            return True
        return False

    async def _refused(self, recipient: Recipient, words: str) -> None:
        if any(gone in words.lower() for gone in _NOTHING_TO_COPY):
            log.warning("broadcast %d has nothing to copy: %s", recipient.broadcast_id, words)
            await self._broadcasts.message_gone(recipient, words)
            return
        log.info("broadcast %d fails for %d: %s", recipient.broadcast_id, recipient.user_id, words)
        await self._broadcasts.failed(recipient, words)

    async def _later(self, recipient: Recipient, reason: str) -> None:
        if recipient.attempts >= _MOST_ATTEMPTS:
            log.warning("broadcast %d is given up: %s", recipient.broadcast_id, reason)
            await self._broadcasts.failed(recipient, reason)
            return
        pause = _FIRST_PAUSE_SECONDS * 2.0 ** (recipient.attempts - 1)
        await self._broadcasts.postpone(recipient, pause, reason)

    async def _show_progress(self) -> None:
        """Bring the messages up to date that show how far it is."""
        self._shown_at = asyncio.get_running_loop().time()
        for broadcast, language in await self._broadcasts.to_be_shown():
            if self._gate.seconds_closed():
                return
            try:
                await self._show(broadcast, language)
            except (TelegramBadRequest, TelegramForbiddenError) as refusal:
                # Nobody can be shown it; the room shows it to whoever enters.
                log.warning("broadcast %d is not shown: %s", broadcast.id, refusal.message)
            except TelegramAPIError as trouble:
                log.warning("broadcast %d is shown later: %s", broadcast.id, trouble)
                continue
            await self._broadcasts.said(broadcast)

    async def _show(self, broadcast: Broadcast, language: Language) -> None:
        card = broadcast_cards.broadcast(self._all_texts[language].office, broadcast)
        if broadcast.progress is not None:
            chat_id, message_id = broadcast.progress
            if await self._screen.edit(chat_id, message_id, card) is not Edited.GONE:
                return
        message_id = await self._screen.send(broadcast.actor_id, card)
        await self._broadcasts.shown_on(broadcast.id, broadcast.actor_id, message_id)
