// What is shown is decided by the answers alone: by `reason`, `next_steps` and what is in them.

const API = "/account/api";
const views = [...document.querySelectorAll("form, #home")];
const message = document.querySelector("#message");
const steps = document.querySelector("#steps");

/** What had to wait until somebody has proven again who they are. */
let interrupted = null;

/** Ask the API; the browser adds its cookie, and says that this page is of the same site. */
async function ask(method, path, body) {
  const options = { method };
  if (body) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = response.status === 204 ? {} : await response.json();
  return { ...answer, ok: response.ok };
}

function show(id, text = "") {
  message.textContent = text;
  for (const view of views) view.hidden = view.id !== id;
  document.querySelector(`#${id} input`)?.focus();
}

/** Offer what leads on, as far as this page has a form for it. */
function offer(next = []) {
  const known = next.filter(({ flow }) => document.getElementById(flow)?.hidden);
  steps.replaceChildren(...known.map(({ flow }) => button(titleOf(flow), () => {
    show(flow);
    offer(next);
  })));
}

const titleOf = (flow) => document.querySelector(`#${flow} h2`).textContent;

function button(text, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", onClick);
  return made;
}

/** Show who is logged in, or what a stranger can do. */
async function refresh(text) {
  const session = await ask("GET", `${API}/session`);
  if (!session.ok) {
    show(session.next_steps[0].flow, text);
    return offer(session.next_steps);
  }
  document.querySelector("#who").textContent = session.user.email;
  const { devices } = await ask("GET", `${API}/devices`);
  document.querySelector("#devices").replaceChildren(...devices.map(item));
  show("home", text);
  offer();
}

function item(device) {
  const made = document.createElement("li");
  made.textContent = `${device.name || "Unknown device"}, ${device.address}`;
  made.append(device.is_this
    ? " (this one)"
    : button("End", () => act("DELETE", `${API}/devices/${device.handle}`)));
  return made;
}

/** Do something that somebody logged in may do. */
async function act(method, path) {
  const answer = await ask(method, path);
  if (answer.reason === "reauthentication_required") {
    interrupted = () => act(method, path);
    show(answer.next_steps[0].flow, answer.detail);
    return offer();
  }
  return refresh(answer.detail);
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const answer = await ask("POST", form.getAttribute("action"), valuesOf(form));
  complain(form, answer.fields);
  if (!answer.ok) {
    message.textContent = answer.detail;
    return answer.next_steps.length && offer(answer.next_steps);
  }
  form.reset();
  if (answer.next_steps) {
    show(answer.next_steps[0].flow, answer.message);
    return offer();
  }
  const waiting = interrupted;
  interrupted = null;
  return waiting && form.id === "reauthenticate" ? waiting() : refresh(answer.done && "Done.");
}

function valuesOf(form) {
  const inputs = [...form.querySelectorAll("input")];
  return Object.fromEntries(
    inputs.map((one) => [one.name, one.type === "checkbox" ? one.checked : one.value]),
  );
}

/** Say beside each field what is wrong with it. */
function complain(form, fields = {}) {
  for (const input of form.querySelectorAll("input")) {
    const problems = fields[input.name] ?? [];
    input.setAttribute("aria-invalid", String(problems.length > 0));
    input.parentElement.querySelector("small")?.remove();
    if (!problems.length) continue;
    const why = document.createElement("small");
    why.textContent = problems.map(({ detail }) => detail).join(" ");
    input.after(why);
  }
}

for (const form of document.forms) form.addEventListener("submit", submit);
document.querySelector("#logout").addEventListener("click", () => act("POST", `${API}/logout`));
refresh();
