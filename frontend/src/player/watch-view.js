// Draws how far the learner is: the position, the watched parts, where the gaps are, and what was saved. Elements are found by data-watch-….
import { coverage, unseen } from "./spans.js";

const SVG = "http://www.w3.org/2000/svg";
const MOST_GAPS = 6;

export function clock(ms) {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// Never 100 % before it is reached.
export function percent(share) {
  return `${Math.floor(share * 100 + 1e-9)}%`;
}

export function fill(text, values) {
  return Object.entries(values).reduce((filled, [name, value]) => filled.replace(`{${name}}`, value), text);
}

// The gaps worth a button: what was passed over, not the rest that still lies ahead.
export function holes(watched, durationMs) {
  return unseen(watched, durationMs)
    .filter(([, to]) => to < durationMs)
    .slice(0, MOST_GAPS);
}

export class WatchView {
  #root;
  #texts;
  #durationMs;
  #seek;
  #said = "";

  constructor(root, { texts, durationMs, seek }) {
    this.#root = root;
    this.#texts = texts;
    this.#durationMs = durationMs;
    this.#seek = seek;
    this.#part("strip").addEventListener("click", (event) => {
      const from = event.target.dataset.from;
      if (from !== undefined) seek(Number(from));
    });
  }

  #part(name) {
    return this.#root.querySelector(`[data-watch-${name}]`);
  }

  position(ms) {
    this.#part("position").textContent = `${clock(ms)} / ${clock(this.#durationMs)}`;
    this.#part("position-bar").setAttribute("width", String(this.#x(ms)));
  }

  watched(spans) {
    const share = coverage(spans, this.#durationMs);
    const text = fill(this.#texts.textCoverage, { percent: percent(share) });
    this.#part("coverage").textContent = text;
    const strip = this.#part("strip");
    strip.setAttribute("aria-label", text);
    strip.replaceChildren(
      ...unseen(spans, this.#durationMs).map(([from, to]) => this.#bar(from, to, "strip-gap", true)),
      ...spans.map(([from, to]) => this.#bar(from, to, "strip-seen", false)),
    );
    this.#jumps(holes(spans, this.#durationMs));
  }

  #x(ms) {
    return Math.round((Math.min(ms, this.#durationMs) / this.#durationMs) * 100_000) / 100;
  }

  #bar(from, to, look, clickable) {
    const bar = document.createElementNS(SVG, "rect");
    const place = { x: this.#x(from), y: 0, width: Math.max(this.#x(to) - this.#x(from), 1), height: 12, class: look };
    for (const [name, value] of Object.entries(place)) bar.setAttribute(name, String(value));
    if (clickable) bar.dataset.from = String(from);
    return bar;
  }

  #jumps(gaps) {
    const box = this.#part("gaps");
    box.hidden = gaps.length === 0;
    const buttons = gaps.map(([from, to]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm num";
      button.textContent = fill(this.#texts.textGap, { from: clock(from), to: clock(to) });
      button.addEventListener("click", () => this.#seek(from));
      return button;
    });
    box.querySelector("[data-watch-gap-list]").replaceChildren(...buttons);
  }

  // The line about what is saved: "saved" | "failing" | "idle". Read aloud only when it changes its kind.
  line(kind, text) {
    const line = this.#part("saved");
    line.dataset.kind = kind;
    line.querySelector("span").textContent = text;
    if (kind !== this.#said && kind !== "idle" && !(kind === "saved" && this.#said === "")) this.#part("live").textContent = text;
    this.#said = kind;
  }

  // One of the boxes data-watch-box="stopped|sign-in|complete" is shown, with a text of its own where it takes one.
  show(name, text) {
    const box = this.#root.querySelector(`[data-watch-box="${name}"]`);
    if (text) box.querySelector("[data-watch-text]").textContent = text;
    box.hidden = false;
    this.#part("live").textContent = box.querySelector(".notice-title").textContent;
  }

  hide(...names) {
    this.#part("live").textContent = "";
    for (const name of names) this.#root.querySelector(`[data-watch-box="${name}"]`).hidden = true;
  }
}
