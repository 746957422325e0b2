// What the screen of a classroom owes the server: spans that were played, sent in order, kept until an answer says that they were taken.
import { union } from "./spans.js";

const MOST_SPANS = 32;
const RETRY_SECONDS = [2, 4, 8, 15];

export class RoomReports {
  screenId = null;
  #beatMs = 15_000;
  #seq = 0;
  #pending = [];
  #sending = null; // a report whose answer is lost is sent again as it was, so that it is taken once
  #busy = false;
  #failures = 0;
  #timer = null;

  // `open` and `send(screenId, body)` give {status, body}; `take` the spans played since it was last called.
  // `listener` has taken(answer), failing() and over().
  constructor({ open, send, take, position, listener, timers = globalThis }) {
    Object.assign(this, { openScreen: open, send, take, position, listener, timers });
  }

  get live() {
    return this.screenId !== null;
  }

  async open() {
    this.take(); // what ran before there was a screen counts for nobody
    const answer = await this.openScreen();
    if (answer.status !== 201) return false;
    this.screenId = answer.body.screen_id;
    this.#beatMs = answer.body.beat_seconds * 1000;
    this.#seq = 0;
    this.#sending = null;
    this.#schedule(this.#beatMs);
    return true;
  }

  async report() {
    if (!this.live || this.#busy) return;
    this.#busy = true;
    this.#pending = union([...this.#pending, ...this.take()]);
    if (this.#sending === null) {
      this.#seq += 1;
      this.#sending = { seq: this.#seq, segments: this.#pending.slice(0, MOST_SPANS), position_ms: this.position() };
      this.#pending = this.#pending.slice(MOST_SPANS);
    }
    const answer = await this.send(this.screenId, this.#sending);
    this.#busy = false;
    if (answer.status === 200) this.#taken(answer.body);
    else if (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429) this.#over();
    else this.#failed();
  }

  #taken(answer) {
    this.#sending = null;
    this.#failures = 0;
    this.listener.taken(answer);
    this.#schedule(this.#pending.length ? 0 : this.#beatMs);
  }

  #failed() {
    const seconds = RETRY_SECONDS[Math.min(this.#failures, RETRY_SECONDS.length - 1)];
    this.#failures += 1;
    this.listener.failing();
    this.#schedule(seconds * 1000);
  }

  #over() {
    this.screenId = null;
    this.timers.clearTimeout(this.#timer);
    this.listener.over();
  }

  #schedule(ms) {
    this.timers.clearTimeout(this.#timer);
    this.#timer = this.timers.setTimeout(() => this.report(), ms);
  }
}
