// Gives the desk's borrowed widgets the names that the form already shows: select boxes that are typed in,
// fields of rows within a row, and scrolling panes.
(() => {
  const clean = (text) => (text || "").replace(/[*\s]+/g, " ").trim();

  const headerOf = (field) => {
    const cell = field.closest("td");
    const table = cell?.closest("table");
    const name = cell && [...cell.classList].find((each) => each.startsWith("field-"));
    const at = cell ? [...cell.parentElement.children].indexOf(cell) : -1;
    const header = name && table.querySelector(`th.column-${name.slice(6)}`);
    return clean((header || table?.tHead?.rows[0]?.cells[at])?.textContent);
  };

  const nameOf = (field) => {
    const label = field.id && document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
    return clean(label?.textContent) || headerOf(field);
  };

  const nameSelects = (root) => {
    for (const select of root.querySelectorAll("select.select2-hidden-accessible")) {
      const box = select.nextElementSibling;
      const name = nameOf(select);
      if (!name || !box?.classList.contains("select2")) continue;
      for (const part of box.querySelectorAll(".select2-selection, .select2-search__field, .select2-selection__rendered[role]:not(ul)")) {
        const value = part.querySelector(".select2-selection__rendered:not(ul)")?.id;
        part.setAttribute("aria-label", name);
        if (value) part.setAttribute("aria-describedby", value);
        part.removeAttribute("aria-labelledby");
      }
      box.querySelector("ul.select2-selection__rendered")?.setAttribute("role", "presentation");
    }
  };

  const nameFields = (root) => {
    for (const field of root.querySelectorAll("td input:not([type=hidden]), td select, td textarea")) {
      if (field.labels?.length || field.hasAttribute("aria-label")) continue;
      const name = headerOf(field);
      if (name) field.setAttribute("aria-label", name);
    }
  };

  const nameAll = (root) => {
    nameSelects(root);
    nameFields(root);
    for (const pane of root.querySelectorAll(".simplebar-content-wrapper[role=region]")) {
      pane.removeAttribute("role");
      pane.removeAttribute("aria-label");
    }
    for (const header of root.querySelectorAll("th")) {
      if (!clean(header.textContent) && !header.querySelector("input, button, a")) header.setAttribute("role", "cell");
    }
  };

  // Select boxes are built some time after the page is read, and again in rows that are added.
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    if (added.some((node) => node.classList?.contains("select2"))) nameSelects(document);
  }).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => nameAll(document));
  window.addEventListener("load", () => nameAll(document));
  document.addEventListener("formset:added", (event) => nameAll(event.target));
})();
