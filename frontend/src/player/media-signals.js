// Turns what the media element reports into played time and beats, and mends a video that broke off.

const RELOAD_SECONDS = [1, 4, 10, 30];
const STALLED_MS = 10_000;

export class MediaSignals {
  #reloads = 0;
  #lastTimeMs = 0;
  #movedOnAt = performance.now();

  // `page` has start() for play without a lease, goesOn() for play with one, position(ms), wish(ms) → where a seek may end, broken(), and renewGrant().
  constructor({ video, played, session, page }) {
    Object.assign(this, { video, played, session, page });
    for (const name of ["play", "playing", "timeupdate", "seeking", "seeked", "ratechange", "pause", "ended", "error"]) {
      video.on(name, () => this[name]());
    }
  }

  #read() {
    if (this.video.playing && !this.video.seeking) this.#readNow();
  }

  // While it seeks, the place that it goes to: the run after it begins exactly there.
  #readNow() {
    this.played.read(this.video.timeMs, performance.now(), this.video.rate);
  }

  play() {
    if (!this.session.live) {
      this.page.start();
      return;
    }
    this.session.goOn();
    this.page.goesOn();
    this.#readNow(); // a run begins exactly where the media stood still
  }

  playing() {
    this.#read();
  }

  timeupdate() {
    const { timeMs, playing } = this.video;
    this.page.position(timeMs);
    if (timeMs !== this.#lastTimeMs) {
      this.#lastTimeMs = timeMs;
      this.#movedOnAt = performance.now();
      if (playing) this.#reloads = 0;
    }
    if (this.session.live) {
      this.#read();
      this.session.collect();
    } else if (playing) {
      this.page.start();
    }
  }

  seeking() {
    this.played.cut();
    const { timeMs } = this.video;
    const allowed = this.page.wish(timeMs);
    if (allowed !== timeMs) this.video.seek(allowed);
    else if (this.session.live && this.video.playing) this.#readNow();
  }

  seeked() {
    this.#read();
    if (this.session.pending) this.session.beat();
  }

  ratechange() {
    this.#read();
  }

  pause() {
    if (!this.session.live) return;
    if (!this.video.seeking) this.#readNow();
    this.played.cut();
    this.session.beat();
  }

  ended() {
    this.played.cut();
    this.session.beat({ final: true });
  }

  error() {
    const seconds = RELOAD_SECONDS[Math.min(this.#reloads, RELOAD_SECONDS.length - 1)];
    this.#reloads += 1;
    this.played.cut();
    this.page.broken();
    setTimeout(async () => {
      await this.page.renewGrant();
      this.reload();
    }, seconds * 1000);
  }

  // The network is back and the player has not noticed.
  wake() {
    if (this.video.playing && performance.now() - this.#movedOnAt > STALLED_MS) this.reload();
  }

  reload() {
    this.#movedOnAt = performance.now();
    const goOn = this.session.live && this.video.playing;
    this.played.cut();
    this.page.aimedAt = this.#lastTimeMs || this.page.aimedAt || 0;
    this.video.reload(this.page.aimedAt);
    if (goOn) this.video.play();
  }
}
