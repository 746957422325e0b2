// Draws what was watched and what was not: the strip, a button for each gap, and the list of what is missing.
import { coverage, unseen } from "./spans.js";
import { clock, fill, percent } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const SCALE = 1000;
const MOST_BUTTONS = 6;
const MOST_LISTED = 30;

// The gaps worth a button: what was passed over, not the rest that still lies ahead.
export function holes(watched, durationMs) {
  return unseen(watched, durationMs).filter(([, to]) => to < durationMs);
}

export class GapView {
  #root;
  #durationMs;
  #seek;
  #gaps = [];

  constructor(root, { durationMs, seek }) {
    this.#root = root;
    this.#durationMs = durationMs;
    this.#seek = seek;
    this.#part("strip").addEventListener("click", (event) => this.#tap(event));
  }

  #part(name) {
    return this.#root.querySelector(`[data-watch-${name}]`);
  }

  watched(spans) {
    const text = fill(this.#root.dataset.textCoverage, { percent: percent(coverage(spans, this.#durationMs)) });
    this.#part("coverage").textContent = text;
    this.#gaps = unseen(spans, this.#durationMs);
    const strip = this.#part("strip");
    strip.setAttribute("aria-label", text);
    strip.querySelector("svg").replaceChildren(
      ...this.#gaps.map(([from, to]) => this.#bar(from, to, "strip-gap")),
      ...spans.map(([from, to]) => this.#bar(from, to, "strip-seen")),
    );
    this.#buttons(holes(spans, this.#durationMs).slice(0, MOST_BUTTONS));
    this.#list();
  }

  // A finger is broader than a short gap: the gap that is nearest to it is meant.
  #tap(event) {
    const box = event.currentTarget.getBoundingClientRect();
    const ms = ((event.clientX - box.left) / box.width) * this.#durationMs;
    const away = ([from, to]) => Math.max(from - ms, ms - to, 0);
    const [nearest] = [...this.#gaps].sort((one, two) => away(one) - away(two));
    if (nearest && away(nearest) <= (22 / box.width) * this.#durationMs) this.#seek(nearest[0]);
  }

  #x(ms) {
    return Math.round((ms / this.#durationMs) * SCALE * 100) / 100;
  }

  #bar(from, to, look) {
    const bar = document.createElementNS(SVG, "rect");
    const place = { x: this.#x(from), y: 0, width: Math.max(this.#x(to) - this.#x(from), 1), height: 12, class: look };
    for (const [name, value] of Object.entries(place)) bar.setAttribute(name, String(value));
    return bar;
  }

  #buttons(gaps) {
    const box = this.#part("gaps");
    box.hidden = gaps.length === 0;
    const buttons = gaps.map((gap) => this.#jump(gap, this.#range(gap), this.#root.dataset.textGoTo));
    box.querySelector("[data-watch-gap-list]").replaceChildren(...buttons);
  }

  #list() {
    const rows = this.#gaps.slice(0, MOST_LISTED).map((gap) => {
      const row = document.createElement("li");
      const range = Object.assign(document.createElement("span"), { className: "num", textContent: this.#range(gap) });
      row.append(range, this.#jump(gap, this.#root.dataset.textGoThere, this.#root.dataset.textGoThereTo));
      return row;
    });
    this.#part("missing").replaceChildren(...rows);
    const more = this.#part("more");
    more.hidden = this.#gaps.length <= MOST_LISTED;
    more.textContent = fill(this.#root.dataset.textMore, { count: this.#gaps.length - MOST_LISTED });
    this.#part("none").hidden = this.#gaps.length > 0;
  }

  #range([from, to]) {
    return fill(this.#root.dataset.textGap, { from: clock(from), to: clock(to) });
  }

  #jump(gap, text, label) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn num", textContent: text });
    button.setAttribute("aria-label", fill(label, { from: clock(gap[0]), to: clock(gap[1]) }));
    button.addEventListener("click", () => this.#seek(gap[0]));
    return button;
  }
}
