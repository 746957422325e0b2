import assert from "node:assert/strict";
import { test } from "node:test";
import { holes } from "../src/player/gap-view.js";
import { clock, fill, percent } from "../src/player/words.js";

test("times read like those that the server writes", () => {
  assert.deepEqual([0, 59_600, 760_000, 3_723_000].map(clock), ["0:00", "1:00", "12:40", "1:02:03"]);
});

test("a hundred per cent is said when it is reached", () => {
  assert.deepEqual([0, 0.9999, 1].map(percent), ["0%", "99%", "100%"]);
});

test("texts take their values by name", () => {
  assert.equal(fill("已记录到 {position}（{time} 保存）", { position: "12:40", time: "10:32:15" }), "已记录到 12:40（10:32:15 保存）");
});

test("what lies ahead of the furthest watched moment is no hole", () => {
  assert.deepEqual(holes([[0, 30_000]], 60_000), []);
  assert.deepEqual(holes([[0, 10_000], [20_000, 30_000]], 60_000), [[10_000, 20_000]]);
  assert.deepEqual(holes([[50_000, 60_000]], 60_000), [[0, 50_000]]);
  assert.deepEqual(holes([], 60_000), []);
});
