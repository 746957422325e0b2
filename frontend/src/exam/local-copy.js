// Keeps answers that the server has not acknowledged in this browser, under the attempt's id; nothing else, and nothing once it is handed in.
import { openShelf } from "../shelf.js";

const PATIENCE_MS = 3_000; // some browsers take long to answer, or never do: nobody who sits an exam waits for them

const inTime = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);

export class LocalCopy {
  #attempt;
  #shelf;
  #newest = null;
  #writing = null;

  constructor(attempt, shelf = openShelf(globalThis.indexedDB, "lms-exam", "answers")) {
    this.#attempt = attempt;
    this.#shelf = shelf;
  }

  // A Map of position → { epoch, seq, value } that an earlier page left behind; empty when the browser keeps nothing (private windows, full disks).
  async read() {
    const found = await inTime(this.#shelf.get(this.#attempt).catch(() => []));
    return new Map(Array.isArray(found) ? found : []);
  }

  // Takes the answers as they are now; writes happen one after the other, and only the newest. Where the browser refuses they are still in memory.
  write(pending) {
    this.#newest = [...pending];
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  // Resolves when nothing is left, or when the browser does not say so in time.
  forget() {
    return inTime(this.write(new Map()));
  }

  async #drain() {
    while (this.#newest) {
      const entries = this.#newest;
      this.#newest = null;
      const writing = entries.length ? this.#shelf.put(this.#attempt, entries) : this.#shelf.remove(this.#attempt);
      await writing.catch(() => {});
    }
  }
}
