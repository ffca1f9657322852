// Facets a visitor opened or closed stay so when the server sends the filters anew.
(() => {
  const opened = new Map();
  const all = () => document.querySelectorAll("#cars-facets details[id]");
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("#cars-facets details[id]")) opened.set(event.target.id, event.target.open);
  }, true);
  document.addEventListener("htmx:afterSettle", () => all().forEach((facet) => {
    if (opened.has(facet.id)) facet.open = opened.get(facet.id);
  }));
})();
