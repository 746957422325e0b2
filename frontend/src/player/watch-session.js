// The life of a page's leases: opens one on play, beats while it lives, keeps what could not be sent, and says what happened.
import { BeatQueue } from "./beat-queue.js";
import { PlaylistMark } from "./playlist-mark.js";
import { coverage } from "./spans.js";

const RETRY_SECONDS = [2, 4, 8, 15, 30];
const RENEW_MS = 120_000; // a paused page beats this often, so that its grant for the video lives on
const OWING_MS = 1_000; // what is put off for so long a time is waited for before the end is reported

export class WatchSession {
  #queue = null;
  #opening = null;
  #sending = null;
  #flushing = null;
  #leftBehind = true; // pages before this one may have left queues
  #finalWanted = false;
  #timer = null;
  #failures = 0;
  #owed = 0; // what the last answer put off, in milliseconds
  #answeredAt = 0;
  #beatMs = 15_000;
  #watched;
  #completed;

  // `take` gives the spans played since it was last called; `look` tells how the player stands: {positionMs, rate, visible, playing}.
  // `listener` has opened(lease), credited(answer, queue), recovered(answer, queue), failing(queue), over(answer, queue, wasPlaying),
  // asked(check), signIn(), refused(detail) and unreachable().
  constructor({ api, store, lecture, take, look, listener, now = () => Date.now(), timers = globalThis }) {
    Object.assign(this, { api, store, lecture, take, look, listener, now, timers });
    this.playlist = new PlaylistMark({ fetchPlaylist: (url) => api.fetchPlaylist(url), timers });
    this.#watched = lecture.watched;
    this.#completed = lecture.completed;
  }

  get live() {
    return this.#queue !== null;
  }

  get pending() {
    return this.live && !this.#queue.empty;
  }

  // How much was played and not yet acknowledged, in milliseconds; `failing` says that the last try did not arrive.
  get standing() {
    return { pendingMs: this.#queue?.pendingMs ?? 0, failing: this.#failures > 0 };
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
    this.#leftBehind = true;
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
    this.#owed = 0;
    this.#answeredAt = this.now();
    this.#finalWanted = false;
    this.playlist.start(lease.playlist_url);
    this.listener.opened(lease);
    this.#schedule(this.#beatMs);
    return true;
  }

  // Sends what pages before this one left behind, each under its own lease; what does not arrive is tried again after the next good beat.
  flushKept() {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #flush() {
    const kept = this.#leftBehind ? await this.store.kept(this.now()) : null;
    if (!kept) return;
    for (const queue of kept) {
      if (queue.leaseId === this.#queue?.leaseId) continue;
      const answer = await this.#drain(queue);
      if (answer === null) return;
      if (queue.lectureId === this.lecture.lectureId) this.listener.recovered(answer, queue);
    }
    this.#leftBehind = false;
  }

  // Sends all of a queue that plays no more, however many beats that takes; the last answer, null when one did not arrive.
  async #drain(queue) {
    for (;;) {
      const body = queue.beat();
      const outcome = await this.api.beat(queue.leaseId, body);
      if (outcome.kind === "failed") return null;
      queue.giveUp(body);
      this.store.keep(queue, this.now());
      if (queue.empty) return outcome.answer;
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
    const wasFinal = this.#finalWanted && this.#owed < OWING_MS;
    const body = queue.beat({ rate: seen.rate, visible: seen.visible, final: wasFinal });
    this.#sending = this.api.beat(queue.leaseId, body, { keepalive });
    const outcome = await this.#sending;
    this.#sending = null;
    if (queue !== this.#queue) return;
    if (outcome.kind === "failed") this.#failed();
    else if (outcome.kind === "over") await this.#ended(queue, body, outcome.answer, seen.playing);
    else this.#credited(queue, body, outcome.answer, wasFinal);
  }

  #credited(queue, body, answer, wasFinal) {
    queue.acknowledge(body, answer);
    this.#owed = (answer.trimmed ?? []).length > 0 ? queue.pendingMs : 0;
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
    if (answer.presence) this.listener.asked(answer.presence);
    if (this.live) this.#schedule(this.#finalWanted ? Math.min(this.#owed, this.#beatMs) : this.#beatMs);
    this.flushKept();
  }

  #failed() {
    const seconds = RETRY_SECONDS[Math.min(this.#failures, RETRY_SECONDS.length - 1)];
    this.#failures += 1;
    this.listener.failing(this.#queue);
    this.#schedule(seconds * 1000);
  }

  // The lease is over. What this beat could not carry follows under it; if that fails, the next page or lease sends it.
  async #ended(queue, body, answer, wasPlaying) {
    queue.giveUp(body);
    this.#queue = null;
    this.#failures = 0;
    this.timers.clearTimeout(this.#timer);
    this.playlist.stop();
    this.store.keep(queue, this.now());
    if (answer.watched) this.#watched = answer.watched;
    this.listener.over(answer, queue, wasPlaying);
    if (!queue.empty) this.#leftBehind = (await this.#drain(queue)) === null;
  }

  #leave(queue) {
    this.store.drop(queue.leaseId);
    this.#queue = null;
    this.timers.clearTimeout(this.#timer);
    this.playlist.stop();
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

  // Answers a check of presence. {kind: "answered", answer} | {kind: "over", answer} | {kind: "failed"}
  async confirm(body) {
    const queue = this.#queue;
    if (!queue) return { kind: "over", answer: {} };
    const outcome = await this.api.presence(queue.leaseId, body);
    if (outcome.kind === "over" && queue === this.#queue) this.beat(); // its answer says why
    return outcome;
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
