// Draws how far the learner is and what happened: position, saved state, boxes, time that did not count. Elements are found by data-watch-….
import { GapView } from "./gap-view.js";
import { clock } from "./words.js";

const WORTH_SAYING_MS = 2_000;

export class WatchView {
  #root;
  #durationMs;
  #gaps;
  #said = "";

  constructor(root, { durationMs, seek }) {
    this.#root = root;
    this.#durationMs = durationMs;
    this.#gaps = new GapView(root, { durationMs, seek });
  }

  #part(name) {
    return this.#root.querySelector(`[data-watch-${name}]`);
  }

  position(ms) {
    this.#part("position").textContent = `${clock(ms)} / ${clock(this.#durationMs)}`;
    const share = Math.min(ms, this.#durationMs) / this.#durationMs;
    this.#part("position-bar").setAttribute("width", String(Math.round(share * 100_000) / 100));
  }

  watched(spans) {
    this.#gaps.watched(spans);
  }

  // The line about what is saved: "saved" | "failing" | "waiting" | "idle". Read aloud only when it changes its kind.
  line({ kind, text }) {
    const line = this.#part("saved");
    const words = line.querySelector("span");
    if (line.dataset.kind === kind && words.textContent === text) return;
    line.dataset.kind = kind;
    words.textContent = text;
    if (kind !== this.#said && kind !== "idle" && !(kind === "saved" && this.#said === "")) this.say(text);
    this.#said = kind;
  }

  // What a screen reader hears; the same text twice is said twice.
  say(text) {
    const live = this.#part("live");
    live.textContent = live.textContent === text ? `${text}\u00a0` : text;
  }

  // One of the boxes data-watch-box="…" is shown, with a text of its own where it takes one.
  show(name, text) {
    const box = this.#root.querySelector(`[data-watch-box="${name}"]`);
    if (text) box.querySelector("[data-watch-text]").textContent = text;
    if (box.hidden) this.say(box.querySelector(".notice-title").textContent);
    box.hidden = false;
  }

  hide(...names) {
    for (const name of names) this.#root.querySelector(`[data-watch-box="${name}"]`).hidden = true;
  }

  // Names the reasons for which time did not count, for as much as is worth a word.
  trimmed(trims) {
    for (const { ms, reason } of trims) {
      if (ms < WORTH_SAYING_MS) continue;
      const row = this.#root.querySelector(`[data-watch-trim="${reason}"]`) ?? this.#root.querySelector('[data-watch-trim="other"]');
      row.hidden = false;
      this.#part("trims").hidden = false;
    }
  }
}
