// Makes the forms better where there is a script; all of them work without.
"use strict";

const charactersOf = (text) => [...text.normalize("NFC")].length;

for (const button of document.querySelectorAll("[data-porter-show]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const setShown = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => setShown(input.type === "password"));
  // Sent as a password, or the browser keeps it among the texts that it offers later.
  input.form.addEventListener("submit", () => setShown(false));
}

for (const input of document.querySelectorAll("[data-porter-length]")) {
  const field = input.closest(".field");
  const meter = field.querySelector(".length");
  const [bar, text] = [meter.querySelector("progress"), meter.querySelector("[data-porter-text]")];
  const status = field.querySelector("[role=status]");
  const least = Number(input.dataset.porterLength);
  const show = () => {
    const count = charactersOf(input.value);
    const enough = count >= least;
    meter.hidden = count === 0;
    meter.classList.toggle("enough", enough);
    bar.value = Math.min(count, least);
    text.textContent = enough
      ? text.dataset.porterEnough
      : text.dataset.porterText.replace("{count}", count).replace("{least}", least);
    const news = enough ? text.dataset.porterEnough : "";
    if (status.textContent !== news) status.textContent = news;
  };
  input.addEventListener("input", show);
  show();
}

// The exact time, as the clock on the wall says it.
for (const time of document.querySelectorAll("time[datetime]")) {
  const style = { dateStyle: "long", timeStyle: "short" };
  time.title = new Date(time.dateTime).toLocaleString(document.documentElement.lang, style);
}

// One press sends once. The button stays able to take the focus, so nobody loses their place.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.porterSent) {
      event.preventDefault();
      return;
    }
    if (form.target) return;
    form.dataset.porterSent = "yes";
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
    // A download leaves the page standing; elsewhere somebody may have stopped a slow request.
    setTimeout(() => allowAgain(form), "porterStays" in form.dataset ? 3000 : 15000);
  });
}

function allowAgain(form) {
  delete form.dataset.porterSent;
  for (const button of form.querySelectorAll("[type=submit]")) button.removeAttribute("aria-disabled");
}

// A page that comes back from the browser's memory comes back with its buttons.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[method=post]").forEach(allowAgain);
});
