// [data-code="6"]: keeps digits only (full-width ones too) and sends the form when the code is whole.
document.addEventListener("input", (event) => {
  const field = event.target;
  const length = Number(field.dataset?.code);
  if (!length || event.isComposing) return;
  field.value = field.value.normalize("NFKC").replace(/\D/g, "").slice(0, length);
  if (field.value.length === length && !field.hasAttribute("data-wait")) field.form?.requestSubmit();
});
