// Sends every form as JSON, with the CSRF token in a header, and says what came back.
"use strict";

const token = () => $("meta[name=csrf-token]").attr("content");

$(document).on("submit", "form[data-send]", function (event) {
  event.preventDefault();
  const form = $(this);
  const button = form.find("button").prop("disabled", true);
  form.find(".field-error").empty();
  form.find("[aria-invalid]").removeAttr("aria-invalid");
  $.ajax({
    url: form.attr("action"),
    method: form.data("send"),
    contentType: "application/json",
    data: JSON.stringify(Object.fromEntries(new FormData(this))),
    dataType: "json",
    headers: { "X-CSRFToken": token() },
  })
    .done((answer) => {
      if (answer.key) $(form.data("key")).val(answer.key);
      if (answer.go) location.assign(answer.go);
      else say(answer.message, "success");
    })
    .fail((request) => explain(request, form))
    .always(() => button.prop("disabled", false));
});

// Asks as a script does: jQuery says so in a header, and the server answers in JSON.
$(document).on("click", "[data-ask]", function () {
  const box = $($(this).data("answer"));
  $.ajax({ url: $(this).data("ask"), headers: { Accept: "application/json" }, dataType: "text" })
    .done((text, _, request) => show(box, request.status, request.statusText, text))
    .fail((request) => show(box, request.status, request.statusText, request.responseText));
});

// Asks as a program does. Not by jQuery, which always sends the cookies of this site along.
$(document).on("submit", "form[data-program]", async function (event) {
  event.preventDefault();
  const form = $(this);
  const box = $(form.data("program"));
  const { key, header, url } = Object.fromEntries(new FormData(this));
  try {
    const value = header === "Authorization" ? `Bearer ${key}` : key;
    const answer = await fetch(url, { headers: { [header]: value }, credentials: "omit" });
    show(box, answer.status, answer.statusText, await answer.text());
  } catch (error) {
    box.text(`The browser cannot send this: ${error.message}`).prop("hidden", false);
  }
});

function show(box, status, statusText, text) {
  let body = text || "";
  try {
    body = JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    body = body.trim().startsWith("<") ? "(the page, as HTML)" : body;
  }
  box.text(`${status} ${statusText}\n\n${body}`).prop("hidden", false);
}

// Says what went wrong: beside its field where there is one, otherwise above the page.
function explain(request, form) {
  const answer = request.responseJSON || { message: "The server did not answer. Try again." };
  const fields = Object.entries(answer.fields || {});
  for (const [name, problem] of fields) {
    form.find(`#${name}-error`).text(problem);
    form.find(`[name=${name}]`).attr("aria-invalid", "true");
  }
  if (fields.length) form.find("[aria-invalid]").first().trigger("focus");
  else say(answer.message || answer.detail, answer.reason ? "ended" : "error", answer.login_url);
}

function say(message, category, way) {
  const line = $("<p>").addClass("message").addClass(category).text(message);
  if (way) {
    const back = `${way}?next=${encodeURIComponent(location.pathname + location.search)}`;
    line.append(" ", $("<a>").attr("href", back).text("Continue"));
  }
  $("#messages").empty().append(line);
}

// Counts the idle time down; what ends the log-in is the server's clock, not this one.
$(function () {
  const clock = $("#countdown");
  if (!clock.length) return;
  const end = Date.now() + 1000 * clock.data("seconds");
  const timer = setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) return clock.text(left === 1 ? "1 second" : `${left} seconds`);
    clock.text("no longer: the time is up");
    clearInterval(timer);
  }, 250);
});
