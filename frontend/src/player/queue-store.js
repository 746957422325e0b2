// Keeps queues in the browser's storage under their lease, so that a crash, a closed tab or an expired sign-in loses nothing.
// Local storage and not IndexedDB: it is written in the same step, also while the page is being closed.
import { BeatQueue } from "./beat-queue.js";

const PREFIX = "lms-watch:";
const LONGEST_MS = 86_400_000;

export class QueueStore {
  constructor(storage) {
    this.storage = storage;
  }

  // Quota and private modes may refuse: the queue then lives in memory alone.
  keep(queue, nowMs) {
    try {
      if (queue.empty) this.storage.removeItem(PREFIX + queue.leaseId);
      else this.storage.setItem(PREFIX + queue.leaseId, JSON.stringify({ ...queue.saved(), savedAt: nowMs }));
      return true;
    } catch {
      return false;
    }
  }

  drop(leaseId) {
    try {
      this.storage.removeItem(PREFIX + leaseId);
    } catch {
      // A storage that refuses to forget has kept nothing either.
    }
  }

  // All queues that pages before this one left behind; what is a day old could no longer be credited and is removed.
  kept(nowMs) {
    const queues = [];
    try {
      const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index)).filter((key) => key?.startsWith(PREFIX));
      for (const key of keys) {
        const queue = this.#read(key, nowMs);
        if (queue) queues.push(queue);
        else this.storage.removeItem(key);
      }
    } catch {
      return queues;
    }
    return queues;
  }

  #read(key, nowMs) {
    try {
      const data = JSON.parse(this.storage.getItem(key));
      const fresh = Number.isFinite(data?.savedAt) && Math.abs(nowMs - data.savedAt) < LONGEST_MS;
      return fresh ? BeatQueue.restored(data) : null;
    } catch {
      return null;
    }
  }
}
