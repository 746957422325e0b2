// Brings answers to the server: one at a time, each until it is acknowledged, the newest of a position only. What is not
// acknowledged yet is kept in this browser, so that a crash or a closed lid loses nothing.
import { Refused, Unreachable } from "./server.js";

const SETTLE_MS = 400;
const LONGEST_WAIT_MS = 15_000;
const SIGN_IN_WAIT_MS = 4_000;
const NOT_OPEN_YET = 2 ** 31 - 1;

export class Saver {
  // `copy` is where answers are kept in this browser. events: restored(pending) saved(time) unsaved() saving() signedOut() signedIn() over()
  // elsewhere() outdated() dropped(position, value) notYours() opened(attempt, pending)
  constructor(copy, server, epoch, events) {
    this.copy = copy;
    this.server = server;
    this.epoch = epoch;
    this.events = events;
    this.seq = 0;
    this.failures = 0;
    this.isOpen = false;
    this.stopped = false;
    this.busy = null;
    this.refused = false;
    this.known = {};
    this.pending = new Map();
    this.restoring = null;
    window.addEventListener("online", () => this.#now());
    document.addEventListener("visibilitychange", () => document.hidden || this.#now());
  }

  get unsaved() {
    return this.pending.size;
  }

  // Takes the attempt over to this page; saves wait until that has happened.
  open() {
    this.isOpen = false;
    this.stopped = false;
    return this.#now();
  }

  change(position, value) {
    this.seq += 1;
    this.pending.set(position, { epoch: this.epoch, seq: this.isOpen ? this.seq : NOT_OPEN_YET, value });
    this.copy.write(this.pending);
    if (this.failures === 0) this.events.saving();
    this.#later(SETTLE_MS);
  }

  // Sends all that is pending at once. Resolves to whether everything is acknowledged.
  async flush() {
    await this.#now();
    return this.pending.size === 0 && !this.stopped;
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  finish() {
    this.stop();
    this.pending.clear();
    return this.copy.forget();
  }

  // What another part of the page was told: whether it ends the saving here too.
  heard(error) {
    const event = this.#ending(error);
    if (event) this.#end(event);
    return event !== null;
  }

  #later(milliseconds) {
    if (this.failures > 0 && milliseconds === SETTLE_MS) return;
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.#now(), milliseconds);
  }

  #now() {
    clearTimeout(this.timer);
    if (this.stopped) return Promise.resolve();
    this.busy ??= this.#work().finally(() => {
      this.busy = null;
    });
    return this.busy;
  }

  async #work() {
    try {
      if (!this.isOpen) await this.#open();
      while (this.pending.size && !this.stopped) await this.#send(...this.pending.entries().next().value);
      if (this.refused && !this.stopped) this.#end("outdated"); // the page is another than the platform takes answers from
      if (this.failures) this.events.signedIn();
      this.failures = 0;
    } catch (error) {
      await this.#failed(error);
    }
  }

  // What an earlier page left behind; an answer that was given meanwhile is newer.
  async #restore() {
    for (const [position, mine] of await this.copy.read()) if (!this.pending.has(position)) this.pending.set(position, { ...mine, restored: true });
    this.events.restored(this.pending);
  }

  async #open() {
    this.restoring ??= this.#restore();
    await this.restoring;
    const opened = await this.server.open();
    this.epoch = opened.epoch;
    this.known = opened.answers;
    for (const [position, mine] of this.pending) {
      const theirs = opened.answers[position];
      const newer = theirs && (theirs.epoch > mine.epoch || (theirs.epoch === mine.epoch && theirs.client_seq >= mine.seq));
      if (newer) this.pending.delete(position);
      else this.#renumber(position, mine);
    }
    this.copy.write(this.pending);
    this.isOpen = true;
    this.events.opened(opened, this.pending);
  }

  #renumber(position, mine) {
    this.seq += 1;
    this.pending.set(position, { ...mine, epoch: this.epoch, seq: this.seq });
  }

  async #send(position, mine) {
    try {
      const answer = await this.server.save(position, mine.epoch, mine.seq, mine.value);
      if (this.pending.get(position)?.seq === mine.seq) this.pending.delete(position);
      this.copy.write(this.pending);
      if (this.pending.size === 0) this.events.saved(new Date(answer.saved_at));
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 422) throw error;
      this.pending.delete(position); // no answer to this item: sending it again can't help
      this.copy.write(this.pending);
      if (mine.restored) this.events.dropped(position, this.known[position]?.value ?? []);
      else this.refused = true;
    }
  }

  async #failed(error) {
    if (this.heard(error)) return;
    if (!(error instanceof Refused) && !(error instanceof Unreachable)) throw error;
    this.failures += 1;
    if (error.status === 401) {
      this.events.signedOut();
      return this.#later(SIGN_IN_WAIT_MS);
    }
    if (this.pending.size || !this.isOpen) this.events.unsaved();
    if (error.code === "csrf") {
      await this.server.renewToken().catch(() => {});
      if (this.failures === 1) return this.#later(0);
    } else if (error.status === 409) this.isOpen = false; // unknown_epoch, conflict: a fresh opening settles both
    return this.#later(Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.failures, 6)) * (0.75 + Math.random() / 2));
  }

  #ending(error) {
    if (!(error instanceof Refused)) return null;
    if (error.status === 404) return "notYours";
    if (["closed", "late", "time_over"].includes(error.code)) return "over";
    return error.code === "opened_elsewhere" ? "elsewhere" : null;
  }

  #end(event) {
    this.stop();
    this.events[event]();
  }
}
