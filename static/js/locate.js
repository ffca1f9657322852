// [data-locate]: a button puts the device's position into the fields latitude and longitude; a change of city takes it out.
(() => {
  const part = document.querySelector("[data-locate]");
  if (!part || !navigator.geolocation) return;
  const [latitude, longitude] = ["latitude", "longitude"].map((name) => part.querySelector(`[name=${name}]`));
  const status = part.querySelector("[data-locate-status]");
  const say = (what) => { status.textContent = what ? status.dataset[what] : ""; };
  const put = (at) => { latitude.value = at?.latitude.toFixed(4) ?? ""; longitude.value = at?.longitude.toFixed(4) ?? ""; };
  part.querySelector("[data-locate-part]").hidden = false;
  part.querySelector("[data-locate-button]").addEventListener("click", () => {
    say("wait");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { put(coords); say("done"); },
      () => { put(null); say("failed"); },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
  part.querySelector("[name=city]").addEventListener("change", () => { put(null); say(""); });
})();
