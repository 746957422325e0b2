// Draws how far the upload is, into the elements marked data-upload-… of a form; the texts are the form's data-text-….
import { Pace } from "./pace.js";

function size(bytes) {
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(1)} ${units[unit]}`;
}

export class UploadMeter {
  #box;
  #texts;
  #pace = null;
  #cancel = () => {};

  constructor(form) {
    this.#box = form.querySelector("[data-upload-meter]");
    this.#texts = form.dataset;
    this.#part("cancel").addEventListener("click", () => this.#cancel());
  }

  // `cancel` is called when the person asks to stop.
  begin(cancel) {
    this.#cancel = cancel;
    this.#pace = new Pace(performance.now());
    this.#box.hidden = false;
    this.#box.classList.remove("upload-stopped");
    this.#part("bar").hidden = false;
    this.#part("cancel").hidden = false;
    this.#part("status").textContent = this.#texts.textSending;
    this.show(0, 0);
  }

  show(sent, total) {
    this.#pace.note(sent, performance.now());
    const percent = total ? Math.floor((100 * sent) / total) : 0;
    this.#part("bar").value = percent;
    const parts = [`${percent}%`];
    if (total) parts.push(`${size(sent)} / ${size(total)}`);
    const seconds = total ? this.#pace.secondsLeft(total) : null;
    if (seconds !== null && sent < total) parts.push(this.#texts.textLeft.replace("{time}", this.#span(seconds)));
    this.#part("text").textContent = parts.join(" · ");
  }

  saving() {
    this.#part("status").textContent = this.#texts.textSaving;
    this.#part("cancel").hidden = true;
  }

  stopped(text) {
    this.#box.classList.add("upload-stopped");
    this.#part("status").textContent = text;
    this.#part("text").textContent = "";
    this.#part("bar").hidden = true;
    this.#part("cancel").hidden = true;
  }

  #span(seconds) {
    if (seconds < 90) return this.#texts.textSeconds.replace("{n}", seconds);
    return this.#texts.textMinutes.replace("{n}", Math.round(seconds / 60));
  }

  #part(name) {
    return this.#box.querySelector(`[data-upload-${name}]`);
  }
}
