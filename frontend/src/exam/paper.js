// The paper page: binds the form's inputs to the saver, the clock, the item numbers and the last look before handing in.
import { Countdown } from "./countdown.js";
import * as fields from "./fields.js";
import { Flags } from "./flags.js";
import { HandIn } from "./hand-in.js";
import { LocalCopy } from "./local-copy.js";
import { Messages } from "./messages.js";
import { Navigator } from "./navigator.js";
import { Pulse } from "./pulse.js";
import { Saver } from "./saver.js";
import { Server } from "./server.js";

const SYNC_AFTER_MS = 60_000;
const RETRY_HAND_IN_MS = 3_000;

function clockTime(moment) {
  return moment.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
}

class Paper {
  constructor(form) {
    this.form = form;
    this.sent = new Map();
    this.texts = form.dataset;
    this.status = form.querySelector("[data-exam-status]");
    this.notice = form.querySelector("[data-exam-notice]");
    this.left = form.querySelector("[data-exam-left]");
    this.announce = form.querySelector("[data-exam-announce]");
    this.count = form.querySelector("[data-exam-count]");
    this.server = new Server(this.texts.api, this.texts.pageUrl, form.elements.csrf_token.value);
    this.navigator = new Navigator(form);
    this.flags = new Flags(form, this.navigator);
    this.saver = new Saver(new LocalCopy(this.texts.attempt), this.server, Number(this.texts.epoch), this.#events());
    this.messages = new Messages(form);
    this.pulse = new Pulse(this.server, this.messages.known, {
      epoch: () => (this.saver.isOpen ? this.saver.epoch : null),
      alive: (deadline, serverTime) => this.#alive(deadline, serverTime),
      messages: (list) => this.messages.show(list),
      refused: (error) => this.#refused(error),
    });
    this.handIn = new HandIn(form, {
      navigator: this.navigator,
      flags: this.flags,
      saver: this.saver,
      server: this.server,
      over: () => this.#leave(),
      signedOut: () => this.#signedOut(),
    });
    this.countdown = new Countdown(this.texts.deadline, this.texts.serverTime, {
      show: (text, low) => {
        this.left.textContent = this.texts.textLeft.replace("{time}", text);
        this.left.classList.toggle("is-low", low);
      },
      speak: (minutes) => {
        this.announce.textContent = this.texts.textMinutes.replace("{count}", minutes);
      },
      over: () => this.#timeOver(),
    });
  }

  bind() {
    this.form.querySelector("[data-exam-save]").hidden = true;
    for (const kind of ["change", "input"]) {
      this.form.addEventListener(kind, (event) => {
        const question = event.target.closest("[data-exam-question]");
        if (question) this.#changed(Number(question.dataset.examQuestion));
      });
    }
    document.addEventListener("keydown", (event) => this.#key(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.handIn.ask();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.saver.unsaved && !this.leaving) event.preventDefault();
    });
    window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#hidden() : this.#visible()));
    document.addEventListener("session:token", (event) => {
      this.server.token = event.detail;
    });
    document.addEventListener("session:back", () => {
      this.#hush();
      this.saver.flush();
    });
    this.#tell("", this.texts.textReady);
    this.saver.open();
    this.pulse.bind(this.form);
  }

  #events() {
    return {
      saving: () => this.#tell("", this.texts.textSaving),
      saved: (moment) => this.#tell("is-saved", this.texts.textSaved.replace("{time}", clockTime(moment))),
      unsaved: () => this.#tell("is-unsaved", this.texts.textRetrying),
      restored: (pending) => pending.forEach((mine, position) => this.#check(position, mine.value)),
      opened: (attempt, pending) => this.#opened(attempt, pending),
      over: () => this.#leave(),
      signedOut: () => this.#signedOut(),
      signedIn: () => this.#hush(),
      elsewhere: () => this.#elsewhere(),
      outdated: () => this.#outdated(),
      dropped: (position, value) => this.#check(position, value),
      notYours: () => this.#say(this.texts.textNotYours),
    };
  }

  #opened(attempt, pending) {
    this.#alive(attempt.deadline, attempt.server_time);
    this.pulse.start();
    this.form.elements.epoch.value = attempt.epoch;
    for (const question of this.navigator.questions) {
      const position = Number(question.dataset.examQuestion);
      if (!pending.has(position)) this.#check(position, attempt.answers[position]?.value ?? []);
    }
    if (!pending.size) this.#tell("", this.texts.textReady);
    this.#hush();
  }

  #alive(deadline, serverTime) {
    this.countdown.set(serverTime);
    if (this.countdown.until(deadline)) this.messages.say(this.texts.textMoreTime.replace("{time}", clockTime(new Date(deadline))));
  }

  async #refused(error) {
    if (this.saver.heard(error)) return;
    if (error.status === 401) this.#signedOut();
    if (error.code === "csrf") await this.server.renewToken().catch(() => {});
  }

  #question(position) {
    return this.navigator.questions[position - 1];
  }

  #check(position, answer) {
    fields.fill(this.#question(position), answer);
    this.sent.set(position, JSON.stringify(answer));
    this.#mark(position);
  }

  #changed(position) {
    const answer = fields.value(this.#question(position));
    const text = JSON.stringify(answer);
    if (this.sent.get(position) === text) return; // an input event, and then the change event of the same
    this.sent.set(position, text);
    this.#mark(position);
    this.saver.change(position, answer);
  }

  // Alt and T speak the time that is left. A letter alone would catch what somebody types or says to their computer.
  #key(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyT") return;
    event.preventDefault();
    this.announce.textContent = "";
    setTimeout(() => {
      this.announce.textContent = this.left.textContent;
    }, 50);
  }

  #mark(position) {
    this.navigator.mark(position, fields.value(this.#question(position)).length > 0);
    const all = this.navigator.questions.length;
    const done = all - this.navigator.unanswered().length;
    this.count.textContent = this.texts.textCount.replace("{done}", done).replace("{all}", all);
  }

  #hidden() {
    this.hiddenSince = performance.now();
    this.saver.flush();
  }

  async #visible() {
    if (performance.now() - (this.hiddenSince ?? Infinity) < SYNC_AFTER_MS) return;
    try {
      const attempt = await this.server.show();
      if (attempt.state === "open") this.countdown.set(attempt.server_time);
      else this.#leave();
    } catch {
      // The saver's own tries tell of a lost connection.
    }
  }

  async #timeOver() {
    this.#tell("is-unsaved", this.texts.textOver);
    if (!(await this.handIn.force()) && !this.leaving) setTimeout(() => this.#timeOver(), RETRY_HAND_IN_MS);
  }

  #signedOut() {
    const link = document.createElement("a"); // for browsers in which the page can't ask for the sign-in itself
    link.className = "btn btn-primary";
    link.href = this.texts.signInUrl;
    link.textContent = this.texts.textSignIn;
    if (this.saver.unsaved) this.#tell("is-unsaved", this.texts.textRetrying);
    this.#say(this.texts.textSignedOut, link);
    document.dispatchEvent(new CustomEvent("session:lost"));
  }

  #elsewhere() {
    this.pulse.stop();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-primary";
    button.textContent = this.texts.textTakeOver;
    button.addEventListener("click", () => this.saver.open());
    this.#tell("is-unsaved", this.texts.textStopped);
    this.#say(this.texts.textElsewhere, button);
  }

  // The page was loaded before the platform was renewed: what it sends is not taken, and a fresh one has all that was saved.
  #outdated() {
    this.pulse.stop();
    const link = document.createElement("a");
    link.className = "btn btn-primary";
    link.href = window.location.href;
    link.textContent = this.texts.textReload;
    this.#tell("is-unsaved", this.texts.textStopped);
    this.#say(this.texts.textOutdated, link);
  }

  async #leave() {
    if (this.leaving) return;
    this.leaving = true;
    this.pulse.stop();
    this.flags.forget();
    this.countdown.stop();
    await this.saver.finish();
    window.location.replace(this.texts.resultUrl);
  }

  #tell(look, text) {
    this.status.className = `exam-status ${look}`;
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  #say(text, ...controls) {
    if (this.notice.dataset.said === text) return;
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    this.notice.replaceChildren(paragraph, ...controls);
    this.notice.dataset.said = text;
    this.notice.hidden = false;
  }

  #hush() {
    this.notice.hidden = true;
    this.notice.dataset.said = "";
    this.notice.replaceChildren();
  }
}

export function bindPaper(form) {
  const canAsk = "HTMLDialogElement" in window;
  if (canAsk) new Paper(form).bind();
}
