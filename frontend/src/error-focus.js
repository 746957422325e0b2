// Brings the reader to what went wrong: focuses the first element marked data-autofocus-error, once the page has loaded.

export function focusError() {
  const summary = document.querySelector("[data-autofocus-error]");
  if (!summary) return;
  if (!summary.hasAttribute("tabindex")) summary.setAttribute("tabindex", "-1");
  summary.focus();
}
