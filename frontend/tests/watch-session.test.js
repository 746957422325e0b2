import assert from "node:assert/strict";
import { test } from "node:test";
import { BeatQueue } from "../src/player/beat-queue.js";
import { union } from "../src/player/spans.js";
import { WatchSession } from "../src/player/watch-session.js";

// A page with a clock of its own, a store in memory, and a server that credits what is claimed unless told otherwise.
class Page {
  now = 0;
  timers = [];
  log = [];
  kept = new Map();
  spans = [];
  position = 0;
  playing = true;
  watched = [];
  sent = [];
  openings = 0;
  fetched = [];
  playlistFails = 0;
  outcome = null; // what the next beats get instead of credit
  opening = null; // the same for leases

  constructor(lecture = {}) {
    const note = (name) => (...values) => this.log.push([name, ...values]);
    const names = ["opened", "credited", "recovered", "failing", "over", "signIn", "refused", "unreachable", "asked"];
    this.session = new WatchSession({
      api: {
        open: () => this.#open(),
        fetchPlaylist: async (url) => this.fetched.push(url) > this.playlistFails,
        beat: (lease, body) => this.#beat(lease, body),
        presence: async () => this.answered,
        farewell: (lease, body) => this.sent.push([lease, body]),
      },
      store: {
        keep: (queue) => (queue.empty ? this.kept.delete(queue.leaseId) : this.kept.set(queue.leaseId, queue.saved())),
        drop: (lease) => this.kept.delete(lease),
        kept: async () => [...this.kept.values()].map((data) => BeatQueue.restored(data)),
      },
      lecture: { lectureId: "l", watched: [], completed: false, threshold: 0.95, ...lecture },
      take: () => this.spans.splice(0),
      look: () => ({ positionMs: this.position, rate: 1, visible: true, playing: this.playing }),
      listener: Object.fromEntries(names.map((name) => [name, note(name)])),
      now: () => this.now,
      timers: {
        setTimeout: (call, ms) => this.timers.push({ call, at: this.now + ms }),
        clearTimeout: (id) => id && (this.timers[id - 1] = null),
      },
    });
  }

  async #open() {
    this.openings += 1;
    const lease = { lease_id: `lease-${this.openings}`, duration_ms: 60_000, beat_seconds: 15, watched: this.watched, position_ms: 0, playlist_url: `/p/${this.openings}` };
    return this.opening ?? { kind: "opened", lease };
  }

  async #beat(lease, body) {
    this.sent.push([lease, body]);
    const outcome = typeof this.outcome === "function" ? this.outcome(lease, body) : this.outcome;
    if (outcome) return outcome;
    this.watched = union([...this.watched, ...body.segments]);
    return { kind: "credited", answer: { accepted_ms: 1, watched: this.watched, trimmed: [], completed: false } };
  }

  // Plays for so many seconds, one at a time, and lets timers ring.
  async play(seconds) {
    for (let second = 0; second < seconds; second += 1) {
      if (this.playing) this.spans.push([this.position, this.position + 1_000]);
      if (this.playing) this.position += 1_000;
      this.now += 1_000;
      this.session.collect();
      for (const [index, timer] of this.timers.entries()) {
        if (timer && timer.at <= this.now) {
          this.timers[index] = null;
          timer.call();
          await new Promise(setImmediate);
        }
      }
    }
  }

  names() {
    return this.log.map(([name]) => name);
  }

  bodies() {
    return this.sent.map(([, body]) => body);
  }
}

test("nothing is asked of the server before the learner presses play", () => {
  const page = new Page();
  page.session.collect();
  page.session.beat();
  page.session.farewell({ gone: true });
  assert.deepEqual([page.openings, page.sent], [0, []]);
});

test("beats go out every fifteen seconds while it plays", async () => {
  const page = new Page();
  assert.equal(await page.session.open(), true);
  await page.play(45);
  assert.deepEqual(page.bodies().map((body) => [body.seq, body.segments]), [[1, [[0, 15_000]]], [2, [[15_000, 30_000]]], [3, [[30_000, 45_000]]]]);
});

test("pressing play twice opens one lease", async () => {
  const page = new Page();
  await Promise.all([page.session.open(), page.session.open()]);
  assert.equal(page.openings, 1);
});

test("two minutes without a network lose nothing", async () => {
  const page = new Page();
  await page.session.open();
  page.outcome = { kind: "failed" };
  await page.play(40);
  assert.deepEqual([...new Set(page.names())], ["opened", "failing"]);
  assert.deepEqual(page.kept.get("lease-1").pending, [[0, 40_000]]);
  page.outcome = null;
  page.session.hurry();
  await page.play(1);
  assert.deepEqual(page.watched[0], [0, 40_000]);
});

test("failures are retried after growing waits", async () => {
  const page = new Page();
  await page.session.open();
  page.outcome = { kind: "failed" };
  await page.play(15 + 2 + 4 + 8 + 15 + 30 + 30);
  assert.equal(page.sent.length, 7);
});

test("a paused page stays quiet but keeps its grant alive", async () => {
  const page = new Page();
  await page.session.open();
  page.playing = false;
  await page.play(300);
  assert.equal(page.sent.length, 2);
});

test("the beat that completes the lecture leaves at once", async () => {
  const page = new Page();
  await page.session.open();
  await page.play(57);
  assert.deepEqual(page.bodies().at(-1).segments, [[45_000, 57_000]]);
});

test("a superseded page stops, keeps nothing and opens nothing by itself", async () => {
  const page = new Page();
  await page.session.open();
  await page.play(10);
  page.outcome = { kind: "over", answer: { lease_state: "superseded", accepted_ms: 5_000, watched: [[0, 5_000]] } };
  await page.play(60);
  assert.deepEqual([page.session.live, page.openings, page.kept.size, page.names().at(-1)], [false, 1, 0, "over"]);
  page.outcome = null;
  assert.equal(await page.session.open(), true);
  assert.equal(page.openings, 2);
});

test("what a crashed page left is sent under its own lease before a new one opens", async () => {
  const page = new Page();
  page.kept.set("old", { leaseId: "old", lectureId: "l", durationMs: 60_000, seq: 4, pending: [[0, 14_000]], positionMs: 14_000 });
  await page.session.open();
  assert.deepEqual(page.sent.map(([lease, body]) => [lease, body.seq, body.segments, body.final]), [["old", 5, [[0, 14_000]], false]]);
  assert.deepEqual([page.names(), page.kept.size], [["recovered", "opened"], 0]);
});

test("what can't be sent yet is kept for later, and the new lease opens all the same", async () => {
  const page = new Page();
  page.kept.set("old", { leaseId: "old", lectureId: "l", durationMs: 60_000, seq: 4, pending: [[0, 14_000]], positionMs: 14_000 });
  page.outcome = { kind: "failed" };
  assert.equal(await page.session.open(), true);
  assert.ok(page.kept.has("old"));
});

for (const [kind, name] of [["sign-in", "signIn"], ["refused", "refused"], ["failed", "unreachable"]]) {
  test(`a lease that can't be opened is told as ${name}`, async () => {
    const page = new Page();
    page.opening = { kind };
    assert.equal(await page.session.open(), false);
    assert.deepEqual([page.names(), page.session.live], [[name], false]);
  });
}

test("the end is final; what comes while another beat is under way follows it", async () => {
  const page = new Page();
  await page.session.open();
  await page.play(5);
  page.session.beat();
  page.session.beat({ final: true });
  await new Promise(setImmediate);
  await page.play(1);
  assert.deepEqual(page.bodies().map((body) => body.final), [false, true]);
  assert.equal(page.session.live, false);
});

test("playing on after the end keeps the lease", async () => {
  const page = new Page();
  await page.session.open();
  page.outcome = { kind: "failed" };
  page.session.beat({ final: true });
  await new Promise(setImmediate);
  page.outcome = null;
  page.session.goOn();
  await page.play(5);
  assert.deepEqual([page.session.live, page.bodies().at(-1).final], [true, false]);
});

for (const gone of [true, false]) {
  test(`a page that goes ${gone ? "for good" : "into the back cache"} says so, and keeps a copy`, async () => {
    const page = new Page();
    await page.session.open();
    await page.play(14);
    page.session.farewell({ gone });
    assert.deepEqual([page.bodies()[0].segments, page.bodies()[0].final, page.kept.size], [[[0, 14_000]], gone, 1]);
  });
}

test("what ran before there was a lease is not claimed", async () => {
  const page = new Page();
  page.spans.push([0, 9_000]);
  await page.session.open();
  await page.session.beat();
  assert.deepEqual(page.bodies()[0].segments, []);
});

test("the lease's playlist is fetched right away, and again until it came", async () => {
  const page = new Page();
  page.playlistFails = 2;
  await page.session.open();
  await page.play(10);
  assert.deepEqual(page.fetched, ["/p/1", "/p/1", "/p/1"]);
});

test("nobody fetches the playlist of a lease that is over", async () => {
  const page = new Page();
  page.playlistFails = 99;
  await page.session.open();
  page.outcome = { kind: "over", answer: { lease_state: "superseded", watched: [] } };
  await page.session.beat();
  const tries = page.fetched.length;
  await page.play(60);
  assert.equal(page.fetched.length, tries);
});

test("time that the server puts off is claimed until it counts, also past the end", async () => {
  const page = new Page();
  await page.session.open();
  const late = (answered) => ({ kind: "credited", answer: { watched: answered, trimmed: [{ ms: 9_000, reason: "budget" }], completed: false } });
  page.outcome = () => late([[0, 6_000]]);
  await page.play(15);
  page.session.beat({ final: true });
  await new Promise(setImmediate);
  page.playing = false;
  page.outcome = null;
  await page.play(12);
  assert.deepEqual(page.bodies().map((body) => body.final), [false, false, false, true]);
  assert.deepEqual([page.watched, page.session.live], [[[6_000, 15_000]], false]);
});

test("more spans than a beat holds are all sent under a lease that is over", async () => {
  const page = new Page();
  const pending = Array.from({ length: 70 }, (_, n) => [n * 100, n * 100 + 50]);
  page.kept.set("old", { leaseId: "old", lectureId: "l", durationMs: 60_000, seq: 4, pending, positionMs: 7_000 });
  await page.session.open();
  assert.deepEqual(page.sent.map(([lease, body]) => [lease, body.segments.length]), [["old", 32], ["old", 32], ["old", 6]]);
  assert.equal(page.kept.size, 0);
});

test("what an earlier page left and could not be sent follows the next good beat", async () => {
  const page = new Page();
  page.kept.set("old", { leaseId: "old", lectureId: "l", durationMs: 60_000, seq: 4, pending: [[0, 14_000]], positionMs: 14_000 });
  page.outcome = (lease) => (lease === "old" ? { kind: "failed" } : null);
  await page.session.open();
  page.position = 20_000;
  page.outcome = null;
  await page.play(16);
  assert.deepEqual(page.sent.map(([lease]) => lease), ["old", "lease-1", "old"]);
  assert.ok(!page.kept.has("old"));
});

test("a question that comes with a beat is passed on", async () => {
  const page = new Page();
  await page.session.open();
  const check = { id: "c", kind: "button", seconds: 60, place: 3 };
  page.outcome = { kind: "credited", answer: { watched: [], trimmed: [], completed: false, presence: check } };
  await page.session.beat();
  assert.deepEqual(page.log.at(-1), ["asked", check]);
});

test("an answer that the lease does not take leads to a beat, which says why", async () => {
  const page = new Page();
  await page.session.open();
  page.answered = { kind: "over", answer: {} };
  assert.equal((await page.session.confirm({ id: "c" })).kind, "over");
  assert.equal(page.sent.length, 1);
});
