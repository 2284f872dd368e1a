// The controls beside the phone: clock, conversation, requests, faults, limits.

import { get, post, put } from "./api.js";
import { act, choose, currentUser, loadUsers } from "./chat.js";
import { byId, el } from "./dom.js";
import { dayOf, secondOf, timeOf } from "./words.js";

// Between news the clock is reckoned from the page's own.
let ahead = 0;

export async function loadClock() {
  const { now } = await get("/clock");
  ahead = now - Date.now();
  drawClock();
}

function drawClock() {
  const now = Date.now() + ahead;
  byId("clock-time").textContent = timeOf(now);
  byId("clock-day").textContent = dayOf(now);
}

const advance = (seconds) => act(async () => {
  await post("/clock/advance", { seconds: Math.round(seconds) });
  await loadClock();
});

const STEP = { chance: ["% chance", 1, 100], left: ["times", 1, undefined] };

export async function loadSwitches() {
  if (byId("panel").contains(document.activeElement) && document.activeElement.type === "number") return;
  for (const set of await get("/faults")) redraw(byId("faults"), set.kind, set, fault);
  redraw(byId("options"), "options", await get("/options"), options);
  const forms = await get("/forms");
  byId("account-forms").hidden = forms.length === 0;
  redraw(byId("forms"), "forms", forms, account);
}

// Switches that stay as they are keep their place under the finger, and the focus.
const drawn = new Map();

function redraw(place, key, set, make) {
  const text = JSON.stringify(set);
  const old = drawn.get(key);
  if (old?.text === text) return;
  const node = make(set);
  const focused = old?.node.contains(document.activeElement);
  if (old) old.node.replaceWith(node);
  else place.append(node);
  drawn.set(key, { text, node });
  if (focused) node.querySelector("input, button")?.focus();
}

function fault(set) {
  const on = set.chance > 0 && set.left !== 0;
  const chance = number(STEP.chance, on ? Math.round(set.chance * 100) : 100);
  const left = number(STEP.left, set.left);
  const amount = set.unit ? number([set.unit, 0, undefined], set.amount) : null;
  const toggle = el("input", { type: "checkbox", role: "switch", checked: on, "data-fault": set.kind, change: save });
  const details = el("div", { class: "row", hidden: !on }, ...[chance, left, amount].filter(Boolean).map((field) => field.label));
  for (const field of [chance, left, amount].filter(Boolean)) field.input.addEventListener("change", save);
  function save() {
    details.hidden = !toggle.checked;
    drawn.get(set.kind).text = null;
    const value = (field) => (field && field.input.value !== "" ? Number(field.input.value) : null);
    const changed = { kind: set.kind, chance: toggle.checked ? value(chance) / 100 : 0, left: toggle.checked ? value(left) : null, amount: value(amount) };
    act(() => put("/faults", [changed]));
  }
  return el("div", { class: "fault" }, el("label", { class: "switch" }, toggle, el("span", {}, set.label)), details);
}

function number([unit, min, max], value) {
  const input = el("input", { type: "number", min, max, value: value ?? "", inputmode: "numeric" });
  return { input, label: el("label", { class: "unit" }, input, ` ${unit}`) };
}

function options(set) {
  const change = (changed) => { Object.assign(set, changed); act(() => put("/options", set)); };
  const toggle = (key, label) => el("div", { class: "fault" }, el("label", { class: "switch" },
    el("input", { type: "checkbox", role: "switch", checked: set[key], change: (event) => change({ [key]: event.target.checked }) }), el("span", {}, label)));
  const limit = (key, unit, most, empty = "no limit") => {
    const field = number([`${unit} (empty: ${empty})`, 0, most], set[key]);
    field.input.addEventListener("change", () => change({ [key]: field.input.value !== "" ? Number(field.input.value) : null }));
    return el("div", { class: "fault" }, field.label);
  };
  return el("div", {},
    toggle("pair_rate", "One message per 6 s and user"),
    toggle("refuse_outside_window", "Refuse outside 24 hours at once"),
    toggle("reads_at_once", "Everybody reads at once"),
    limit("throughput", "messages a second", 1000),
    limit("messaging_limit", "people a day outside 24 hours"),
    limit("marketing_cap", "advertisements a day and user"),
    limit("template_pacing", "advertisements before the rest is held"),
    limit("redelivery_hours", "hours of redelivery", undefined, "7 days"));
}

// The forms of the account, each with a ping of its endpoint.
function account(forms) {
  const line = (form) => {
    const said = el("span", { role: "status" });
    const ping = async () => {
      try {
        await post("/forms/ping", { form: form.id });
        said.textContent = "It is well.";
      } catch (error) {
        said.textContent = error.message;
      }
    };
    const button = el("button", { class: "plain", type: "button", click: ping }, "Ping");
    return el("div", { class: "row" }, el("span", {}, `${form.name} (${form.status})`), form.endpoint_uri ? button : null, said);
  };
  return el("div", {}, ...forms.map(line));
}

let last = 0;

// A server that was started again counts from one.
export function forgetLog() {
  last = 0;
  byId("log").replaceChildren();
}

export async function loadLog() {
  const entries = await get(`/log?after=${last}`);
  const log = byId("log");
  for (const entry of entries) {
    last = Math.max(last, entry.number);
    log.prepend(request(entry));
  }
  while (log.childElementCount > 100) log.lastElementChild.remove();
}

function request(entry) {
  const good = entry.outcome === "200";
  const side = entry.side === "graph" ? "bot → Meta" : "Meta → bot";
  const details = el("details", { class: `request ${entry.side}` }, el("summary", {},
    el("time", {}, secondOf(Date.parse(entry.at))), el("span", { class: "side" }, side),
    el("span", { class: "what" }, gist(entry)), el("span", { class: good ? "good" : "bad" }, entry.outcome)));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    details.append(el("p", {}, entry.what), el("pre", {}, pretty(entry.request)));
    if (entry.response) details.append(el("pre", {}, pretty(entry.response)));
  });
  return details;
}

// What it is about, in a word or two.
function gist({ side, what, request: body }) {
  let read;
  try { read = JSON.parse(body); } catch { return what; }
  // Only a message may leave its type out; a template or a form has none.
  if (side === "graph" && !what.endsWith("/messages")) return what;
  if (side === "graph") return read.status === "read" ? "read receipt" : read.type ?? "text";
  if (!read.entry) return read.action ? `form: ${read.action}` : what;
  const words = read.entry.flatMap((entry) => entry.changes).map(({ value }) =>
    value.statuses?.[0].status ?? value.messages?.[0].type ?? "update");
  return words.length > 3 ? `${words.length} updates` : words.join(", ");
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

export function start(about) {
  setInterval(drawClock, 1000);
  byId("conversation").hidden = !about.can_release;
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => advance(Number(button.dataset.advance)));
  }
  byId("advance").addEventListener("submit", (event) => {
    event.preventDefault();
    advance(Number(byId("advance-by").value) * 3600);
  });
  byId("person").addEventListener("submit", (event) => {
    event.preventDefault();
    act(async () => {
      const added = await post("/users", { name: byId("person-name").value, phone: byId("person-phone").value });
      byId("person").reset();
      await loadUsers();
      await choose(added.wa_id);
    });
  });
  byId("release").addEventListener("click", async () => {
    const said = byId("released");
    try {
      await post("/release", { user: currentUser() });
      said.textContent = "The bot has it.";
    } catch (error) {
      said.textContent = error.message;
    }
  });
  for (const button of document.querySelectorAll("[data-marketing]")) {
    button.addEventListener("click", async () => {
      const said = byId("marketing");
      try {
        await post("/marketing", { user: currentUser(), wanted: button.dataset.marketing === "true" });
        said.textContent = "The business is told.";
      } catch (error) {
        said.textContent = error.message;
      }
    });
  }
  const show = (open) => {
    document.body.classList.toggle("panel-open", open);
    byId("open-panel").setAttribute("aria-expanded", String(open));
    (open ? byId("close-panel") : byId("open-panel")).focus();
  };
  byId("open-panel").addEventListener("click", () => show(true));
  byId("close-panel").addEventListener("click", () => show(false));
}
