"""Candidates who sit an exam through the JSON API and note every answer that was acknowledged."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.kill.browsers import Answer, Browser

OPTIONS = {"single": "ABCD", "multiple": "ABCD", "true_false": "TF"}
Key = tuple[int, int, int]  # position, epoch, client_seq


@dataclass
class Candidate:
    """One person in the exam. `acknowledged` is the oracle: each save that was answered with 200, and its value."""

    person_id: UUID
    browser: Browser
    rng: random.Random
    knows: float  # the share of items that the candidate answers rightly
    pause: float
    arrives: float = 0.0  # seconds after the others at most
    attempt_id: str = ""
    attempts_seen: set[str] = field(default_factory=set)
    questions: list[dict[str, Any]] = field(default_factory=list)
    epoch: int = 0
    tried: set[Key] = field(default_factory=set)
    acknowledged: dict[Key, list[str]] = field(default_factory=dict)
    taken_late: bool = False
    done_at: float = 0.0  # time.monotonic() when all was answered
    final: dict[int, list[str]] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)
    reopened: int = 0

    def sit(self, exam_id: UUID, right: Callable[[str, int], list[str]]) -> None:
        """Start pressed twice, every item answered (a third changed, a third sent twice), submit pressed three times."""
        time.sleep(self.arrives * self.rng.random())
        path = f"/api/v1/exams/{exam_id}/attempts"
        for opened in self._at_once(2, "POST", path):
            assert opened.status in {200, 201}, opened.content
            self._take(opened.json)
        self.questions.sort(key=lambda one: self.rng.random())
        for seq, question in enumerate([*self.questions, *self.questions[::3]], start=1):
            position = question["position"]
            value = self._choose(question["type"], right(self.attempt_id, position))
            self._save(position, seq, value)
            time.sleep(self.pause * self.rng.random())
        for answer in self._at_once(3, "POST", f"/api/v1/attempts/{self.attempt_id}/submission"):
            assert answer.status == 200, answer.content
            self.results.append(answer.json)
        self.done_at = time.monotonic()
        late = self.browser.send("PUT", self._answer_path(1), {"epoch": self.epoch, "client_seq": 9999, "value": None})
        self.taken_late = late.status != 409
        self.browser.close()

    def _save(self, position: int, seq: int, value: list[str]) -> None:
        times = 2 if self.rng.random() < 1 / 3 else 1
        last: Answer | None = None
        while last is None or (position, self.epoch, seq) not in self.acknowledged:
            if last is not None:
                self._open_again(last)
            body = {"epoch": self.epoch, "client_seq": seq, "value": value}
            self.tried.add((position, self.epoch, seq))
            for answer in self._at_once(times, "PUT", self._answer_path(position), body):
                if answer.status == 200:
                    self.acknowledged[position, self.epoch, seq] = value
                    self.final[position] = value
                last = answer

    def _open_again(self, refused: Answer) -> None:
        """An opening whose answer was lost has raised the epoch: the page opens the attempt again, as it does for people."""
        assert refused.json.get("code") in {"opened_elsewhere", "unknown_epoch"}, refused.content
        opened = self.browser.send("POST", f"/api/v1/attempts/{self.attempt_id}/openings")
        assert opened.status == 200, opened.content
        self.reopened += 1
        self._take(opened.json)

    def _answer_path(self, position: int) -> str:
        return f"/api/v1/attempts/{self.attempt_id}/answers/{position}"

    def _take(self, opened: dict[str, Any]) -> None:
        self.attempts_seen.add(opened["attempt_id"])
        self.attempt_id = opened["attempt_id"]
        self.epoch = max(self.epoch, opened["epoch"])
        self.questions = opened["questions"]

    def _choose(self, kind: str, right: list[str]) -> list[str]:
        if self.rng.random() < self.knows:
            return right
        if kind == "multiple":
            return sorted(self.rng.sample(OPTIONS[kind], 2))
        return [self.rng.choice(OPTIONS[kind])]

    def _at_once(self, times: int, method: str, path: str, body: Any = None) -> list[Answer]:
        """The same request on several connections in the same moment."""
        browsers = [self.browser, *(self.browser.another() for _ in range(times - 1))]
        with ThreadPoolExecutor(times) as pool:
            answers = list(pool.map(lambda browser: browser.send(method, path, body), browsers))
        for browser in browsers[1:]:
            self.browser.leave(browser)
        return answers
