import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomReports } from "../src/player/room-reports.js";

function screen(answers) {
  const sent = [];
  const heard = [];
  const spans = [];
  const reports = new RoomReports({
    open: async () => ({ status: 201, body: { screen_id: "s", beat_seconds: 15 } }),
    send: async (id, body) => {
      sent.push(structuredClone(body));
      return answers.shift() ?? { status: 200, body: {} };
    },
    take: () => spans.splice(0),
    position: () => 0,
    listener: { taken: () => heard.push("taken"), failing: () => heard.push("failing"), over: () => heard.push("over") },
    timers: { setTimeout: () => 0, clearTimeout: () => {} },
  });
  return { reports, sent, heard, spans };
}

test("a report whose answer is lost is sent again as it was, and what was played meanwhile follows", async () => {
  const { reports, sent, heard, spans } = screen([{ status: 0 }, { status: 200, body: {} }]);
  await reports.open();
  spans.push([0, 15_000]);
  await reports.report();
  spans.push([15_000, 30_000]);
  await reports.report();
  await reports.report();
  assert.deepEqual(
    sent.map(({ seq, segments }) => [seq, segments]),
    [
      [1, [[0, 15_000]]],
      [1, [[0, 15_000]]],
      [2, [[15_000, 30_000]]],
    ],
  );
  assert.deepEqual(heard, ["failing", "taken", "taken"]);
});

test("what ran before the screen was taken over is not reported", async () => {
  const { reports, sent, spans } = screen([]);
  spans.push([0, 5_000]);
  await reports.open();
  await reports.report();
  assert.deepEqual(sent[0].segments, []);
});

test("a screen that was taken over elsewhere falls silent", async () => {
  const { reports, sent, heard } = screen([{ status: 410, body: {} }]);
  await reports.open();
  await reports.report();
  await reports.report();
  assert.equal(sent.length, 1);
  assert.deepEqual(heard, ["over"]);
  assert.equal(reports.live, false);
});
