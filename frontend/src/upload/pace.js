// How fast a transfer goes and how long it still takes; times in milliseconds.

const SMOOTHING = 0.3;
const FIRST_GUESS_MS = 2000;

export class Pace {
  #startedAt;
  #lastAt;
  #lastBytes = 0;
  #bytesPerMs = 0;

  constructor(now) {
    this.#startedAt = now;
    this.#lastAt = now;
  }

  // Notes that `bytes` have gone until `now`.
  note(bytes, now) {
    const elapsed = now - this.#lastAt;
    if (elapsed < 250) return;
    const current = (bytes - this.#lastBytes) / elapsed;
    this.#bytesPerMs = this.#bytesPerMs ? SMOOTHING * current + (1 - SMOOTHING) * this.#bytesPerMs : current;
    this.#lastAt = now;
    this.#lastBytes = bytes;
  }

  // Seconds until `total` bytes have gone, null while that can't be told.
  secondsLeft(total) {
    if (this.#lastAt - this.#startedAt < FIRST_GUESS_MS || this.#bytesPerMs <= 0) return null;
    return Math.max(1, Math.round((total - this.#lastBytes) / this.#bytesPerMs / 1000));
  }
}
