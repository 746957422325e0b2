// Tells the server every few seconds that this page is there, with what happened on it, and brings back what the page should know: more time, messages,
// another page that has taken the attempt over. What happened is for people to see; what was typed or pasted is never in it.

const EVERY_MS = 10_000;
const SOON_MS = 1_000;
const SHORTEST_SECONDS = 1;
const MOST_AT_ONCE = 50;

const seconds = (sinceMs) => Math.round((performance.now() - sinceMs) / 1000);

export class Pulse {
  #server;
  #events;
  #told = [];
  #no = 0;
  #awaySince = null;
  #lostSince = null;
  #known;
  #timer = null;
  stopped = false;

  // events: epoch() the page's, null while it has none · alive(deadline, serverTime) · messages(list) · refused(error). `known`: messages the page has.
  constructor(server, known, events) {
    this.#server = server;
    this.#known = known;
    this.#events = events;
    server.watch({ lost: () => this.#lost(), reached: () => this.#reached() });
  }

  bind(form) {
    form.addEventListener("paste", (event) => this.#tell("paste", event.clipboardData?.getData("text").length ?? 0));
    window.addEventListener("blur", () => this.#leave());
    window.addEventListener("focus", () => this.#back());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#leave() : this.#back()));
    this.#timer = setTimeout(() => this.beat(), EVERY_MS / 5);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.#timer);
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.beat();
  }

  async beat() {
    clearTimeout(this.#timer);
    const epoch = this.#events.epoch();
    if (epoch !== null) await this.#send(epoch);
    if (!this.stopped) this.#timer = setTimeout(() => this.beat(), EVERY_MS * (0.9 + Math.random() / 5));
  }

  async #send(epoch) {
    const told = this.#told.slice(0, MOST_AT_ONCE);
    try {
      const answer = await this.#server.heartbeat({ epoch, messages: this.#known, events: told });
      this.#told = this.#told.filter((one) => !told.includes(one));
      this.#events.alive(answer.deadline, answer.server_time);
      if (answer.messages) {
        this.#known = answer.messages.length;
        this.#events.messages(answer.messages);
      }
    } catch (error) {
      if (!this.stopped) this.#events.refused(error);
    }
  }

  #tell(kind, amount) {
    this.#no += 1;
    this.#told.push({ no: this.#no, kind, amount });
  }

  #leave() {
    this.#awaySince ??= performance.now();
  }

  #back() {
    if (this.#awaySince === null || document.hidden) return;
    const away = seconds(this.#awaySince);
    this.#awaySince = null;
    if (away >= SHORTEST_SECONDS) this.#tell("away", away);
  }

  #lost() {
    this.#lostSince ??= performance.now();
  }

  #reached() {
    if (this.#lostSince === null) return;
    this.#tell("reconnect", seconds(this.#lostSince));
    this.#lostSince = null;
    clearTimeout(this.#timer); // a page that was missed is heard of at once
    if (!this.stopped) this.#timer = setTimeout(() => this.beat(), SOON_MS);
  }
}
