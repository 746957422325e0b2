"""Candidates who sit an exam through the JSON API and note every answer that was acknowledged."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any
from uuid import UUID

from tests.factories.exams import OPTIONS, by_texts
from tests.kill.browsers import Answer
from tests.kill.pages import Page

OVER = {"late", "closed", "time_over", "exam_not_open"}  # by the bell
MOVED = {"opened_elsewhere", "unknown_epoch"}
Key = tuple[int, int, int]  # position, epoch, client_seq


@dataclass
class Save:
    """One save, by the clock of this machine; `acknowledged_at` when it was answered with 200.

    `value`: what is stored of it, by the author's keys.
    """

    value: list[str]
    sent_at: datetime
    acknowledged_at: datetime | None = None


@dataclass
class Candidate:
    """One person in the exam. `saves` and `final` are what the oracle rests on: what was sent, and what was acknowledged.

    Who does not hand in goes on answering until the bell has rung, and leaves the rest to the clock.
    """

    person_id: UUID
    exam_id: UUID
    page: Page
    rng: random.Random
    knows: float  # the share of items that the candidate answers rightly
    pause: float  # between two answers at most, in seconds
    arrives: float  # seconds after it may
    hands_in: bool = True
    attempts_seen: set[str] = field(default_factory=set)
    attempt_id: str = ""
    questions: dict[int, dict[str, Any]] = field(default_factory=dict)
    epoch: int = 0
    saves: dict[Key, Save] = field(default_factory=dict)
    final: dict[int, list[str]] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)
    reopened: int = 0
    began: asyncio.Event = field(default_factory=asyncio.Event)  # has a paper
    answered: bool = False  # the last answer is given, or the bell has rung
    ended: float = 0.0  # of time.monotonic()

    @property
    def acknowledged(self) -> dict[Key, Save]:
        """The saves that were answered with 200."""
        return {key: save for key, save in self.saves.items() if save.acknowledged_at is not None}

    async def sit(self, right: Mapping[str, list[str]]) -> None:
        """Start pressed twice, every item answered (a third changed, a third sent twice), submit pressed three times, or the bell.

        `right`: the key of each item, by its stem. Raises AssertionError when the platform answers what it must not.
        """
        await asyncio.sleep(self.arrives)
        for opened in await self.page.at_once(2, "POST", f"/api/v1/exams/{self.exam_id}/attempts"):
            if opened.status in {200, 201}:
                self._take(opened.json)
            else:
                assert self._is_over(opened), f"start: {opened.content!r}"
        assert self.attempt_id, "the bell rang before there was a paper"
        self.began.set()
        for seq, position in enumerate(self._plan(), start=1):
            question = self.questions[position]
            if not await self._save(position, seq, self._choose(question["type"], right[question["stem"]])):
                break
            await asyncio.sleep(self.pause * self.rng.random())
        self.answered = True
        await (self._hand_in() if self.hands_in else self._wait_for_the_clock())
        body = {"epoch": self.epoch, "client_seq": 9999, "value": None}
        late = await self.page.send("PUT", self._answer_path(1), body)
        assert late.status == 409, f"a save after the hand-in was answered with {late.status}"

    def _plan(self) -> Iterator[int]:
        order = self.rng.sample(sorted(self.questions), len(self.questions))
        return iter([*order, *order[::3]]) if self.hands_in else cycle(order)

    async def _hand_in(self) -> None:
        for answer in await self.page.at_once(3, "POST", f"/api/v1/attempts/{self.attempt_id}/submission"):
            assert answer.status == 200, f"hand-in: {answer.content!r}"
            self.results.append(answer.json)

    async def _wait_for_the_clock(self) -> None:
        while True:
            shown = (await self.page.send("GET", f"/api/v1/attempts/{self.attempt_id}")).json
            if shown["state"] == "graded":
                self.results.append({name: shown[name] for name in ("state", "score", "max_score", "passed")})
                return
            await asyncio.sleep(1)

    async def _save(self, position: int, seq: int, value: list[str]) -> bool:
        """Saves until it is acknowledged; False when the time was over before, or nothing more is taken."""
        times = 2 if self.rng.random() < 1 / 3 else 1
        while True:
            save = self.saves.setdefault((position, self.epoch, seq), Save(value, datetime.now(UTC)))
            body = {"epoch": self.epoch, "client_seq": seq, "value": self._as_shown(position, value)}
            told = await self.page.at_once(times, "PUT", self._answer_path(position), body)
            if any(answer.status == 200 for answer in told):
                save.acknowledged_at, self.final[position] = datetime.now(UTC), value
                return True
            if self._is_over(told[-1]) or not await self._open_again(told[-1]):
                return False

    async def _open_again(self, refused: Answer) -> bool:
        """An opening whose answer was lost has raised the epoch: the page opens the attempt again, as it does for people."""
        assert refused.json.get("code") in MOVED, f"save: {refused.status} {refused.content!r}"
        opened = await self.page.send("POST", f"/api/v1/attempts/{self.attempt_id}/openings")
        if self._is_over(opened):
            return False
        assert opened.status == 200, f"opening: {opened.content!r}"
        self.reopened += 1
        self._take(opened.json)
        return True

    def _is_over(self, refused: Answer) -> bool:
        """Whether the bell, which only some wait for, has rung."""
        return not self.hands_in and refused.status in {403, 409} and refused.json.get("code") in OVER

    def _as_shown(self, position: int, keys: list[str]) -> list[str]:
        """The same options as the candidate's page calls them, told by their texts."""
        question = self.questions[position]
        names = by_texts(question["type"], [(option["key"], option["text"]) for option in question["options"]])
        return [names[key] for key in keys]

    def _answer_path(self, position: int) -> str:
        return f"/api/v1/attempts/{self.attempt_id}/answers/{position}"

    def _take(self, opened: dict[str, Any]) -> None:
        self.attempts_seen.add(opened["attempt_id"])
        self.attempt_id = opened["attempt_id"]
        self.epoch = max(self.epoch, opened["epoch"])
        self.questions = {question["position"]: question for question in opened["questions"]}

    def _choose(self, kind: str, right: list[str]) -> list[str]:
        if self.rng.random() < self.knows:
            return right
        keys = [key for key, _text in OPTIONS[kind]]
        if kind == "multiple":
            return sorted(self.rng.sample(keys, 2))
        return [self.rng.choice(keys)]
