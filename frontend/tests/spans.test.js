import assert from "node:assert/strict";
import { test } from "node:test";
import { coverage, resumeAt, subtract, union, unseen, within } from "../src/player/spans.js";

test("spans that overlap or touch become one", () => {
  assert.deepEqual(union([[30, 40], [0, 10], [10, 20], [15, 25], [50, 50], [9, 3]]), [[0, 25], [30, 40]]);
});

test("what is taken away leaves the rest in order", () => {
  assert.deepEqual(subtract([[0, 100]], [[10, 20], [30, 40], [90, 200]]), [[0, 10], [20, 30], [40, 90]]);
  assert.deepEqual(subtract([[0, 10]], [[0, 10]]), []);
});

test("time outside the lecture is cut off", () => {
  assert.deepEqual(within([[-5, 10], [95, 130]], 100), [[0, 10], [95, 100]]);
});

for (const [name, watched, durationMs, share] of [
  ["nothing", [], 600_000, 0],
  ["95 %", [[0, 570_000]], 600_000, 0.95],
  ["three seconds of the end forgiven", [[0, 597_000]], 600_000, 1],
  ["30 s missing, the end forgiven", [[30_000, 597_000]], 600_000, 0.95],
  ["dragged to the end", [[599_000, 600_000]], 600_000, 1000 / 600_000],
  ["2 % of a clip of six seconds forgiven", [[0, 5_880]], 6_000, 1],
  ["more than 2 % of it missing", [[0, 5_699]], 6_000, 5_699 / 6_000],
]) {
  test(`coverage follows the server's table: ${name}`, () => assert.equal(coverage(watched, durationMs), share));
}

test("gaps of a second are not shown as gaps", () => {
  assert.deepEqual(unseen([[0, 10_000], [11_000, 20_000]], 30_000), [[20_000, 30_000]]);
});

test("one goes on at the last position, from the end at the first gap, and from the beginning when all is done", () => {
  assert.equal(resumeAt(25_000, [[0, 25_000]], 60_000, false), 25_000);
  assert.equal(resumeAt(59_500, [[0, 10_000], [20_000, 59_500]], 60_000, false), 10_000);
  assert.equal(resumeAt(60_000, [[0, 60_000]], 60_000, true), 0);
});
