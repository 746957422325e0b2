// A mock exam's form saves itself: after a change the whole form is posted as its own button would post it; at the bell it is handed in.
import { Countdown } from "../exam/countdown.js";

const WAIT = 1500; // of quiet after a change, in ms: a mock exam is no exam, one save for several clicks will do

export function bindMock(form, { wait = WAIT, send = fetch } = {}) {
  const { dataset } = form;
  const status = form.querySelector("[data-mock-status]");
  let timer;

  async function save() {
    status.textContent = dataset.textSaving;
    const body = new FormData(form);
    body.set("quiet", "1");
    try {
      const answer = await send(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.status !== 204) throw new Error(String(answer.status)); // a redirect: signed out, or handed in elsewhere
      status.textContent = dataset.textSaved.replace("{time}", new Date().toLocaleTimeString("zh-CN", { hour12: false }));
    } catch {
      status.textContent = dataset.textFailed;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  const left = form.querySelector("[data-mock-left]");
  const announce = form.querySelector("[data-mock-announce]");
  return new Countdown(dataset.deadline, dataset.serverTime, {
    show: (text) => { left.textContent = dataset.textLeft.replace("{time}", text); },
    speak: (minutes) => { announce.textContent = dataset.textMinutes.replace("{count}", minutes); },
    over: () => form.requestSubmit(form.querySelector("[name=hand-in]")),
  });
}
