// The two dialogs of a sign-in that ends, from the page's <template data-session-parts>; what is typed on the page stays as it is.

const tokens = "input[name=csrf_token]";

export class SessionDialogs {
  constructor(template, api) {
    const parts = template.content.cloneNode(true);
    this.api = api;
    this.warning = parts.querySelector("[data-session-warning]");
    this.entry = parts.querySelector("[data-session-sign-in]");
    document.body.append(parts);
    this.form = this.entry.querySelector("form");
    this.problem = this.entry.querySelector("[data-session-problem]");
    this.codeBox = this.entry.querySelector("[data-session-code]");
    for (const dialog of [this.entry, this.warning]) dialog.addEventListener("cancel", (event) => event.preventDefault());
  }

  warn(seconds, { stay, leave }) {
    const text = this.warning.querySelector("[data-session-left]");
    text.textContent = text.dataset.text.replace("{count}", Math.max(1, Math.ceil(seconds / 60)));
    this.warning.querySelector("[data-session-stay]").onclick = () => {
      this.hush();
      stay();
    };
    this.warning.querySelector("[data-session-leave]").onclick = leave;
    if (!this.warning.open) this.warning.showModal();
  }

  hush() {
    if (this.warning.open) this.warning.close();
  }

  leave() {
    document.querySelector("form[action='/sign-out']")?.submit();
  }

  stranger() {
    window.location.reload();
  }

  // New tokens for all forms of the page and for scripts that keep one of their own.
  renew(token) {
    for (const input of document.querySelectorAll(tokens)) input.value = token;
    document.dispatchEvent(new CustomEvent("session:token", { detail: token }));
  }

  signIn() {
    this.#say("");
    this.codeBox.hidden = true;
    if (!this.entry.open) this.entry.showModal();
    return new Promise((resolve) => {
      this.form.onsubmit = (event) => {
        event.preventDefault();
        this.#try(resolve);
      };
    });
  }

  async #try(resolve) {
    const fields = this.form.elements;
    const button = this.form.querySelector("[type=submit]");
    button.disabled = true;
    const outcome = await this.api.signIn(fields.username.value, fields.password.value, this.codeBox.hidden ? "" : fields.code.value);
    button.disabled = false;
    if (outcome.kind === "in") this.#done(outcome, resolve);
    else if (outcome.kind === "code") this.#askCode();
    else this.#say(outcome.kind === "failed" ? this.problem.dataset.textFailed : outcome.detail);
  }

  #askCode() {
    this.codeBox.hidden = false;
    this.#say(this.problem.dataset.textCode);
    this.form.elements.code.focus();
  }

  #done(outcome, resolve) {
    this.form.reset();
    this.entry.close();
    this.renew(outcome.token);
    resolve(outcome);
    document.dispatchEvent(new CustomEvent("session:back", { detail: outcome.token }));
  }

  #say(text) {
    this.problem.textContent = text;
    this.problem.hidden = text === "";
  }
}
