// Lets a form be sent once: data-double-submit on a form or on its submit button. The button comes alive again when the page is shown from the back cache.

function lock(button) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
}

function unlock(button) {
  button.disabled = false;
  button.removeAttribute("aria-busy");
}

function guardedButtons(form) {
  const buttons = [...form.elements].filter((element) => element.type === "submit");
  return "doubleSubmit" in form.dataset ? buttons : buttons.filter((button) => "doubleSubmit" in button.dataset);
}

export function bindSubmitOnce() {
  const locked = new Set();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "dialog") return;
    const buttons = guardedButtons(event.target);
    // After the browser has read the form: a disabled button would not send its own name and value.
    setTimeout(() => {
      for (const button of buttons) {
        lock(button);
        locked.add(button);
      }
    });
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const button of locked) unlock(button);
    locked.clear();
  });
}
