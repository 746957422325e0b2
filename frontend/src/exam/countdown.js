// Counts down to the deadline by the server's clock: a base of server time and the browser's monotonic clock, never its wall clock.

const SPOKEN_MINUTES = [10, 5, 1];

function text(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return (hours ? [hours, ...parts] : parts).join(":");
}

export class Countdown {
  // show(text, low) once a second, speak(minutes) when a threshold is passed, over() once.
  constructor(deadline, serverTime, { show, speak, over }) {
    this.deadline = Date.parse(deadline);
    this.handlers = { show, speak, over };
    this.set(serverTime);
    this.before = this.left();
    this.timer = setInterval(() => this.#tick(), 500);
    this.#tick();
  }

  set(serverTime) {
    this.base = Date.parse(serverTime) - performance.now();
  }

  // Another end; returns whether it is another one.
  until(deadline) {
    const moment = Date.parse(deadline);
    if (moment === this.deadline) return false;
    this.deadline = moment;
    this.before = this.left();
    this.#tick();
    return true;
  }

  left() {
    return this.deadline - (this.base + performance.now());
  }

  stop() {
    clearInterval(this.timer);
  }

  #tick() {
    const left = this.left();
    const shown = text(left);
    if (shown !== this.shown) this.handlers.show(shown, left <= 5 * 60_000);
    this.shown = shown;
    for (const minutes of SPOKEN_MINUTES) {
      if (this.before > minutes * 60_000 && left <= minutes * 60_000) this.handlers.speak(minutes);
    }
    this.before = left;
    if (left <= 0) {
      this.stop();
      this.handlers.over();
    }
  }
}
