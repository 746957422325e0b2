// The server's question whether somebody is there: counts down, sends the answer until it has arrived, and says what came of it.

const SAY_AT_SECONDS = [60, 30, 10];
const RETRY_MS = 3_000;

export class PresenceCheck {
  #check = null;
  #askedAt = 0;
  #said = 0;
  #timer = null;
  #sending = false;

  // `send(body)` gives the outcome of WatchSession.confirm. `view` has show(check, answer), left(seconds), say(seconds), late(), trouble() and
  // close(); `listener` has asked() and done(lostMs, wrong): the real time that a late answer cost, and whether it was a wrong one to an item.
  constructor({ send, view, listener, now = () => performance.now(), timers = globalThis }) {
    Object.assign(this, { send, view, listener, now, timers });
  }

  get open() {
    return this.#check !== null;
  }

  // `check`: {id, kind: "button" | "item", seconds, place | stem, options: [{key, text}]}. Beats repeat a question until it is answered; only a new one is shown.
  ask(check) {
    if (this.#check?.id === check.id) return;
    this.timers.clearTimeout(this.#timer);
    this.#check = check;
    this.#askedAt = this.now();
    this.#said = check.seconds;
    this.view.show(check, (value) => this.answer(value));
    this.listener.asked();
    this.#turn();
  }

  // The lease that it belonged to is over.
  withdraw() {
    if (this.open) this.#close();
  }

  async answer(value) {
    const check = this.#check;
    if (!check || this.#sending) return;
    this.#sending = true;
    const outcome = await this.send({ id: check.id, ...(value === undefined ? {} : { answer: value }) });
    this.#sending = false;
    if (check !== this.#check) return;
    if (outcome.kind === "failed") this.#again(check, value);
    else this.#answered(check, outcome);
  }

  #again(check, value) {
    this.view.trouble();
    this.timers.setTimeout(() => check === this.#check && this.answer(value), RETRY_MS);
  }

  #answered(check, { kind, answer }) {
    this.#close();
    if (kind !== "answered") return;
    if (answer.presence && answer.presence.id !== check.id) this.ask(answer.presence);
    else this.listener.done(answer.lost_ms ?? 0, answer.correct === false);
  }

  #turn() {
    const left = Math.max(0, Math.ceil(this.#check.seconds - (this.now() - this.#askedAt) / 1000));
    this.view.left(left);
    if (left === 0) {
      this.view.late();
      return;
    }
    const due = SAY_AT_SECONDS.find((seconds) => left <= seconds && this.#said > seconds);
    if (due) {
      this.#said = left;
      this.view.say(left);
    }
    this.#timer = this.timers.setTimeout(() => this.#turn(), 1_000);
  }

  #close() {
    this.timers.clearTimeout(this.#timer);
    this.#check = null;
    this.view.close();
  }
}
