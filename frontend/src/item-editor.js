const MOST = 26;

function addOption(form) {
  const list = form.querySelector("[data-options]");
  const rows = [...list.children];
  if (rows.length >= MOST) return;
  const row = rows.at(-1).cloneNode(true);
  const letter = String.fromCharCode(65 + rows.length);
  const [mark, text] = row.querySelectorAll("input");
  mark.checked = false;
  mark.value = String(rows.length);
  mark.nextElementSibling.firstChild.textContent = letter;
  text.value = "";
  text.setAttribute("aria-label", form.dataset.optionLabel.replace("{letter}", letter));
  list.append(row);
  text.focus();
}

export function bindItemEditor() {
  const form = document.querySelector("[data-item-editor]");
  if (!form) return;
  const more = form.querySelector("[data-more]");
  more?.addEventListener("click", (event) => {
    event.preventDefault();
    addOption(form);
  });
  form.addEventListener("keydown", (event) => {
    const option = event.target.name === "option";
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-save]"));
    } else if (event.altKey && event.code === "KeyP") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-preview]"));
    } else if (event.altKey && event.code === "KeyO" && more) {
      event.preventDefault();
      addOption(form);
    } else if (event.key === "Enter" && option && !event.isComposing) {
      // Enter goes to the next option: a half-typed item is not sent by mistake.
      event.preventDefault();
      const texts = [...form.querySelectorAll("input[name=option]")];
      const next = texts[texts.indexOf(event.target) + 1];
      if (next) next.focus();
      else addOption(form);
    }
  });
}
