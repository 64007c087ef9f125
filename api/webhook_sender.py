"""Sends the events that are due, many at a time, so that a slow receiver holds up nobody else.

What was claimed is sent at least once: a process that dies between the receiver's answer and our
note of it leaves the event to the next one, which sends it again with the same id.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from api.webhook_posting import SECONDS, post
from api.webhook_shapes import event_body, event_name
from db.database import Conflict, DatabaseUnavailable
from services.webhook_signing import signed
from services.webhooks import Outcome, Outgoing, Webhooks

_MOST = 32

log = logging.getLogger(__name__)


class WebhookSender:
    """Sends events to their endpoints.

    `private`: also to addresses inside, and over HTTP. For tests and the sandbox.
    """

    def __init__(self, webhooks: Webhooks, *, private: bool = False) -> None:
        self._webhooks = webhooks
        self._private = private
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def send_due(self) -> int:
        """Begin to send what is due, and go on until nothing is; how many events were begun.

        Does not wait for receivers: whoever is slow has a place of their own meanwhile.
        """
        free = _MOST - len(self._tasks)
        if free <= 0 or self._stopping:
            return 0
        found = await self._webhooks.claim(free)
        for outgoing in found:
            task = asyncio.create_task(self._send_on(outgoing), name=f"event {outgoing.event_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(found)

    async def idle(self) -> None:
        """Until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self, timeout: float) -> None:
        """Begin nothing more; let what is under way end within `timeout` seconds.

        What does not is sent again by the next process.
        """
        self._stopping = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _send_on(self, outgoing: Outgoing) -> None:
        """Send an event, and then whatever is due next, in the same place."""
        try:
            upcoming: tuple[Outgoing, ...] = (outgoing,)
            while upcoming:
                await send(self._webhooks, upcoming[0], private=self._private)
                if self._stopping:
                    return
                upcoming = await self._webhooks.claim(1)
        except (Conflict, DatabaseUnavailable) as error:
            log.warning("sending events waits for the database: %s", error)
        except Exception:
            log.exception("sending event %s failed; it is tried again", outgoing.event_id)


async def send(
    webhooks: Webhooks, outgoing: Outgoing, *, private: bool, seconds: float = SECONDS
) -> Outcome:
    """Post one event, wait so long for the receiver, and note what came of it."""
    body = event_body(outgoing)
    headers = signed(outgoing.secrets, event_name(outgoing.event_id), body, datetime.now(UTC))
    outcome = await post(outgoing.url, body, headers, private=private, seconds=seconds)
    await webhooks.settle(outgoing, outcome)
    log.info(
        "event %s (%s) to webhook %s, attempt %s: %s in %s ms",
        *(outgoing.event_id, outgoing.kind, outgoing.endpoint_id, outgoing.attempt),
        *(outcome.status or outcome.failure, outcome.milliseconds),
    )
    return outcome
