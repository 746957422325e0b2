// Draws a check of presence into the page's <dialog data-presence>: a button at a place that changes, or an item with its options.
import { fill } from "./words.js";

const PLACES = 9;

export class PresenceDialog {
  #dialog;
  #title = document.title;

  constructor(dialog) {
    this.#dialog = dialog;
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("keydown", (event) => event.stopPropagation()); // no key of the player's either
  }

  #part(name) {
    return this.#dialog.querySelector(`[data-presence-${name}]`);
  }

  show(check, answer) {
    const isItem = check.kind === "item";
    this.#part("place").hidden = isItem;
    this.#part("item").hidden = !isItem;
    if (isItem) this.#item(check, answer);
    else this.#button(check, answer);
    this.#part("trouble").hidden = true;
    this.#part("live").textContent = "";
    this.#part("text").textContent = this.#dialog.dataset.textAsk;
    document.title = this.#dialog.dataset.textTitle + this.#title;
    this.#open();
  }

  #open() {
    // Older browsers know no modal dialogs: then it is laid over the page by its style alone.
    if (typeof this.#dialog.showModal === "function") this.#dialog.open || this.#dialog.showModal();
    else this.#dialog.setAttribute("open", "");
    this.#part("title").focus();
  }

  #button({ place }, answer) {
    const button = this.#part("here");
    button.className = `btn btn-primary presence-at-${(place ?? 4) % PLACES}`;
    button.onclick = () => answer(undefined);
  }

  #item({ stem, options }, answer) {
    this.#part("stem").textContent = stem;
    this.#part("options").replaceChildren(
      ...options.map(({ key, text }) => {
        const input = Object.assign(document.createElement("input"), { type: "radio", name: "presence", value: key, required: true });
        const label = Object.assign(document.createElement("label"), { className: "presence-option" });
        label.append(input, document.createTextNode(text));
        return label;
      }),
    );
    this.#part("item").onsubmit = (event) => {
      event.preventDefault();
      answer([event.target.elements.presence.value]);
    };
  }

  left(seconds) {
    this.#part("left").textContent = fill(this.#dialog.dataset.textLeft, { seconds });
  }

  say(seconds) {
    this.#part("live").textContent = fill(this.#dialog.dataset.textLeft, { seconds });
  }

  late() {
    this.#part("left").textContent = "";
    this.#part("text").textContent = this.#dialog.dataset.textLate;
    this.#part("live").textContent = this.#dialog.dataset.textLate;
  }

  trouble() {
    this.#part("trouble").hidden = false;
  }

  close() {
    document.title = this.#title;
    if (typeof this.#dialog.close === "function") this.#dialog.close();
    else this.#dialog.removeAttribute("open");
  }
}
