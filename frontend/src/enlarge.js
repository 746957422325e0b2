/** Pictures of items open large: a button around each, and a dialog that shows it in its own size. In labels a tap chooses the option. */
export function bindEnlarge(page = document) {
  for (const picture of page.querySelectorAll("img[data-enlarge]")) {
    const button = page.createElement("button");
    button.type = "button";
    button.className = "marked-open";
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-label", picture.dataset.enlarge);
    picture.replaceWith(button);
    button.append(picture);
    button.addEventListener("click", () => open(page, picture));
  }
}

function open(page, picture) {
  const dialog = page.createElement("dialog");
  const large = page.createElement("img");
  const close = page.createElement("button");
  dialog.className = "marked-dialog";
  dialog.setAttribute("aria-label", picture.alt);
  large.src = picture.src;
  large.alt = picture.alt;
  close.type = "button";
  close.className = "btn";
  close.textContent = picture.dataset.close;
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  const box = page.createElement("div");
  box.className = "marked-large";
  box.tabIndex = 0;
  box.append(large);
  dialog.append(close, box);
  page.body.append(dialog);
  dialog.showModal();
}
