import assert from "node:assert/strict";
import { test } from "node:test";
import { BeatQueue } from "../src/player/beat-queue.js";
import { QueueStore } from "../src/player/queue-store.js";
import { openShelf } from "../src/shelf.js";

const FACTS = { leaseId: "one", lectureId: "l", durationMs: 60_000 };

// What IndexedDB does, in memory.
class Shelf {
  map = new Map();
  async put(key, value) {
    this.map.set(key, structuredClone(value));
  }
  async remove(key) {
    this.map.delete(key);
  }
  async all() {
    return [...this.map.values()];
  }
}

test("each beat has a higher number and claims all that is not yet credited", () => {
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 5_000]], 5_000);
  assert.deepEqual(queue.beat(), { seq: 1, segments: [[0, 5_000]], position_ms: 5_000, rate: 1, visible: true, final: false });
  queue.add([[5_000, 9_000]], 9_000);
  assert.deepEqual(queue.beat({ final: true }).segments, [[0, 9_000]]);
  assert.equal(queue.seq, 2);
});

test("what the answer names as watched leaves the queue", () => {
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 15_000]], 15_000);
  queue.acknowledge(queue.beat(), { watched: [[0, 15_000]], trimmed: [] });
  assert.ok(queue.empty);
});

test("what played while a beat was under way stays", () => {
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 15_000]], 15_000);
  const beat = queue.beat();
  queue.add([[15_000, 16_000]], 16_000);
  queue.acknowledge(beat, { watched: [[0, 15_000]], trimmed: [] });
  assert.deepEqual(queue.pending, [[15_000, 16_000]]);
});

test("what only the budget trimmed is claimed again", () => {
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 15_000]], 15_000);
  queue.acknowledge(queue.beat(), { watched: [[0, 14_950]], trimmed: [{ ms: 50, reason: "budget" }] });
  assert.deepEqual(queue.beat().segments, [[14_950, 15_000]]);
});

for (const reason of ["playlist_not_fetched", "presence", "a reason of a later server"]) {
  test(`what was trimmed for "${reason}" is claimed again`, () => {
    const queue = new BeatQueue(FACTS);
    queue.add([[0, 15_000]], 15_000);
    queue.acknowledge(queue.beat(), { watched: [], trimmed: [{ ms: 15_000, reason }] });
    assert.deepEqual(queue.beat().segments, [[0, 15_000]]);
  });
}

test("what can never be credited is not claimed for ever", () => {
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 15_000]], 15_000);
  queue.acknowledge(queue.beat(), { watched: [], trimmed: [{ ms: 15_000, reason: "too_many_spans" }] });
  assert.ok(queue.empty);
});

test("a beat carries at most 32 spans; the others follow", () => {
  const queue = new BeatQueue(FACTS);
  queue.add(Array.from({ length: 40 }, (_, n) => [n * 1_000, n * 1_000 + 100]), 0);
  const first = queue.beat();
  assert.equal(first.segments.length, 32);
  queue.acknowledge(first, { watched: first.segments, trimmed: [] });
  assert.equal(queue.beat().segments.length, 8);
});

test("spans and position stay inside the lecture", () => {
  const queue = new BeatQueue(FACTS);
  queue.add([[59_000, 60_040]], 60_040.7);
  assert.deepEqual([queue.pending, queue.positionMs], [[[59_000, 60_000]], 60_000]);
});

test("a queue survives the page, and an empty one is forgotten", async () => {
  const shelf = new Shelf();
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 14_000]], 14_000);
  queue.beat();
  new QueueStore(shelf).keep(queue, 1_000);
  await null;
  const store = new QueueStore(shelf);
  const [again] = await store.kept(2_000);
  assert.deepEqual(again.saved(), queue.saved());
  assert.equal(again.beat().seq, 2);
  queue.acknowledge({ segments: [] }, { watched: [[0, 14_000]] });
  store.keep(queue, 3_000);
  assert.deepEqual(await store.kept(4_000), []);
});

test("only the newest state is written, in order", async () => {
  const shelf = new Shelf();
  const written = [];
  shelf.put = async (key, value) => written.push(value.pending.at(-1)[1]);
  shelf.remove = async () => written.push("gone");
  const store = new QueueStore(shelf);
  const queue = new BeatQueue(FACTS);
  for (let second = 1; second <= 5; second += 1) {
    queue.add([[0, second * 1_000]], 0);
    store.keep(queue, second);
  }
  store.drop("one");
  await store.kept(9);
  assert.deepEqual(written, [1_000, "gone"]);
});

test("what is broken, strange or a day old is removed", async () => {
  const shelf = new Shelf();
  shelf.map.set("b", { leaseId: "b", seq: 1, durationMs: 1, pending: [["x", 2]], savedAt: 5 });
  shelf.map.set("c", { ...new BeatQueue({ ...FACTS, leaseId: "c" }).saved(), savedAt: -90_000_000 });
  const store = new QueueStore(shelf);
  assert.deepEqual([await store.kept(10), await store.kept(10)], [[], []]);
  assert.equal(shelf.map.size, 0);
});

test("a browser that refuses to keep loses nothing that is in memory", async () => {
  const refuse = () => Promise.reject(new Error("quota"));
  const store = new QueueStore({ put: refuse, remove: refuse, all: refuse });
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 1_000]], 1_000);
  store.keep(queue, 0);
  store.drop("one");
  assert.deepEqual(await store.kept(0), []);
  assert.equal(queue.pendingMs, 1_000);
});

test("a browser that refuses to keep a copy is known, and one that takes it again too", async () => {
  const shelf = new Shelf();
  const store = new QueueStore(shelf);
  const queue = new BeatQueue(FACTS);
  queue.add([[0, 5_000]], 5_000);
  const { put } = shelf;
  shelf.put = async () => Promise.reject(new Error("QuotaExceededError"));
  store.keep(queue, 1);
  await store.kept(2);
  assert.equal(store.durable, false);
  shelf.put = put;
  store.keep(queue, 3);
  await store.kept(4);
  assert.equal(store.durable, true);
});

for (const [name, factory, found] of [
  ["has no IndexedDB", undefined, []],
  ["forbids it", { open: () => { throw new Error("SecurityError"); } }, []],
  ["never answers", { open: () => new EventTarget() }, null],
]) {
  test(`a browser that ${name} plays all the same, and is known to keep no copy`, async () => {
    const store = new QueueStore(openShelf(factory, "lms-watch", "queues"), { patienceMs: 10 });
    assert.deepEqual(await store.kept(1), found);
    const queue = new BeatQueue(FACTS);
    queue.add([[0, 5_000]], 5_000);
    store.keep(queue, 2);
    assert.deepEqual(await store.kept(3), found);
    assert.deepEqual([store.durable, queue.pendingMs], [false, 5_000]);
  });
}
