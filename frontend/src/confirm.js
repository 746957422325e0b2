// Asks before a consequential form is sent: data-confirm="the question" on a form or its button; the page gives the two answers on <body>.

function ask(question, yes, no) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const text = document.createElement("p");
  text.id = "ask-text";
  text.textContent = question;
  dialog.setAttribute("aria-labelledby", text.id);
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "form-actions";
  for (const [value, label, look] of [["yes", yes, "btn btn-primary"], ["no", no, "btn"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.textContent = label;
    button.className = look;
    form.append(button);
  }
  dialog.append(text, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

export function bindConfirm() {
  const canAsk = "HTMLDialogElement" in window && "requestSubmit" in HTMLFormElement.prototype;
  const agreed = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const question = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || agreed.has(form)) return;
    if (!canAsk) {
      if (!window.confirm(question)) event.preventDefault();
      return;
    }
    event.preventDefault();
    const texts = document.body.dataset;
    if (!(await ask(question, texts.textYes, texts.textNo))) return;
    agreed.add(form);
    form.requestSubmit(submitter);
    agreed.delete(form);
  });
}
