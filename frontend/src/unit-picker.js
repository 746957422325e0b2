// Suggests units while their name is typed: data-unit-picker="/api/v1/units" on the part that templates/organisations/picker.html draws. Without it the
// button asks the server. data-unit-belonging folds away the questions that the box "my unit is not listed" makes needless.

import { holdsANumber } from "./numbers.js";

const WAIT_MS = 250;

function rowsOf(root, units, chosen) {
  const template = root.querySelector("[data-unit-row]");
  return units.map(({ id, name, parent }) => {
    const row = template.content.firstElementChild.cloneNode(true);
    const radio = row.querySelector("input");
    radio.value = id;
    radio.checked = id === chosen;
    const note = row.querySelector("small");
    note.textContent = parent;
    note.before(name);
    return row;
  });
}

/** Whether a text may be sent to look for units. */
export function mayBeAsked(text) {
  return text !== "" && !holdsANumber(text); // no unit is called like a number of somebody's
}

export function statusOf(texts, count, more) {
  if (count === 0) return texts.textNone;
  return (more ? texts.textMore : texts.textFound).replace("{n}", String(count));
}

async function ask(root, text, signal) {
  const query = new URLSearchParams({ q: text });
  if ("above" in root.dataset) query.set("above", "1");
  const answer = await fetch(`${root.dataset.unitPicker}?${query}`, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

function follow(root) {
  const input = root.querySelector("[data-unit-text]");
  const list = root.querySelector("[data-unit-list]");
  const status = root.querySelector("[data-unit-status]");
  let timer;
  let running;
  let shown = input.value.trim();

  async function look() {
    const text = input.value.trim();
    if (text === shown) return;
    running?.abort();
    shown = text;
    const chosen = list.querySelector("input:checked")?.value;
    if (!mayBeAsked(text)) {
      list.replaceChildren();
      status.textContent = "";
      return;
    }
    running = new AbortController();
    try {
      const { units, more } = await ask(root, text, running.signal);
      list.replaceChildren(...rowsOf(root, units, chosen));
      status.textContent = statusOf(root.dataset, units.length, more);
    } catch (error) {
      if (error.name !== "AbortError") shown = ""; // the button still works, and so does the next letter
    }
  }

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(look, WAIT_MS);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    clearTimeout(timer);
    look();
  });
  root.querySelector("[data-unit-find]").addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    look();
  });
}

function foldBelonging(root) {
  const box = root.querySelector("[data-unit-unlisted]");
  const other = root.querySelector("[data-unit-other]");
  const listed = root.querySelector("[data-unit-listed]");
  const fold = () => {
    other.hidden = !box.checked;
    listed.hidden = box.checked;
  };
  box.addEventListener("change", fold);
  window.addEventListener("pageshow", fold);
  fold();
}

export function bindUnitPickers() {
  for (const root of document.querySelectorAll("[data-unit-picker]")) if (root.dataset.unitPicker) follow(root);
  for (const root of document.querySelectorAll("[data-unit-belonging]")) foldBelonging(root);
}
