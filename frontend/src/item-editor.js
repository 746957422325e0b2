const MOST = 26;

function addOption(form) {
  const list = form.querySelector("[data-options]");
  const rows = [...list.children];
  if (rows.length >= MOST) return;
  const row = rows.at(-1).cloneNode(true);
  const letter = String.fromCharCode(65 + rows.length);
  const mark = row.querySelector("input");
  const text = row.querySelector("textarea");
  mark.checked = false;
  mark.value = String(rows.length);
  mark.nextElementSibling.firstChild.textContent = letter;
  text.value = "";
  const name = form.dataset.optionLabel.replace("{letter}", letter);
  text.setAttribute("aria-label", name);
  list.append(row);
  const place = form.querySelector("select[name=picture_place]");
  place?.add(new Option(name, `option-${rows.length}`), place.options.length - 1);
  text.focus();
}

/** The text with a mark around what is selected, and where the cursor stands then. */
export function marked(text, from, to, mark, rows) {
  if (mark === "table") {
    const lines = `${from && text[from - 1] !== "\n" ? "\n" : ""}${rows}\n---|---\n`;
    return { text: text.slice(0, from) + lines + text.slice(to), from: from + lines.length, to: from + lines.length };
  }
  const [before, after] = mark.split("|");
  return {
    text: text.slice(0, from) + before + text.slice(from, to) + after + text.slice(to),
    from: from + before.length,
    to: to + before.length,
  };
}

function bindMarks(form) {
  const bar = form.querySelector("[data-marks]");
  let last = form.querySelector("textarea[name=stem]");
  form.addEventListener("focusin", (event) => {
    if (event.target.tagName !== "TEXTAREA") return;
    last = event.target;
    const place = { stem: "stem", feedback: "feedback" }[last.name];
    const options = [...form.querySelectorAll("textarea[name=option]")];
    const chosen = place ?? (last.name === "option" ? `option-${options.indexOf(last)}` : undefined);
    if (chosen) form.querySelector("select[name=picture_place]").value = chosen;
  });
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (!button) return;
    const done = marked(last.value, last.selectionStart, last.selectionEnd, button.dataset.mark, button.dataset.rows);
    last.value = done.text;
    last.focus();
    last.setSelectionRange(done.from, done.to);
  });
}

export function bindItemEditor() {
  const form = document.querySelector("[data-item-editor]");
  if (!form) return;
  const more = form.querySelector("[data-more]");
  bindMarks(form);
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
    } else if (event.key === "Enter" && option && !event.shiftKey && !event.isComposing) {
      // Enter goes to the next option, Shift and Enter begins a line in this one.
      event.preventDefault();
      const texts = [...form.querySelectorAll("textarea[name=option]")];
      const next = texts[texts.indexOf(event.target) + 1];
      if (next) next.focus();
      else addOption(form);
    }
  });
}
