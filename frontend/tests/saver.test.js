import assert from "node:assert/strict";
import { test } from "node:test";

// What the saver needs of a browser: a place to keep answers, and events that nobody sends here.
globalThis.window = { addEventListener() {} };
globalThis.document = { addEventListener() {}, hidden: false };
const shelf = new Map();
globalThis.localStorage = {
  getItem: (key) => shelf.get(key) ?? null,
  setItem: (key, value) => shelf.set(key, value),
  removeItem: (key) => shelf.delete(key),
};
const { Saver } = await import("../src/exam/saver.js");
const { Refused } = await import("../src/exam/server.js");

class Exam {
  signedIn = true;
  saved = new Map();
  log = [];

  constructor() {
    const names = ["saving", "saved", "unsaved", "opened", "over", "signedOut", "signedIn", "elsewhere", "notYours"];
    const events = Object.fromEntries(names.map((name) => [name, () => this.log.push(name)]));
    const guard = () => {
      if (!this.signedIn) throw new Refused(401, "sign_in_needed");
    };
    this.saver = new Saver(
      "attempt",
      {
        open: async () => (guard(), { epoch: 1, answers: {} }),
        save: async (position, _epoch, _seq, value) => {
          guard();
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
  assert.match(shelf.get("lms.exam.attempt"), /"c"/);
  exam.signedIn = true;
  assert.equal(await exam.saver.flush(), true);
  assert.deepEqual([...exam.saved], [[1, ["c"]], [2, ["b"]]]);
  assert.equal(exam.log.at(-1), "signedIn");
  assert.equal(shelf.size, 0);
  exam.saver.stop();
});
