import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../src/upload/pace.js";

test("nothing is foretold in the first two seconds", () => {
  const pace = new Pace(0);
  pace.note(1000, 1000);
  assert.equal(pace.secondsLeft(10_000), null);
});

test("an even pace tells the seconds that are left", () => {
  const pace = new Pace(0);
  for (let second = 1; second <= 4; second += 1) pace.note(second * 1000, second * 1000);
  assert.equal(pace.secondsLeft(10_000), 6);
});

test("a transfer that stands still foretells nothing wild", () => {
  const pace = new Pace(0);
  pace.note(0, 3000);
  assert.equal(pace.secondsLeft(10_000), null);
});
