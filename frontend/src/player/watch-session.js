// The life of a page's leases: opens one on play, beats while it lives, keeps what could not be sent, and says what happened.
import { BeatQueue } from "./beat-queue.js";
import { coverage } from "./spans.js";

const RETRY_SECONDS = [2, 4, 8, 15, 30];
const RENEW_MS = 120_000; // a paused page beats this often, so that its grant for the video lives on

export class WatchSession {
  #queue = null;
  #opening = null;
  #sending = null;
  #finalWanted = false;
  #timer = null;
  #failures = 0;
  #answeredAt = 0;
  #beatMs = 15_000;
  #watched;
  #completed;

  // `take` gives the spans played since it was last called; `look` tells how the player stands: {positionMs, rate, visible, playing}.
  // `listener` has opened(lease), credited(answer, queue), recovered(answer, queue), failing(), over(answer, queue, wasPlaying), signIn(),
  // refused(detail) and unreachable().
  constructor({ api, store, lecture, take, look, listener, now = () => Date.now(), timers = globalThis }) {
    Object.assign(this, { api, store, lecture, take, look, listener, now, timers });
    this.#watched = lecture.watched;
    this.#completed = lecture.completed;
  }

  get live() {
    return this.#queue !== null;
  }

  get pending() {
    return this.live && !this.#queue.empty;
  }

  // It plays on after its end was reached and perhaps reported: that report has lapsed.
  goOn() {
    this.#finalWanted = false;
  }

  // Opens a lease unless one lives. True when the page may play.
  open() {
    if (this.live) return Promise.resolve(true);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open() {
    this.take(); // what ran before there was a lease can't be credited
    await this.flushKept();
    const outcome = await this.api.open(this.lecture.lectureId, this.lecture.enrolmentId);
    if (outcome.kind !== "opened") {
      if (outcome.kind === "sign-in") this.listener.signIn();
      else if (outcome.kind === "refused") this.listener.refused(outcome.detail);
      else this.listener.unreachable();
      return false;
    }
    const { lease } = outcome;
    this.#queue = new BeatQueue({ leaseId: lease.lease_id, lectureId: this.lecture.lectureId, durationMs: lease.duration_ms });
    this.#beatMs = lease.beat_seconds * 1000;
    this.#watched = lease.watched;
    this.#failures = 0;
    this.#answeredAt = this.now();
    this.#finalWanted = false;
    this.listener.opened(lease);
    this.#schedule(this.#beatMs);
    return true;
  }

  // Sends what pages before this one left behind, each under its own lease.
  async flushKept() {
    for (const queue of await this.store.kept(this.now())) {
      if (queue.leaseId === this.#queue?.leaseId) continue;
      const body = queue.beat();
      const outcome = await this.api.beat(queue.leaseId, body);
      if (outcome.kind === "failed") return;
      this.store.drop(queue.leaseId);
      if (queue.lectureId === this.lecture.lectureId) this.listener.recovered(outcome.answer, queue);
    }
  }

  // Reads the player; call it as often as it plays on. Beats at once when that completes the lecture.
  collect() {
    if (!this.#queue) return;
    this.#queue.add(this.take(), this.look().positionMs);
    this.store.keep(this.#queue, this.now());
    if (!this.#completed && this.#share() >= this.lecture.threshold) {
      this.#completed = true;
      this.beat();
    }
  }

  #share() {
    return coverage([...this.#watched, ...this.#queue.pending], this.#queue.durationMs);
  }

  // Reports what was played. One beat is under way at a time; a final one that comes meanwhile follows it.
  async beat({ final = false, keepalive = false } = {}) {
    if (!this.#queue) return;
    this.#finalWanted ||= final;
    this.collect();
    if (this.#sending) return;
    const queue = this.#queue;
    const seen = this.look();
    const wasFinal = this.#finalWanted;
    const body = queue.beat({ rate: seen.rate, visible: seen.visible, final: wasFinal });
    this.#sending = this.api.beat(queue.leaseId, body, { keepalive });
    const outcome = await this.#sending;
    this.#sending = null;
    if (queue !== this.#queue) return;
    if (outcome.kind === "failed") this.#failed();
    else if (outcome.kind === "over") this.#ended(queue, outcome.answer, seen.playing);
    else this.#credited(queue, body, outcome.answer, wasFinal);
  }

  #credited(queue, body, answer, wasFinal) {
    queue.acknowledge(body, answer);
    this.#watched = answer.watched;
    this.#completed ||= answer.completed;
    this.#failures = 0;
    this.#answeredAt = this.now();
    if (wasFinal) {
      this.#finalWanted = false;
      this.#leave(queue);
    } else {
      this.store.keep(queue, this.now());
    }
    this.listener.credited(answer, queue);
    if (this.live) this.#schedule(this.#finalWanted ? 0 : this.#beatMs);
  }

  #failed() {
    const seconds = RETRY_SECONDS[Math.min(this.#failures, RETRY_SECONDS.length - 1)];
    this.#failures += 1;
    this.listener.failing();
    this.#schedule(seconds * 1000);
  }

  #ended(queue, answer, wasPlaying) {
    this.#leave(queue);
    if (answer.watched) this.#watched = answer.watched;
    this.listener.over(answer, queue, wasPlaying);
  }

  #leave(queue) {
    this.store.drop(queue.leaseId);
    this.#queue = null;
    this.timers.clearTimeout(this.#timer);
  }

  #schedule(ms) {
    this.timers.clearTimeout(this.#timer);
    this.#timer = this.timers.setTimeout(() => this.#tick(), ms);
  }

  #tick() {
    if (!this.#queue) return;
    this.collect();
    const { playing, visible } = this.look();
    const due = playing || this.#finalWanted || !this.#queue.empty || this.#failures > 0 || (visible && this.now() - this.#answeredAt >= RENEW_MS);
    if (due) this.beat();
    else this.#schedule(this.#beatMs);
  }

  // The network is back or the page is looked at again: no need to wait for the next turn.
  hurry() {
    if (this.#queue && !this.#sending) this.beat();
  }

  // The page goes away. `gone` says that it will not come back as it is.
  farewell({ gone }) {
    if (!this.#queue) return;
    this.collect();
    const queue = this.#queue;
    const seen = this.look();
    this.api.farewell(queue.leaseId, queue.beat({ rate: seen.rate, visible: seen.visible, final: gone }));
  }
}
