// What invigilators told this attempt, the newest on top; what was read is put away in this window.

const PREFIX = "lms.exam.read.";

function clockTime(text) {
  return new Date(text).toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
}

export class Messages {
  constructor(form) {
    this.texts = form.dataset;
    this.box = form.querySelector("[data-exam-messages]");
    this.key = PREFIX + form.dataset.attempt;
    this.known = this.box.querySelectorAll("[data-exam-message]").length;
    this.read = new Set(this.#remembered());
    for (const element of this.box.querySelectorAll("[data-exam-message]")) this.#button(element, element.dataset.examMessage);
  }

  show(list) {
    this.known = list.length;
    for (const one of list) {
      const shown = this.box.querySelector(`[data-exam-message="${one.id}"]`);
      if (!shown) this.#add(one.id, `${clockTime(one.sent_at)} ${this.texts.textMessage}`, one.text);
    }
  }

  // Something that the page itself has to tell.
  say(text) {
    this.#add(`said-${performance.now()}`, this.texts.textNotice, text);
  }

  #add(id, head, text) {
    const element = document.createElement("div");
    element.className = "exam-message";
    element.dataset.examMessage = id;
    const [title, body] = [document.createElement("p"), document.createElement("p")];
    title.className = "exam-message-head";
    title.textContent = head;
    body.textContent = text;
    element.append(title, body);
    this.#button(element, id);
    this.box.prepend(element);
  }

  #button(element, id) {
    element.hidden = this.read.has(id);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = this.texts.textUnderstood;
    button.addEventListener("click", () => {
      element.hidden = true;
      this.read.add(id);
      this.#remember();
    });
    element.append(button);
  }

  #remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  #remember() {
    try {
      sessionStorage.setItem(this.key, JSON.stringify([...this.read]));
    } catch {
      // They come again with the next load of the page.
    }
  }
}
