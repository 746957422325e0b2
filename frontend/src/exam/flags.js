// Items that somebody wants to look at again; kept for this window only, and no part of an answer.

const PREFIX = "lms.exam.flags.";

export class Flags {
  constructor(form, navigator) {
    this.key = PREFIX + form.dataset.attempt;
    this.navigator = navigator;
    this.flagged = new Set(this.#read());
    for (const button of form.querySelectorAll("[data-exam-flag]")) {
      const position = Number(button.dataset.examFlag);
      button.hidden = false;
      button.addEventListener("click", () => this.#toggle(position, button));
      this.#show(position, button);
    }
  }

  get positions() {
    return [...this.flagged].sort((one, other) => one - other);
  }

  forget() {
    this.flagged.clear();
    this.#write();
  }

  #toggle(position, button) {
    if (!this.flagged.delete(position)) this.flagged.add(position);
    this.#show(position, button);
    this.#write();
  }

  #show(position, button) {
    const on = this.flagged.has(position);
    button.setAttribute("aria-pressed", String(on));
    this.navigator.flag(position, on);
  }

  #read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  #write() {
    try {
      if (this.flagged.size) sessionStorage.setItem(this.key, JSON.stringify([...this.flagged]));
      else sessionStorage.removeItem(this.key);
    } catch {
      // The marks last as long as the page.
    }
  }
}
