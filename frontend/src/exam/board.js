// Keeps the board of an exam fresh: asks for a small JSON and writes what changed into the page, so that nothing jumps under a finger. Who has just
// begun, and requests for more time that have come or gone, are taken from the page itself.

const EVERY_MS = 5_000;
const LONGEST_MS = 30_000;
const SECTIONS = ["board-list", "board-requests"];
const KINDS = ["away", "paste", "reconnect", "network", "reopened"];
const ENDED = ["handed_in", "voided"]; // then the page says when
const TONES = { answering: "success", silent: "warning", handed_in: "info" };

function clockTime(text) {
  return new Date(text).toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
}

// What is asked in the background is no act of the person.
function ask(url, type) {
  return fetch(url, { headers: { Accept: type, "X-Background": "1" }, credentials: "same-origin", cache: "no-store", redirect: "manual" });
}

class Board {
  constructor(root) {
    this.root = root;
    this.texts = root.dataset;
    this.fresh = root.querySelector("[data-board-fresh]");
    this.wait = EVERY_MS;
    this.time = "";
  }

  async turn() {
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => this.turn(), { once: true });
      return;
    }
    try {
      await this.#update();
      this.wait = EVERY_MS;
    } catch {
      this.wait = Math.min(LONGEST_MS, this.wait * 2);
      this.#tell(this.texts.textStale, true);
    }
    setTimeout(() => this.turn(), this.wait);
  }

  async #update() {
    const answer = await ask(this.texts.examBoard, "application/json");
    if (!answer.ok) {
      if (answer.status === 401) document.dispatchEvent(new CustomEvent("session:lost"));
      throw new Error(`status ${answer.status}`);
    }
    const board = await answer.json();
    for (const element of this.root.querySelectorAll("[data-board-count]")) element.textContent = board.counts[element.dataset.boardCount];
    if (this.#changed(board)) await this.#reload();
    for (const one of board.candidates) this.#show(one);
    this.time = clockTime(board.server_time);
    this.#tell(this.texts.textFresh, false);
  }

  #changed(board) {
    const shown = [...this.root.querySelectorAll("[data-board-attempt]")].map((row) => row.dataset.boardAttempt);
    const listed = board.candidates.map((one) => one.attempt_id);
    const waiting = this.root.querySelector("[data-board-waiting]").dataset.boardWaiting.trim();
    const ended = board.candidates.some((one) => ENDED.includes(one.seat) && this.#row(one)?.querySelector(`[data-board-seat="${one.seat}"]`) === null);
    return ended || shown.join(" ") !== listed.join(" ") || waiting !== board.waiting.join(" ");
  }

  async #reload() {
    const answer = await ask(window.location.href, "text/html");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of SECTIONS) {
      const [ours, theirs] = [document.getElementById(id), page.getElementById(id)];
      if (!theirs) continue;
      const focused = ours.contains(document.activeElement) ? document.activeElement.closest("[data-board-attempt]")?.dataset.boardAttempt : "";
      ours.replaceWith(theirs);
      if (focused) theirs.querySelector(`[data-board-attempt="${focused}"] a`)?.focus();
    }
  }

  #row(one) {
    return this.root.querySelector(`[data-board-attempt="${one.attempt_id}"]`);
  }

  #show(one) {
    const row = this.#row(one);
    if (!row) return;
    const seat = row.querySelector("[data-board-seat]");
    const badge = seat.querySelector(".badge");
    seat.dataset.boardSeat = one.seat;
    badge.className = `badge badge-${TONES[one.seat] ?? "neutral"}`;
    badge.textContent = this.texts[`text${one.seat.replace(/(?:^|_)(\w)/g, (_all, letter) => letter.toUpperCase())}`];
    row.querySelector("[data-board-answered]").textContent = `${one.answered} / ${one.questions}`;
    row.querySelector("[data-board-sign]").textContent = this.#ago(one.silent_seconds);
    row.querySelector("[data-board-told]").replaceChildren(...this.#events(one.told));
  }

  #ago(seconds) {
    const [text, count] = seconds < 120 ? [this.texts.textSeconds, seconds] : [this.texts.textMinutes, Math.floor(seconds / 60)];
    return text.replace("{count}", count);
  }

  #events(told) {
    return KINDS.filter((kind) => told[kind]).map((kind) => {
      const element = document.createElement("span");
      element.className = "board-event";
      element.textContent = `${this.texts[`text${kind[0].toUpperCase()}${kind.slice(1)}`]} ${told[kind]}`;
      return element;
    });
  }

  #tell(text, stale) {
    this.fresh.classList.toggle("is-stale", stale);
    // Said aloud only when it changes from one to the other: a line that is read every five seconds would drown all else.
    this.fresh.setAttribute("aria-live", stale === this.stale ? "off" : "polite");
    this.stale = stale;
    this.fresh.textContent = text.replace("{time}", this.time);
  }
}

export function bindBoard(root) {
  setTimeout(() => new Board(root).turn(), 1_000);
}
