"""Live pages: one poller a process reads new events in the relay's order and hands them to every open page."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.auth import Caller, caller
from monitor import logs
from monitor.store import events
from monitor.store.engine import Store
from monitor.store.events import EventRow

POLL_S = 0.5
PING_S = 15
LONGEST_S = 600  # then the page connects again by itself, and shows once more who it is
BEHIND = 500  # a page that is further behind than this is let go, and catches up on connecting again
CAUGHT_UP = 2000  # the most that a page coming back is told of what it missed
_PAGE = 200

router = APIRouter()
_log = logs.get("api.live")

Listener = asyncio.Queue[EventRow | None]  # None: you are too far behind, connect again


class Live:
    """The poller and its listeners. It reads only while somebody listens."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: set[Listener] = set()
        self._poller: asyncio.Task[None] | None = None
        self._begin = asyncio.Lock()
        self._seq = 0

    async def listen(self, after: int | None) -> AsyncGenerator[EventRow, None]:
        """Yield events after number `after` (None: from now on), each once and in order, until too far behind."""
        queue: Listener = asyncio.Queue(BEHIND)
        try:
            await self._join(queue)
            seen = self._seq if after is None else min(after, self._seq)
            # What the poller has passed already comes from the database, what it finds later from the queue.
            seen = max(seen, self._seq - CAUGHT_UP)
            while seen < self._seq and (rows := await self._read(seen)):
                for row in rows:
                    yield row
                seen = rows[-1].seq
            deadline = asyncio.get_running_loop().time() + LONGEST_S
            while (new := await _next(queue, deadline)) is not None:
                if new.seq > seen:
                    yield new
        finally:
            self._listeners.discard(queue)

    async def _join(self, queue: Listener) -> None:
        async with self._begin:
            if self._poller is None or self._poller.done():
                self._seq = await anyio.to_thread.run_sync(self._last)
                self._poller = asyncio.create_task(self._poll())
            self._listeners.add(queue)

    async def _poll(self) -> None:
        while self._listeners:
            try:
                for row in await self._read(self._seq):
                    self._hand_out(row)
            except Exception as error:  # noqa: BLE001 - the outermost frame of a loop that must go on
                _log.warning("poll for live pages failed", error=type(error).__name__)
            await asyncio.sleep(POLL_S)

    def _hand_out(self, row: EventRow) -> None:
        self._seq = row.seq
        for queue in list(self._listeners):
            if queue.full():  # all of it goes: what the page saw last must be where it takes up again
                self._listeners.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(row)

    async def _read(self, seq: int) -> list[EventRow]:
        return await anyio.to_thread.run_sync(self._after, seq)

    def _after(self, seq: int) -> list[EventRow]:
        with self._store.reading() as work:
            return events.after(work, seq, _PAGE)

    def _last(self) -> int:
        with self._store.reading() as work:
            return events.last_seq(work)

    async def close(self) -> None:
        """Stop the poller."""
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)


@router.get("/live", include_in_schema=False)
async def live(
    request: Request,
    _who: Annotated[Caller, Depends(caller)],
    last_event_id: Annotated[str, Header(max_length=30)] = "",
) -> EventSourceResponse:
    """Stream what happens to cases. A browser that reconnects says what it saw last and misses nothing."""
    after = int(last_event_id) if last_event_id.isdecimal() else None
    return EventSourceResponse(_stream(request.app.state.live, after), ping=PING_S)


async def _next(queue: Listener, deadline: float) -> EventRow | None:
    with suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            return await queue.get()
    return None


async def _stream(feed: Live, after: int | None) -> AsyncGenerator[ServerSentEvent, None]:
    yield ServerSentEvent(comment="connected", retry=2000)
    async with aclosing(feed.listen(after)) as rows:
        async for row in rows:
            yield _event(row)


def _event(row: EventRow) -> ServerSentEvent:
    what = {"seq": row.seq, "case_id": row.case_id, "action": row.action, "to_state": row.to_state}
    return ServerSentEvent(json.dumps({**what, "brand_id": row.brand_id}), event=row.kind, id=str(row.seq))
