// What a lease has played and the server has not yet credited. Nothing leaves the queue before an answer names it as watched.
import { length, subtract, union, within } from "./spans.js";

const MOST_SPANS = 32;

// Time trimmed for these never counts, however often it is claimed. Everything else may pass: real time goes on, the playlist arrives, a check
// is answered.
const FOR_GOOD = new Set(["malformed_span", "outside_duration", "too_many_spans", "lease_over"]);

function isSpan(span) {
  return Array.isArray(span) && span.length === 2 && span.every(Number.isInteger);
}

export class BeatQueue {
  constructor({ leaseId, lectureId, durationMs, seq = 0, pending = [], positionMs = 0 }) {
    Object.assign(this, { leaseId, lectureId, durationMs, seq, pending: union(pending), positionMs });
  }

  get empty() {
    return this.pending.length === 0;
  }

  get pendingMs() {
    return length(this.pending);
  }

  add(spans, positionMs) {
    this.pending = union([...this.pending, ...within(spans, this.durationMs)]);
    this.positionMs = Math.min(Math.max(0, Math.round(positionMs)), this.durationMs);
  }

  beat({ rate = 1, visible = true, final = false } = {}) {
    this.seq += 1;
    return { seq: this.seq, segments: this.pending.slice(0, MOST_SPANS), position_ms: this.positionMs, rate, visible, final };
  }

  // Takes out what the answer says is watched. What was only put off stays, and the next beat claims it again.
  acknowledge(beat, answer) {
    this.pending = subtract(this.pending, answer.watched ?? []);
    if ((answer.trimmed ?? []).some(({ reason }) => FOR_GOOD.has(reason))) this.giveUp(beat);
  }

  // Takes out all that the beat claimed, credited or not.
  giveUp(beat) {
    this.pending = subtract(this.pending, beat.segments);
  }

  saved() {
    const { leaseId, lectureId, durationMs, seq, pending, positionMs } = this;
    return { leaseId, lectureId, durationMs, seq, pending, positionMs };
  }

  // A queue from what saved() gave, perhaps by another version of this page; null when it can't be read.
  static restored(data) {
    const readable =
      typeof data?.leaseId === "string" && Number.isInteger(data.seq) && Number.isInteger(data.durationMs) && Array.isArray(data.pending);
    if (!readable || !data.pending.every(isSpan)) return null;
    return new BeatQueue({ ...data, positionMs: Number.isInteger(data.positionMs) ? data.positionMs : 0 });
  }
}
