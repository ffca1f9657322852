// <details class="sheet">: open beside the list on wide screens, a bottom sheet on phones. [data-dialog="id"] opens a <dialog>, [data-close] closes it.
(() => {
  const wide = matchMedia("(min-width: 62rem)");
  const fit = () => document.querySelectorAll("details.sheet").forEach((sheet) => { sheet.open = wide.matches; });
  wide.addEventListener("change", fit);
  fit();
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.dialog)?.showModal();
    } else if (event.target.closest("[data-close]") || event.target.matches("dialog")) {
      event.target.closest("dialog")?.close();
    } else if (!wide.matches) {
      document.querySelectorAll("details.sheet[open]").forEach((sheet) => {
        if (!sheet.contains(event.target) || event.target.closest("[data-close-sheet]")) sheet.open = false;
      });
    }
  });
  document.addEventListener("keydown", (event) => {
    const sheet = document.querySelector("details.sheet[open]");
    if (event.key === "Escape" && sheet && !wide.matches) {
      sheet.open = false;
      sheet.querySelector("summary").focus();
    }
  });
})();
