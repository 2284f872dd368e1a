// One message as a bubble.

import { el, icon } from "./dom.js";
import { timeOf, words } from "./words.js";

const THINGS = {
  audio: ["Voice message", "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM7 11.5a5 5 0 0 0 10 0M12 16.5V20"],
  sticker: ["Sticker", "M5 5h14v9l-5 5H5zM14 19v-5h5M9 10h.01M14 10h.01M9 13c1 1.3 3 1.3 4 0"],
  image: ["Picture", "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01"],
  video: ["Video", "M4 6h11v12H4zM15 10l5-3v10l-5-3"],
  document: ["Document", "M6 3h8l4 4v14H6zM14 3v4h4"],
  location: ["Location", "M12 21s6-6 6-11a6 6 0 0 0-12 0c0 5 6 11 6 11zM12 10h.01"],
};

// `actions` has tap(message, id) and open(message).
export function bubble(message, answered, actions) {
  if (message.tick === "failed") return failed(message);
  const body = el("div", { class: `bubble ${message.mine ? "mine" : "theirs"}`, "data-id": message.id });
  if (answered && message.mine) body.append(el("p", { class: "quote" }, words(firstLine(answered.text))));
  fill(body, message, actions);
  return el("div", { class: `line ${message.mine ? "mine" : "theirs"}`, "data-number": message.number }, body);
}

function fill(body, message, actions) {
  const { kind, content } = message;
  if (kind === "interactive" && !message.mine) return interactive(body, message, actions);
  if (THINGS[kind]) thing(body, kind, content);
  if (kind === "template") body.append(el("p", { class: "label" }, "Template"));
  const text = message.text || content?.caption || "";
  if (text) body.append(el("p", { class: "words", dir: "auto" }, words(text)));
  else if (!THINGS[kind]) body.append(el("p", { class: "words" }, `(${kind})`));
  const picked = content?.list_reply?.description;
  if (picked) body.append(el("p", { class: "footer" }, picked));
  body.append(stamp(message));
  if (kind === "template") quickReplies(body, message, actions);
}

function interactive(body, message, actions) {
  const { header, footer, action } = message.content;
  if (header?.type === "text") body.append(el("p", { class: "heading" }, header.text));
  else if (header) thing(body, header.type, header[header.type] ?? {});
  body.append(el("p", { class: "words", dir: "auto" }, words(message.text)));
  if (footer) body.append(el("p", { class: "footer" }, footer.text));
  body.append(stamp(message));
  if (action.buttons) {
    const choices = action.buttons.map(({ reply }) => choice(message, reply.id, reply.title, actions));
    body.append(el("div", { class: "choices" }, ...choices));
  } else if (action.sections) {
    const open = el("button", { type: "button", class: "choice", "data-open-list": message.id, "aria-haspopup": "dialog", click: () => actions.open(message) },
      icon("M5 7h14M5 12h14M5 17h14"), action.button);
    body.append(el("div", { class: "choices" }, open));
  } else if (action.parameters) {
    const { url, display_text: label } = action.parameters;
    const safe = /^https?:\/\//.test(url) ? url : undefined;
    body.append(el("div", { class: "choices" },
      el("a", { class: "choice", href: safe, target: "_blank", rel: "noopener noreferrer" }, icon("M9 5h10v10M19 5 8 16"), label)));
  }
}

function quickReplies(body, message, actions) {
  const components = message.content.components ?? [];
  const payloads = components
    .filter((component) => component.sub_type === "quick_reply")
    .map((component) => component.parameters?.[0]?.payload)
    .filter(Boolean);
  if (payloads.length) body.append(el("div", { class: "choices" }, ...payloads.map((p) => choice(message, p, p, actions))));
}

function choice(message, id, title, actions) {
  const done = message.tapped !== null;
  const classes = message.tapped === id ? "choice tapped" : "choice";
  return el("button", { type: "button", class: classes, disabled: done, "data-choice-id": id, "aria-pressed": String(message.tapped === id), click: () => actions.tap(message, id) },
    icon("M10 8 5 13l5 5M5 13h9a5 5 0 0 0 5-5V6"), title);
}

function thing(body, kind, content) {
  const [name, path] = THINGS[kind] ?? [kind, ""];
  const label = content.filename ?? content.name ?? name;
  const inside = [icon(path), el("span", {}, label)];
  const link = /^https?:\/\//.test(content.link ?? "") ? content.link : null;
  body.append(link
    ? el("a", { class: `thing ${kind}`, href: link, target: "_blank", rel: "noopener noreferrer" }, ...inside)
    : el("p", { class: `thing ${kind}` }, ...inside));
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
