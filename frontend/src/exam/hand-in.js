// The last look before handing in: which items have no answer, then the submission; refuses while answers are not saved.

export class HandIn {
  constructor(form, { navigator, flags, saver, server, over, signedOut }) {
    Object.assign(this, { form, navigator, flags, saver, server, over, signedOut });
    this.texts = form.dataset;
    this.dialog = form.querySelector("[data-exam-dialog]");
    this.message = form.querySelector("[data-exam-missing-text]");
    this.list = form.querySelector("[data-exam-missing]");
    this.flaggedMessage = form.querySelector("[data-exam-flagged-text]");
    this.flaggedList = form.querySelector("[data-exam-flagged]");
    this.confirm = form.querySelector("[data-exam-confirm]");
    form.querySelector("[data-exam-back]").addEventListener("click", () => this.dialog.close());
    this.confirm.addEventListener("click", () => this.#submit());
  }

  ask() {
    const missing = this.navigator.unanswered();
    const flagged = this.flags.positions;
    this.#say(missing.length ? this.texts.textMissing.replace("{count}", missing.length) : this.texts.textNoneMissing);
    this.list.replaceChildren(...missing.map((position) => this.#number(position)));
    this.flaggedMessage.textContent = flagged.length ? this.texts.textFlags.replace("{count}", flagged.length) : "";
    this.flaggedList.replaceChildren(...flagged.map((position) => this.#number(position)));
    this.confirm.disabled = false;
    this.dialog.showModal();
    this.saver.flush();
  }

  // What the clock does at the deadline: no question, and the server does the same if this page can't.
  async force() {
    await this.saver.flush();
    return this.#send();
  }

  #number(position) {
    const entry = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "exam-number num";
    button.textContent = position;
    button.addEventListener("click", () => {
      this.dialog.close();
      this.navigator.go(position);
    });
    entry.append(button);
    return entry;
  }

  async #submit() {
    this.confirm.disabled = true;
    this.#say(this.texts.textSubmitting);
    if (!(await this.saver.flush())) this.#say(this.texts.textUnsaved.replace("{count}", this.saver.unsaved));
    else if (!(await this.#send())) this.#say(this.texts.textSubmitFailed);
    this.confirm.disabled = false;
  }

  async #send() {
    try {
      await this.server.submit();
    } catch (error) {
      if (error.status === 401) this.signedOut();
      if (error.code === "csrf") await this.server.renewToken().catch(() => {});
      return false;
    }
    this.over();
    return true;
  }

  #say(text) {
    this.message.textContent = text;
  }
}
