import assert from "node:assert/strict";
import { test } from "node:test";
import { FirstView } from "../src/player/first-view.js";

const viewer = (rules = {}, standing = {}) =>
  new FirstView({ max_rate_percent: 100, seek_courtesy: true, ...rules }, { completed: false, reachedMs: 30_000, ...standing });

test("the speeds on offer end at the course's top rate, and all are free once the lecture is done", () => {
  assert.deepEqual(viewer().rates, [0.75, 1]);
  assert.deepEqual(viewer({ max_rate_percent: 150 }).rates, [0.75, 1, 1.25, 1.5]);
  assert.deepEqual(viewer({}, { completed: true }).rates, [0.75, 1, 1.25, 1.5, 2]);
});

for (const [wish, ends, why] of [
  [5_000, 5_000, "back is free"],
  [30_000, 30_000, "to where it was reached"],
  [31_400, 31_400, "a hair's breadth further"],
  [50_000, 30_000, "what was never played"],
]) {
  test(`a first viewing goes from ${wish} to ${ends}: ${why}`, () => assert.equal(viewer().allowed(wish), ends));
}

test("playing on moves the limit, playing an earlier part does not", () => {
  const view = viewer();
  view.played(40_000);
  view.played(10_000);
  assert.equal(view.allowed(60_000), 40_000);
});

test("a course that allows it, or a finished lecture, lets go anywhere", () => {
  assert.equal(viewer({ seek_courtesy: false }).allowed(50_000), 50_000);
  assert.equal(viewer({}, { completed: true }).allowed(50_000), 50_000);
});
