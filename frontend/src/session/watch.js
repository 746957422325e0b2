// Knows how long this page's sign-in lasts: warns before its end, and brings it back in place when it is over.

const WARN_MS = 120_000;
const ACT_EVERY_MS = 180_000; // the person's own acts, and pages that stay alive, tell the server this often
const RETRY_MS = 30_000;
const SHORTEST_WAIT_MS = 1_000;

export class SessionWatch {
  #deadline;
  #timer = null;
  #checking = null;
  #asking = null;
  #acted = false;
  #toldAt;

  // `view` has warn(secondsLeft, {stay, leave}), hush(), signIn() → Promise of {token, user} once somebody is signed in, renew(token),
  // and stranger(), for when somebody else signed in with this browser.
  constructor({ api, view, userId, secondsLeft, stayAlive = false, now = () => Date.now(), timers = globalThis }) {
    Object.assign(this, { api, view, userId, stayAlive, now, timers });
    this.#toldAt = now();
    this.#lasts(secondsLeft);
  }

  // Surely signed in: no need to ask before a form is sent.
  get sure() {
    return this.now() < this.#deadline - SHORTEST_WAIT_MS && this.#asking === null;
  }

  // The person did something on the page.
  act() {
    this.#acted = true;
    if (this.now() - this.#toldAt >= ACT_EVERY_MS) this.#tell();
  }

  // Asks the server. Resolves to whether somebody is signed in here, after signing in again when that was needed; false when it can't be told.
  check() {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #check() {
    if (this.#asking) return this.#asking;
    return this.#read();
  }

  async #read() {
    const state = await this.api.state();
    if (state === null) {
      this.#wake(RETRY_MS);
      return false;
    }
    if (!state.signed_in) return this.#over();
    if (state.user.id !== this.userId) {
      this.view.stranger();
      return false;
    }
    this.view.renew(state.csrf_token);
    this.#lasts(state.seconds_left);
    return true;
  }

  #over() {
    this.view.hush();
    this.#asking ??= this.view.signIn().then((back) => {
      this.#asking = null;
      if (back.user.id !== this.userId || back.user.duty) {
        this.view.stranger();
        return false;
      }
      this.#toldAt = this.now();
      return this.#read();
    });
    return this.#asking;
  }

  #lasts(seconds) {
    this.#deadline = this.now() + seconds * 1000;
    const left = seconds * 1000;
    if (left > WARN_MS) {
      this.view.hush();
      this.#wake(this.stayAlive ? Math.min(ACT_EVERY_MS, left - WARN_MS) : left - WARN_MS);
    } else {
      if (!this.#acted && !this.stayAlive) this.view.warn(seconds, { stay: () => this.#tell(), leave: () => this.view.leave() });
      this.#wake(this.#acted || this.stayAlive ? SHORTEST_WAIT_MS : left + SHORTEST_WAIT_MS);
    }
  }

  #wake(ms) {
    this.timers.clearTimeout(this.#timer);
    this.#timer = this.timers.setTimeout(() => this.#turn(), Math.max(SHORTEST_WAIT_MS, ms));
  }

  #turn() {
    return this.#acted || this.stayAlive ? this.#tell() : this.check();
  }

  async #tell() {
    this.#acted = false;
    this.#toldAt = this.now();
    const told = await this.api.act();
    if (told === false && (await this.check())) await this.api.act(); // another tab had renewed the token
    return this.check();
  }
}
