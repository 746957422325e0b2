// Closes an open <details data-menu> when a click lands elsewhere, on Escape, or when the focus leaves it.

function close(menu, giveFocus) {
  if (!menu.open) return;
  menu.open = false;
  if (giveFocus) menu.querySelector("summary")?.focus();
}

export function bindMenus() {
  for (const menu of document.querySelectorAll("details[data-menu]")) {
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) close(menu, false);
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close(menu, true);
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(menu, false);
    });
  }
}
