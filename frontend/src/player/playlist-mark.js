// Fetches the lease's own playlist once, again and again until it came: before that the lease credits nothing.
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];

export class PlaylistMark {
  #timer = null;
  #wanted = null;

  constructor({ fetchPlaylist, timers = globalThis }) {
    Object.assign(this, { fetchPlaylist, timers });
  }

  async start(url, tries = 0) {
    this.timers.clearTimeout(this.#timer);
    this.#wanted = url;
    if (!url || (await this.fetchPlaylist(url)) || this.#wanted !== url) return;
    this.#timer = this.timers.setTimeout(() => this.start(url, tries + 1), RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
  }

  stop() {
    this.#wanted = null;
    this.timers.clearTimeout(this.#timer);
  }
}
