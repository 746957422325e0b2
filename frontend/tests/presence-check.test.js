import assert from "node:assert/strict";
import { test } from "node:test";
import { PresenceCheck } from "../src/player/presence-check.js";

const CHECK = { id: "one", kind: "button", seconds: 90, place: 4 };

class Page {
  now = 0;
  timers = [];
  shown = [];
  heard = [];
  sent = [];
  outcomes = [];

  constructor() {
    const note = (name) => (...values) => this.shown.push([name, ...values.filter((value) => typeof value !== "function")]);
    this.check = new PresenceCheck({
      send: async (body) => {
        this.sent.push(body);
        return this.outcomes.shift() ?? { kind: "answered", answer: { presence: null, lost_ms: 0 } };
      },
      view: Object.fromEntries(["show", "left", "say", "late", "trouble", "close"].map((name) => [name, note(name)])),
      listener: { asked: () => this.heard.push("asked"), done: (lostMs, wrong) => this.heard.push(wrong ? [lostMs, "wrong"] : lostMs) },
      now: () => this.now,
      timers: { setTimeout: (call, ms) => this.timers.push({ call, at: this.now + ms }), clearTimeout: (id) => id && (this.timers[id - 1] = null) },
    });
  }

  async pass(seconds) {
    for (let second = 0; second < seconds; second += 1) {
      this.now += 1_000;
      for (const [index, timer] of this.timers.entries()) {
        if (!timer || timer.at > this.now) continue;
        this.timers[index] = null;
        timer.call();
        await new Promise(setImmediate);
      }
    }
  }

  names(name) {
    return this.shown.filter(([shown]) => shown === name);
  }
}

test("the time that is left is said aloud at thresholds only", async () => {
  const page = new Page();
  page.check.ask(CHECK);
  await page.pass(100);
  assert.deepEqual(page.names("say"), [["say", 60], ["say", 30], ["say", 10]]);
  assert.equal(page.names("late").length, 1);
  assert.equal(page.names("left").length, 91);
});

test("the same question, repeated by a beat, is shown once", () => {
  const page = new Page();
  page.check.ask(CHECK);
  page.check.ask({ ...CHECK });
  assert.deepEqual([page.names("show").length, page.heard], [1, ["asked"]]);
});

test("an answer closes the question and tells what it cost", async () => {
  for (const lost of [0, 95_000]) {
    const page = new Page();
    page.outcomes = [{ kind: "answered", answer: { presence: null, lost_ms: lost } }];
    page.check.ask(CHECK);
    await page.pass(30);
    await page.check.answer(undefined);
    assert.deepEqual([page.sent, page.heard, page.check.open], [[{ id: "one" }], ["asked", lost], false]);
  }
});

test("an answer that did not arrive is sent again until it does", async () => {
  const page = new Page();
  page.outcomes = [{ kind: "failed" }, { kind: "failed" }];
  page.check.ask(CHECK);
  await page.check.answer("B");
  assert.equal(page.names("trouble").length, 1);
  await page.pass(6);
  assert.deepEqual(page.sent, Array(3).fill({ id: "one", answer: "B" }));
  assert.equal(page.check.open, false);
});

test("pressing twice answers once", async () => {
  const page = new Page();
  page.check.ask(CHECK);
  await Promise.all([page.check.answer(undefined), page.check.answer(undefined)]);
  assert.equal(page.sent.length, 1);
});

test("a next question follows the answer to the first", async () => {
  const page = new Page();
  page.outcomes = [{ kind: "answered", answer: { presence: { ...CHECK, id: "two" }, lost_ms: 0 } }];
  page.check.ask(CHECK);
  await page.check.answer(undefined);
  assert.deepEqual([page.check.open, page.names("show").length, page.heard], [true, 2, ["asked", "asked"]]);
});

test("with its lease the question goes, and nothing plays on by itself", async () => {
  const page = new Page();
  page.check.ask(CHECK);
  page.check.withdraw();
  await page.pass(200);
  assert.deepEqual([page.check.open, page.names("late"), page.heard], [false, [], ["asked"]]);
});

test("a question that takes the place of another is neither counted down twice nor answered by the other's answer", async () => {
  const page = new Page();
  page.outcomes = [{ kind: "failed" }];
  page.check.ask(CHECK);
  await page.check.answer("B");
  page.check.ask({ ...CHECK, id: "two" });
  const before = page.names("left").length;
  await page.pass(5);
  assert.equal(page.names("left").length, before + 5);
  assert.deepEqual(page.sent, [{ id: "one", answer: "B" }]);
});

test("a wrong answer to an item is told, and costs nothing more than a right one", async () => {
  for (const [correct, heard] of [[false, [0, "wrong"]], [true, 0], [null, 0]]) {
    const page = new Page();
    page.outcomes = [{ kind: "answered", answer: { presence: null, lost_ms: 0, correct } }];
    page.check.ask({ ...CHECK, kind: "item", stem: "甲", options: [{ key: "A", text: "乙" }] });
    await page.check.answer(["A"]);
    assert.deepEqual([page.sent, page.heard], [[{ id: "one", answer: ["A"] }], ["asked", heard]]);
  }
});
