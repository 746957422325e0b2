// A mobile or ID number that somebody pastes into a search would stand in an address, in the history of the browser and in a proxy's log, before the
// platform could refuse it. Searches that carry data-no-numbers="what is wrong" are stopped here; the platform refuses them as well.

import { holdsANumber } from "./numbers.js";

/** The first text field of a form that may hold a number, null when none does. */
export function fieldWithANumber(fields) {
  return [...fields].find((one) => (one.type === "search" || one.type === "text") && holdsANumber(one.value)) ?? null;
}

export function bindNumberGuard() {
  for (const form of document.querySelectorAll("form[data-no-numbers]")) {
    form.addEventListener("submit", (event) => {
      const field = fieldWithANumber(form.elements);
      if (field === null) return;
      event.preventDefault();
      field.setCustomValidity(form.dataset.noNumbers);
      field.reportValidity();
      field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
    });
  }
}
