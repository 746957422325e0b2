import assert from "node:assert/strict";
import { test } from "node:test";

// What the saver needs of a browser: a place to keep answers, and events that nobody sends here.
globalThis.window = { addEventListener() {} };
globalThis.document = { addEventListener() {}, hidden: false };
const shelf = new Map();
const copy = {
  read: async () => new Map(shelf.get("attempt") ?? []),
  write: async (pending) => void (pending.size ? shelf.set("attempt", structuredClone([...pending])) : shelf.delete("attempt")),
  forget: async () => void shelf.delete("attempt"),
};
const { Saver } = await import("../src/exam/saver.js");
const { Refused } = await import("../src/exam/server.js");

class Exam {
  signedIn = true;
  saved = new Map();
  log = [];

  constructor() {
    const names = ["restored", "saving", "saved", "unsaved", "opened", "over", "signedOut", "signedIn", "elsewhere", "outdated", "dropped", "notYours"];
    const events = Object.fromEntries(names.map((name) => [name, () => this.log.push(name)]));
    const guard = () => {
      if (!this.signedIn) throw new Refused(401, "sign_in_needed");
    };
    this.saver = new Saver(
      copy,
      {
        open: async () => (guard(), { epoch: 1, answers: {} }),
        save: async (position, _epoch, _seq, value) => {
          guard();
          if (value[0] === this.refuses) throw new Refused(422, "invalid");
          this.saved.set(position, value);
          return { saved_at: "2026-11-21T08:00:00+08:00" };
        },
        renewToken: async () => {},
      },
      1,
      events,
    );
  }
}

test("answers given while signed out are kept, and all of them saved after signing in again", async () => {
  const exam = new Exam();
  await exam.saver.open();
  exam.signedIn = false;
  exam.saver.change(1, ["a"]);
  exam.saver.change(2, ["b"]);
  exam.saver.change(1, ["c"]);
  assert.equal(await exam.saver.flush(), false);
  assert.ok(exam.log.includes("signedOut"));
  assert.deepEqual([exam.saver.unsaved, exam.saved.size], [2, 0]);
  assert.deepEqual(shelf.get("attempt").map(([, mine]) => mine.value), [["c"], ["b"]]);
  exam.signedIn = true;
  assert.equal(await exam.saver.flush(), true);
  assert.deepEqual([...exam.saved], [[1, ["c"]], [2, ["b"]]]);
  assert.equal(exam.log.at(-1), "signedIn");
  assert.equal(shelf.size, 0);
  exam.saver.stop();
});

test("what a page that died left behind is shown, saved by the next page under its own number, and forgotten", async () => {
  shelf.set("attempt", [[3, { epoch: 1, seq: 7, value: ["d"] }]]);
  const exam = new Exam();
  await exam.saver.open();
  assert.deepEqual([...exam.saved], [[3, ["d"]]]);
  assert.deepEqual(exam.log.slice(0, 2), ["restored", "opened"]);
  assert.equal(shelf.size, 0);
  exam.saver.stop();
});

test("an answer given before the page's copy was read is newer than the copy", async () => {
  shelf.set("attempt", [[3, { epoch: 1, seq: 7, value: ["d"] }]]);
  const exam = new Exam();
  exam.saver.change(3, ["a"]);
  await exam.saver.open();
  assert.deepEqual([...exam.saved], [[3, ["a"]]]);
  exam.saver.stop();
});

test("a page that hears from elsewhere that another page took over saves no more", async () => {
  const exam = new Exam();
  await exam.saver.open();
  assert.equal(exam.saver.heard(new Refused(409, "opened_elsewhere")), true);
  exam.saver.change(1, ["a"]);
  assert.equal(await exam.saver.flush(), false);
  assert.deepEqual([exam.log.includes("elsewhere"), exam.saved.size], [true, 0]);
  assert.equal(exam.saver.heard(new Refused(401, "sign_in_needed")), false);
});

test("a page whose answers are not taken sends the others, says so once and saves no more", async () => {
  shelf.clear();
  const exam = new Exam();
  exam.refuses = "A";
  await exam.saver.open();
  exam.saver.change(1, ["A"]);
  exam.saver.change(2, ["o1"]);
  exam.saver.change(3, ["A"]);
  assert.equal(await exam.saver.flush(), false);
  assert.deepEqual([...exam.saved], [[2, ["o1"]]]);
  assert.equal(exam.log.filter((name) => name === "outdated").length, 1);
  assert.equal(shelf.has("attempt"), false);
});

test("what an earlier page left and is not taken any more is dropped without a word, the rest saved", async () => {
  shelf.clear();
  const dead = new Exam();
  dead.signedIn = false;
  dead.saver.change(1, ["A"]);
  dead.saver.change(2, ["o1"]);
  await dead.saver.flush();
  dead.saver.stop();
  const exam = new Exam();
  exam.refuses = "A";
  await exam.saver.open();
  assert.deepEqual([...exam.saved], [[2, ["o1"]]]);
  assert.deepEqual([exam.log.includes("dropped"), exam.log.includes("outdated")], [true, false]);
  exam.saver.change(1, ["o2"]);
  assert.equal(await exam.saver.flush(), true);
  exam.saver.stop();
});
