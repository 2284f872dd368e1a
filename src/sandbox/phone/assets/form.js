// A form on the phone: draws the screens of its definition and sends what is filled in.

import { post } from "./api.js";
import { byId, el, keepTab } from "./dom.js";

const sheet = byId("form-sheet");
const place = byId("form-screen");
let open = null;

// `done` is called when the form has gone to the chat.
export async function openForm(user, message, title, done) {
  open = { user, message, done, seen: {}, path: [], shown: null, opener: document.activeElement };
  byId("form-title").textContent = title;
  place.replaceChildren();
  sheet.hidden = false;
  byId("shade").hidden = false;
  await step(null, {});
}

export function closeForm() {
  if (sheet.hidden) return;
  sheet.hidden = true;
  byId("shade").hidden = true;
  if (open?.opener?.isConnected) open.opener.focus({ preventScroll: true });
  open = null;
}

async function step(screen, data, action) {
  const { user, message, done } = open;
  say("");
  // A second tap while the first is on its way would go to the next screen.
  const button = place.querySelector(".form-next");
  if (button) button.disabled = true;
  try {
    const next = await post("/form", { user, message, screen, data, action: action?.name, next: action?.next?.name });
    if (open?.message !== message) return;
    if (next.done) {
      closeForm();
      await done();
    } else {
      walk(action, next);
      draw(next.screen, next.data);
    }
  } catch (error) {
    say(error.message);
    if (button) button.disabled = false;
  }
}

// Keeps the screens that lead to the one that is shown, for the way back.
function walk(action, next) {
  if (action?.name === "back") open.path.pop();
  else if (open.shown && open.shown.screen.id !== next.screen.id) open.path.push(open.shown);
  open.shown = next;
}

function say(words) {
  const line = byId("form-trouble");
  line.textContent = words;
  line.hidden = !words;
}

// What leads on from a screen.
const MOVES = ["data_exchange", "navigate", "complete"];

function perform(action, screen, context) {
  if (MOVES.includes(action?.name)) step(screen.id, value(action.payload ?? {}, context), action);
  else if (action?.name === "open_url") window.open(value(action.url, context), "_blank", "noopener");
  else say(`${action?.name ?? "nothing"} is not done here`);
}

function wayBack(screen) {
  const before = open.path.at(-1);
  if (!before) return null;
  const back = { name: "back", next: { name: before.screen.id } };
  return el("button", { type: "button", class: "plain form-back", click: () => step(screen.id, before.data, back) }, "Back");
}

function draw(screen, data) {
  const fields = el("form", { class: "fields", novalidate: true });
  const context = { screen, data, fields, filled: {}, errors: {} };
  let footer = null;
  for (const part of parts(screen.layout.children, context)) {
    if (part.type === "Footer") footer = part;
    else fields.append(...[component(part, context)].filter(Boolean));
  }
  const action = footer?.["on-click-action"];
  fields.append(el("button", { type: "submit", class: "form-next" }, value(footer?.label, context)));
  fields.append(...[wayBack(screen)].filter(Boolean));
  fields.addEventListener("submit", (event) => {
    event.preventDefault();
    open.seen[screen.id] = { data, form: Object.fromEntries(new FormData(fields)) };
    perform(action, screen, context);
  });
  place.replaceChildren(fields);
  if (data.error_message) say(data.error_message);
  (fields.querySelector("[aria-invalid]") ?? fields.querySelector("input, select, button"))?.focus();
}

// A `Form` only groups: its parts are the screen's, with what it fills in and complains of.
function parts(children, context) {
  return children.flatMap((part) => {
    if (part.type !== "Form") return [part];
    context.filled = value(part["init-values"], context) ?? {};
    context.errors = value(part["error-messages"], context) ?? {};
    return parts(part.children, context);
  });
}

// Puts what `${data.…}` and `${form.…}` stand for, and `${screen.….form.…}` of a screen before.
function value(wanted, context) {
  if (typeof wanted === "string") {
    const whole = /^\$\{(?:screen\.(\w+)\.)?(data|form)\.(\w+)\}$/.exec(wanted);
    if (!whole) return wanted;
    const [, before, kind, name] = whole;
    if (before) return open.seen[before]?.[kind][name] ?? "";
    return kind === "data" ? context.data[name] : new FormData(context.fields).get(name) ?? "";
  }
  if (Array.isArray(wanted)) return wanted.map((part) => value(part, context));
  if (wanted && typeof wanted === "object") {
    return Object.fromEntries(Object.entries(wanted).map(([name, part]) => [name, value(part, context)]));
  }
  return wanted;
}

const TEXTS = { TextHeading: "h3", TextSubheading: "h4", TextBody: "p", TextCaption: "small" };

function component(part, context) {
  if (part.visible !== undefined && !value(part.visible, context)) return null;
  if (part.type === "EmbeddedLink") {
    const click = () => perform(part["on-click-action"], context.screen, context);
    return el("button", { type: "button", class: "plain", click }, value(part.text, context));
  }
  if (TEXTS[part.type]) return el(TEXTS[part.type], { dir: "auto" }, value(part.text, context));
  const label = value(part.label, context);
  const filled = context.filled[part.name] ?? "";
  const error = context.errors[part.name];
  const complaint = error ? el("span", { class: "complaint", role: "alert" }, error) : null;
  const common = { name: part.name, "aria-invalid": Boolean(error) };
  if (part.type === "TextInput") {
    const mode = part["input-type"] === "number" ? "decimal" : "text";
    const input = el("input", { ...common, type: "text", inputmode: mode, maxlength: part["max-chars"] ?? 80, value: filled, autocomplete: "off" });
    const help = part["helper-text"] ? el("small", {}, value(part["helper-text"], context)) : null;
    return el("label", { class: "field" }, el("span", {}, label), input, complaint ?? help);
  }
  if (part.type === "Dropdown") {
    const options = value(part["data-source"], context).map(({ id, title }) => el("option", { value: id, selected: id === filled }, title));
    return el("label", { class: "field" }, el("span", {}, label), el("select", common, el("option", { value: "" }, "–"), ...options), complaint);
  }
  if (part.type === "RadioButtonsGroup") {
    const choices = value(part["data-source"], context).map(({ id, title, description }) =>
      el("label", { class: "radio" }, el("input", { ...common, type: "radio", value: id, checked: id === filled }),
        el("span", {}, el("strong", { dir: "auto" }, title), description ? el("small", { dir: "auto" }, description) : null)));
    return el("fieldset", {}, el("legend", {}, label), ...choices, complaint);
  }
  return el("p", { class: "complaint" }, `(${part.type} is not drawn here)`);
}

byId("close-form").addEventListener("click", closeForm);
byId("shade").addEventListener("click", closeForm);
sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") closeForm(); });
keepTab(sheet);
