// Keeps queues in the browser under their lease, so that a crash, a closed tab or an expired sign-in loses nothing.
import { BeatQueue } from "./beat-queue.js";

const LONGEST_MS = 86_400_000;
const PATIENCE_MS = 5_000; // some browsers take long to answer, or never do: nobody who wants to play waits for them

export class QueueStore {
  #shelf;
  #patienceMs;
  #waiting = new Map();
  #writing = null;
  durable = true; // what was handed in last is on the disk, or soon will be

  constructor(shelf, { patienceMs = PATIENCE_MS } = {}) {
    this.#shelf = shelf;
    this.#patienceMs = patienceMs;
  }

  // Writes happen one after the other and only the newest of each lease. A browser that refuses leaves the queue in memory alone.
  keep(queue, nowMs) {
    this.#write(queue.leaseId, queue.empty ? null : { ...queue.saved(), savedAt: nowMs });
  }

  drop(leaseId) {
    this.#write(leaseId, null);
  }

  #write(leaseId, value) {
    this.#waiting.set(leaseId, value);
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = null;
    });
  }

  async #drain() {
    while (this.#waiting.size > 0) {
      const [[leaseId, value]] = this.#waiting;
      this.#waiting.delete(leaseId);
      const late = setTimeout(() => {
        this.durable = false;
      }, this.#patienceMs);
      const writing = value ? this.#shelf.put(leaseId, value) : this.#shelf.remove(leaseId);
      this.durable = await writing.then(() => true, () => false);
      clearTimeout(late);
    }
  }

  // All queues that pages before this one left behind, null when the browser does not say so in time; what is a day old could no longer
  // be credited and is removed.
  async kept(nowMs) {
    let late;
    const patience = new Promise((resolve) => {
      late = setTimeout(() => resolve(null), this.#patienceMs);
    });
    const found = await Promise.race([this.#read(), patience]);
    clearTimeout(late);
    return found && this.#fresh(found, nowMs);
  }

  async #read() {
    await this.#writing;
    return this.#shelf.all().catch(() => []);
  }

  #fresh(found, nowMs) {
    const queues = [];
    for (const data of found) {
      const fresh = Number.isFinite(data?.savedAt) && Math.abs(nowMs - data.savedAt) < LONGEST_MS;
      const queue = fresh ? BeatQueue.restored(data) : null;
      if (queue) queues.push(queue);
      else if (typeof data?.leaseId === "string") this.drop(data.leaseId);
    }
    return queues;
  }
}
