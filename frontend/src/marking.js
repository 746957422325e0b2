// Keeps what a marker types as a draft, which also keeps the answer for them: <form data-marking="/address of the draft"> with [data-marking-saved].

const PAUSE_MS = 1500;

export function bindMarking(form, send = (url, body) => fetch(url, { method: "POST", body, credentials: "same-origin" })) {
  const told = form.querySelector("[data-marking-saved]");
  let timer = 0;
  async function save() {
    try {
      const answer = await send(form.dataset.marking, new FormData(form));
      told.textContent = answer.ok ? told.dataset.saved : told.dataset.failed;
    } catch {
      told.textContent = told.dataset.failed;
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}
