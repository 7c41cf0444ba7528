"""Questions to the person at the terminal, one at a time, each asked once in a run."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

#: Called with the question and whether the answer is secret; returns it, or None when nobody answers. It may block
#: (it then runs in a thread) or be a coroutine function.
Ask = Callable[[str, bool], Any]


class Asker:
    """Puts questions to ``ask`` in turn, however many hosts have one at once. Without ``ask`` nobody answers."""

    def __init__(self, ask: Ask | None) -> None:
        self._ask = ask
        self._turn = asyncio.Lock()
        self._answers: dict[str, asyncio.Task[str | None]] = {}

    @property
    def available(self) -> bool:
        """Whether there is anybody to ask."""
        return self._ask is not None

    async def ask(self, question: str, *, secret: bool = False) -> str | None:
        """Ask; a question that was asked before in this run has the answer it had then."""
        if self._ask is None:
            return None
        if question not in self._answers:
            self._answers[question] = asyncio.ensure_future(self._put(self._ask, question, secret))
        return await asyncio.shield(self._answers[question])

    async def ask_again(self, question: str, *, secret: bool = False) -> str | None:
        """Ask a question that may have another answer each time (a one-time code, a mistyped pass phrase)."""
        return None if self._ask is None else await self._put(self._ask, question, secret)

    async def confirm(self, question: str) -> bool:
        """Ask for a yes."""
        answer = await self.ask(question)
        return (answer or "").strip().lower() in ("yes", "y")

    async def _put(self, ask: Ask, question: str, secret: bool) -> str | None:
        async with self._turn:
            if inspect.iscoroutinefunction(ask):
                answer = await ask(question, secret)
            else:
                answer = await asyncio.to_thread(ask, question, secret)
                if isinstance(answer, Awaitable):
                    answer = await answer
        return None if answer is None else str(answer)
