import assert from "node:assert/strict";
import { test } from "node:test";
import { savedLine } from "../src/player/saved-line.js";

const TEXTS = {
  textIdle: "idle",
  textRunning: "running",
  textSaved: "已记录到 {position}",
  textWaiting: "已记录到 {position}，还有 {seconds} 秒",
  textFailing: "未保存，还有 {seconds} 秒未上报",
  textFailingAtRisk: "未保存，还有 {seconds} 秒，不要关闭",
  textOffline: "offline",
};
const QUIET = { live: true, failing: false, savedMs: null, pendingMs: 0, owedMs: 0, durable: true };

for (const [name, facts, kind, text] of [
  ["before play", { live: false }, "idle", "idle"],
  ["before the first beat", {}, "idle", "running"],
  ["after a beat", { savedMs: 760_000 }, "saved", "已记录到 12:40"],
  ["between two beats", { savedMs: 760_000, pendingMs: 14_000 }, "saved", "已记录到 12:40"],
  ["without a network", { savedMs: 760_000, pendingMs: 34_200, failing: true }, "failing", "未保存，还有 35 秒未上报"],
  ["without a network and without a copy", { pendingMs: 34_200, failing: true, durable: false }, "failing", "未保存，还有 35 秒，不要关闭"],
  ["paused without a network, all saved", { savedMs: 760_000, failing: true, durable: false }, "failing", "offline"],
  ["without a copy but saved", { savedMs: 760_000, pendingMs: 3_000, durable: false }, "saved", "已记录到 12:40"],
  ["put off by the server", { savedMs: 760_000, owedMs: 8_100 }, "waiting", "已记录到 12:40，还有 9 秒"],
  ["put off by a blink", { savedMs: 760_000, owedMs: 300 }, "saved", "已记录到 12:40"],
]) {
  test(`${name}: ${text}`, () => {
    assert.deepEqual(savedLine({ ...QUIET, ...facts }, TEXTS), { kind, text });
  });
}
