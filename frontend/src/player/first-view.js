// The player's courtesies on a first viewing, from the course's policy. The server does not rely on any of them.

const RATES = [0.75, 1, 1.25, 1.5, 2];
const SLACK_MS = 1_500; // a learner who drags to the very place that was reached does not mean to skip

export class FirstView {
  // `rules`: {max_rate_percent, seek_courtesy}; `reachedMs` is the furthest moment that was ever played.
  constructor(rules, { completed, reachedMs }) {
    Object.assign(this, { rules, completed, reachedMs });
  }

  get rates() {
    return RATES.filter((rate) => this.completed || rate * 100 <= this.rules.max_rate_percent);
  }

  played(ms) {
    this.reachedMs = Math.max(this.reachedMs, ms);
  }

  // Where a wish to go to a place ends: there, or at the furthest place that was reached.
  allowed(ms) {
    return this.completed || !this.rules.seek_courtesy || ms <= this.reachedMs + SLACK_MS ? ms : this.reachedMs;
  }
}
