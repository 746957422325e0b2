// Binds the watch over the sign-in to the page: its forms, the person's acts, and what other scripts notice.
// A page that holds something marked data-keep-alive (a lecture, an exam) never idles away while it is open.
import { api } from "./api.js";
import { SessionDialogs } from "./dialogs.js";
import { SessionWatch } from "./watch.js";

function isOurs(form) {
  return form.method === "post" && !form.closest("dialog[data-session-sign-in]") && form.action.startsWith(window.location.origin);
}

// Holds a form back until it is known who is signed in, then sends it as it was meant.
function guardForms(watch) {
  const passed = new WeakSet();
  document.addEventListener(
    "submit",
    async (event) => {
      const { target: form, submitter } = event;
      if (passed.has(form) || watch.sure || !isOurs(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      await watch.check(); // when nothing can be reached, sending shows it
      passed.add(form);
      form.requestSubmit(submitter);
      passed.delete(form);
    },
    { capture: true },
  );
}

export function bindSession() {
  const template = document.querySelector("template[data-session-parts]");
  if (!template || !("HTMLDialogElement" in window) || !("requestSubmit" in HTMLFormElement.prototype)) return;
  const watch = new SessionWatch({
    api,
    view: new SessionDialogs(template, api),
    userId: template.dataset.user,
    secondsLeft: Number(template.dataset.secondsLeft),
    stayAlive: document.querySelector("[data-keep-alive]") !== null,
  });
  guardForms(watch);
  for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, () => watch.act(), { passive: true });
  document.addEventListener("visibilitychange", () => document.hidden || watch.check());
  window.addEventListener("pageshow", (event) => event.persisted && watch.check());
  document.addEventListener("session:lost", () => watch.check());
}
