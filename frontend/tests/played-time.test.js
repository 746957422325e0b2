import assert from "node:assert/strict";
import { test } from "node:test";
import { PlayedTime } from "../src/player/played-time.js";

// Reads the clock of a player every 250 ms from `from` to `to`, both in media ms; returns the time of the wall clock afterwards.
function play(played, from, to, { at = 0, rate = 1 } = {}) {
  for (let media = from; media <= to; media += 250 * rate) played.read(media, at + (media - from) / rate, rate);
  return at + (to - from) / rate;
}

test("what plays through is one span", () => {
  const played = new PlayedTime();
  play(played, 0, 15_000);
  assert.deepEqual(played.take(), [[0, 15_000]]);
});

test("a run goes on after it was taken", () => {
  const played = new PlayedTime();
  const at = play(played, 0, 5_000);
  assert.deepEqual(played.take(), [[0, 5_000]]);
  play(played, 5_000, 8_000, { at });
  assert.deepEqual(played.take(), [[5_000, 8_000]]);
});

test("a seek cuts, and the time passed over is not claimed", () => {
  const played = new PlayedTime();
  const at = play(played, 0, 4_000);
  played.cut();
  play(played, 50_000, 52_000, { at: at + 80 });
  assert.deepEqual(played.take(), [[0, 4_000], [50_000, 52_000]]);
});

test("a jump that nobody announced cuts too", () => {
  const played = new PlayedTime();
  const at = play(played, 0, 4_000);
  play(played, 30_000, 31_000, { at: at + 250 });
  assert.deepEqual(played.take(), [[0, 4_000], [30_000, 31_000]]);
});

test("going back cuts", () => {
  const played = new PlayedTime();
  const at = play(played, 10_000, 14_000);
  play(played, 2_000, 3_000, { at });
  assert.deepEqual(played.take(), [[10_000, 14_000], [2_000, 3_000]]);
});

test("readings a minute apart, as in a tab behind others, are one span when the media ran on", () => {
  const played = new PlayedTime();
  played.read(0, 0);
  played.read(60_000, 60_000);
  assert.deepEqual(played.take(), [[0, 60_000]]);
});

test("a sleeping computer claims nothing for its sleep", () => {
  const played = new PlayedTime();
  const at = play(played, 0, 4_000);
  played.read(4_010, at + 3_600_000);
  assert.deepEqual(played.take(), [[0, 4_010]]);
});

test("slower playing covers less media in the same time", () => {
  const played = new PlayedTime();
  play(played, 0, 7_500, { rate: 0.75 });
  assert.deepEqual(played.take(), [[0, 7_500]]);
  played.read(0, 20_000, 0.75);
  played.read(10_000, 30_000, 0.75);
  assert.deepEqual(played.take(), []);
});

test("a moment without length is no span", () => {
  const played = new PlayedTime();
  played.read(1_000, 0);
  played.cut();
  assert.deepEqual(played.take(), []);
});

test("takes of one run meet without a crack, wherever its milliseconds fall", () => {
  const played = new PlayedTime();
  const spans = [];
  for (let reading = 0; reading < 200; reading += 1) {
    played.read(reading * 250.37, reading * 250.37);
    spans.push(...played.take());
  }
  for (const [index, [from]] of spans.entries()) assert.equal(from, index ? spans[index - 1][1] : 0);
});
