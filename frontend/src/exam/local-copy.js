// Keeps answers that the server has not acknowledged in this browser, under the attempt's id; nothing else, and nothing once it is handed in. What a
// browser never sent goes a day after it was written, by whichever exam is opened next.
import { withoutTypedIdNumbers } from "../numbers.js";
import { openShelf } from "../shelf.js";

const PATIENCE_MS = 3_000; // some browsers take long to answer, or never do: nobody who sits an exam waits for them

const DAY_MS = 86_400_000;

// The server keeps everything but such numbers, and a browser that others use after is no place for them either.
function struck(value) {
  if (Array.isArray(value)) return value.map(struck);
  return typeof value === "string" ? withoutTypedIdNumbers(value) : value;
}

const inTime = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);

export class LocalCopy {
  #attempt;
  #shelf;
  #newest = null;
  #writing = null;

  #clock;

  constructor(attempt, shelf = openShelf(globalThis.indexedDB, "lms-exam", "answers"), clock = Date.now) {
    this.#attempt = attempt;
    this.#shelf = shelf;
    this.#clock = clock;
  }

  // A Map of position → { epoch, seq, value } that an earlier page left behind; empty when the browser keeps nothing (private windows, full disks).
  async read() {
    const found = await inTime(this.#shelf.get(this.#attempt).catch(() => null));
    this.#sweep().catch(() => {});
    const answers = Array.isArray(found) ? found : found?.answers; // a list alone: written before it told when
    return new Map(Array.isArray(answers) ? answers : []);
  }

  async #sweep() {
    const oldest = this.#clock() - DAY_MS;
    for (const key of await this.#shelf.keys()) {
      const kept = key === this.#attempt ? null : await this.#shelf.get(key);
      if (kept && !(kept.writtenAt > oldest)) await this.#shelf.remove(key);
    }
  }

  // Takes the answers as they are now; writes happen one after the other, and only the newest. Where the browser refuses they are still in memory.
  write(pending) {
    this.#newest = [...pending].map(([position, one]) => [position, { ...one, value: struck(one.value) }]);
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
      const writing = entries.length ? this.#shelf.put(this.#attempt, { writtenAt: this.#clock(), answers: entries }) : this.#shelf.remove(this.#attempt);
      await writing.catch(() => {});
    }
  }
}
