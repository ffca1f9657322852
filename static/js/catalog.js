// A colour chosen on a model's page travels along: in the address and in the links to its trims.
document.addEventListener("change", (event) => {
  if (event.target.name !== "colour" || !event.target.closest("[data-keeps-colour]")) return;
  const carry = (address) => {
    const url = new URL(address, location.href);
    url.searchParams.set("colour", event.target.value);
    return url.href;
  };
  history.replaceState(history.state, "", carry(location.href));
  document.querySelectorAll("a[data-colour-link]").forEach((link) => { link.href = carry(link.href); });
});
