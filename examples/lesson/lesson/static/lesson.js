// Logs in and out without a page load, and shows what a script gets for an answer.
"use strict";

// Forms with data-api are sent here; without this script they work as plain forms.
$(document).on("submit", "form[data-api]", function (event) {
  event.preventDefault();
  const form = $(this);
  const button = form.find("[type=submit], button").prop("disabled", true);
  $.ajax({
    url: form.data("api"),
    method: "POST",
    data: form.find(":input").not("[name=csrf_token]").serialize(),
    dataType: "json",
    headers: { "X-CSRFToken": form.find("[name=csrf_token]").val() },
  })
    .then((answer) => refresh().then(() => say(answer.message, "success")))
    .catch((request) => explain(request))
    .always(() => button.prop("disabled", false));
});

$(document).on("click", "[data-profile]", function () {
  $.ajax({ url: $(this).data("profile"), dataType: "json" })
    .then((profile) => $("#profile").text(JSON.stringify(profile, null, 2)).prop("hidden", false))
    .catch((request) => explain(request));
});

// Fetches this page as it is now and puts its navigation and its content in place.
function refresh() {
  return $.ajax({ url: location.pathname, dataType: "html" }).then((html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const id of ["header", "main"]) {
      document.getElementById(id).replaceWith(page.getElementById(id));
    }
    $("#main").trigger("focus");
  });
}

function explain(request) {
  const answer = request.responseJSON || { message: "The server did not answer. Try again." };
  const fields = Object.values(answer.fields || {}).flat();
  say(fields.length ? fields.join(" ") : answer.message, "error");
}

function say(message, category) {
  $("#messages").empty().append($("<p>").addClass("message").addClass(category).text(message));
}
