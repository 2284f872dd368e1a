// One message as a bubble.

import { el, icon } from "./dom.js";
import { isThing, thing } from "./media.js";
import { cards, template } from "./template.js";
import { timeOf, words } from "./words.js";

// `actions` has tap(message, id), open(message), fill(message, label) and react(message, emoji).
export function bubble(message, answered, actions) {
  if (message.tick === "failed") return failed(message);
  const body = el("div", { class: `bubble ${message.mine ? "mine" : "theirs"}`, "data-id": message.id });
  if (answered) body.append(el("p", { class: "quote" }, words(firstLine(answered.shown?.words ?? answered.text) || `(${answered.kind})`)));
  fill(body, message, actions);
  if (!message.mine) body.append(thumb(message, actions));
  if (message.reaction) body.append(el("span", { class: "reaction", role: "img", "aria-label": `Reaction ${message.reaction}` }, message.reaction));
  const classes = `line ${message.mine ? "mine" : "theirs"}${message.reaction ? " reacted" : ""}`;
  return el("div", { class: classes, "data-number": message.number }, body);
}

const THUMB = "\u{1F44D}";

// One emoji is enough to see what a bot makes of a reaction.
function thumb(message, actions) {
  const given = message.reaction === THUMB;
  return el("button", { type: "button", class: "react", "aria-label": given ? "Take the thumb back" : "React with a thumb", "aria-pressed": String(given), click: () => actions.react(message, given ? "" : THUMB) },
    icon("M7 11v9H4v-9zM7 11l4-7a2 2 0 0 1 2 2v4h5a2 2 0 0 1 2 2.3l-1 6a2 2 0 0 1-2 1.7H7"));
}

function fill(body, message, actions) {
  const { kind, content } = message;
  if (kind === "interactive" && !message.mine) return interactive(body, message, actions);
  if (message.shown) return template(body, message.shown, stamp(message), (all) => buttons(message, all, actions));
  if (isThing(kind)) thing(body, kind, content);
  const text = message.text || content?.caption || "";
  if (text) body.append(el("p", { class: "words", dir: "auto" }, words(text)));
  else if (!isThing(kind)) body.append(el("p", { class: "words" }, `(${kind})`));
  const picked = content?.list_reply?.description;
  if (picked) body.append(el("p", { class: "footer" }, picked));
  body.append(stamp(message));
}

function interactive(body, message, actions) {
  const { header, footer, action } = message.content;
  if (header?.type === "text") body.append(el("p", { class: "heading" }, header.text));
  else if (header) thing(body, header.type, header[header.type] ?? {});
  body.append(el("p", { class: "words", dir: "auto" }, words(message.text)));
  if (footer) body.append(el("p", { class: "footer" }, footer.text));
  body.append(stamp(message));
  const asked = REQUESTS[action.name];
  if (action.cards) {
    cards(body, action.cards.map(shownOf), (all) => buttons(message, all, actions));
  } else if (asked) {
    const [label, path] = asked;
    body.append(el("div", { class: "choices" }, choice(message, action.name, label, actions, path)));
  } else if (action.buttons) {
    const choices = action.buttons.map(({ reply }) => choice(message, reply.id, reply.title, actions));
    body.append(el("div", { class: "choices" }, ...choices));
  } else if (action.sections) {
    const open = el("button", { type: "button", class: "choice", "data-open-list": message.id, "aria-haspopup": "dialog", click: () => actions.open(message) },
      icon("M5 7h14M5 12h14M5 17h14"), action.button);
    body.append(el("div", { class: "choices" }, open));
  } else if (action.name === "flow") {
    const label = action.parameters.flow_cta;
    const fill = el("button", { type: "button", class: "choice", "data-open-form": message.id, "aria-haspopup": "dialog", click: () => actions.fill(message, label) },
      icon("M6 4h12v16H6zM9 9h6M9 13h6M9 17h3"), label);
    body.append(el("div", { class: "choices" }, fill));
  } else if (action.parameters) {
    const { url, display_text: label } = action.parameters;
    body.append(el("div", { class: "choices" }, link(url, label)));
  }
}

const PHONE = "M6 4h4l2 5-3 2a11 11 0 0 0 4 4l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 4 6a2 2 0 0 1 2-2z";

// What a request asks for, by the name of its action.
const REQUESTS = {
  send_location: ["Send location", "M12 21s6-6 6-11a6 6 0 0 0-12 0c0 5 6 11 6 11zM12 10h.01"],
  request_contact_info: ["Share phone number", PHONE],
};

// A card as those of templates are shown.
function shownOf({ header, body, action }) {
  const replies = (action.buttons ?? []).map(({ quick_reply: { id, title } }) => ({ label: title, choice: id }));
  const { display_text: label, url } = action.parameters ?? {};
  return { medium: header, words: body?.text, buttons: url ? [{ label, url }] : replies };
}

// Buttons of a template: what a tap brings back, where it leads, or only what it says.
function buttons(message, all, actions) {
  if (!all.length) return null;
  const one = ({ label, choice: id, url, number }) => {
    if (number) return call(number, label);
    if (id) return choice(message, id, label, actions);
    return url ? link(url, label) : el("p", { class: "choice" }, label);
  };
  return el("div", { class: "choices" }, ...all.map(one));
}

function link(url, label) {
  const safe = /^https?:\/\//.test(url) ? url : undefined;
  return el("a", { class: "choice", href: safe, target: "_blank", rel: "noopener noreferrer" }, icon("M9 5h10v10M19 5 8 16"), label);
}

function call(number, label) {
  const digits = number.replace(/[^+\d]/g, "");
  return el("a", { class: "choice", href: `tel:${digits}`, title: number }, icon(PHONE), label);
}

function choice(message, id, title, actions, path = "M10 8 5 13l5 5M5 13h9a5 5 0 0 0 5-5V6") {
  const done = message.tapped !== null;
  const classes = message.tapped === id ? "choice tapped" : "choice";
  return el("button", { type: "button", class: classes, disabled: done, "data-choice-id": id, "aria-pressed": String(message.tapped === id), click: () => actions.tap(message, id) },
    icon(path), title);
}

const TICKS = {
  sent: ["sent", "M7 12.5l4 4 8-9"],
  delivered: ["delivered", "M2.5 12.5l4 4 8-9M11 15.5l1 1 8-9"],
  read: ["read", "M2.5 12.5l4 4 8-9M11 15.5l1 1 8-9"],
};

function stamp(message) {
  const time = el("time", { datetime: new Date(message.at).toISOString() }, timeOf(message.at));
  if (!message.mine) return el("span", { class: "stamp" }, time);
  const [name, path] = TICKS[message.tick];
  const ticks = el("span", { class: `ticks ${name}`, role: "img", "aria-label": name, title: name }, icon(path));
  return el("span", { class: "stamp" }, time, ticks);
}

function failed(message) {
  const note = `Not delivered: Meta refused it with ${message.failure}`;
  const text = el("p", { class: "failed" }, el("strong", {}, note), el("span", {}, firstLine(message.text)));
  return el("div", { class: "line", "data-number": message.number }, text);
}

const firstLine = (text) => {
  const line = text.split("\n").find((part) => part.trim()) ?? "";
  return line.length > 90 ? `${line.slice(0, 90)}…` : line;
};
