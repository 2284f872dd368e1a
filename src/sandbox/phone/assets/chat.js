// The open chat, and whose phone it is.

import { get, post, upload } from "./api.js";
import { bubble } from "./bubble.js";
import { byId, el, keepTab } from "./dom.js";
import { openForm } from "./form.js";
import { dayOf, initials } from "./words.js";

const messages = byId("messages");
const drawn = new Map();
let users = [];
let current = null;
let typingEnds = 0;

export const currentUser = () => current;

export async function loadUsers() {
  users = await get("/users");
  const remembered = location.hash.slice(1);
  current ??= users.find((user) => user.key === remembered)?.key ?? users[0]?.key ?? null;
  drawUsers();
}

function drawUsers() {
  const buttons = users.map((user) => {
    const mine = user.key === current;
    const badge = user.unread && !mine
      ? el("span", { class: "badge", "aria-label": `${user.unread} unread` }, String(user.unread)) : null;
    return el("button", { type: "button", "data-user": user.key, "aria-pressed": String(mine), title: user.about, click: () => choose(user.key) },
      el("span", { class: "face", "aria-hidden": "true" }, initials(user.name)), el("span", { class: "name" }, user.name), badge);
  });
  const focused = document.activeElement?.dataset?.user;
  byId("personas").replaceChildren(...buttons);
  document.querySelector("#personas [aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (focused) document.querySelector(`#personas [data-user="${CSS.escape(focused)}"]`)?.focus();
}

// What is typed and not sent stays with the persona it was typed for.
const box = byId("text");
const drafts = new Map();

function write(words) {
  box.value = words;
  box.dispatchEvent(new Event("input"));
}

function giveBack(user, words) {
  const since = user === current ? box.value : drafts.get(user);
  const all = [words, since].filter(Boolean).join("\n");
  if (user === current) write(all);
  else drafts.set(user, all);
}

export async function choose(key) {
  drafts.set(current, box.value);
  current = key;
  write(drafts.get(key) ?? "");
  history.replaceState(null, "", `#${key}`);
  drawn.clear();
  messages.replaceChildren();
  drawUsers();
  await loadChat();
  box.focus({ preventScroll: true });
}

export async function loadChat() {
  if (!current) return;
  const asked = current;
  const chat = await get(`/chats/${encodeURIComponent(asked)}`);
  if (asked !== current) return;
  draw(chat);
  if (chat.user.unread && document.visibilityState === "visible") await post("/read", { user: asked });
}

function draw(chat) {
  const atEnd = isAtEnd();
  const before = drawn.size;
  const known = new Map(chat.messages.map((message) => [message.id, message]));
  const lines = [aside("note", about(chat.user))];
  let day = null;
  for (const message of chat.messages) {
    const today = dayOf(message.at);
    if (today !== day) lines.push(aside("day", today));
    day = today;
    lines.push(line(message, known.get(message.reply_to)));
  }
  if (chat.typing_ms) lines.push(dots());
  // Lines that did not change keep their node, and with it the focus.
  patch(lines);
  showTyping(chat.typing_ms);
  showWindow(chat.window_ends);
  if (atEnd || before === 0) toEnd();
  else byId("to-end").hidden = isAtEnd();
}

function line(message, answered) {
  // How far a bot's message got is not shown: a button must not go while it is tapped.
  const shown = message.mine || message.tick === "failed" ? message : { ...message, tick: null };
  const text = JSON.stringify(shown);
  const old = drawn.get(message.number);
  if (old?.text === text) return old.node;
  const node = bubble(message, answered, { tap, open, fill, react });
  keepPlace(old?.node, node);
  drawn.set(message.number, { text, node });
  return node;
}

// Cards that are drawn anew, because one was tapped, stay where they were pushed to.
function keepPlace(before, after) {
  const left = before?.querySelector(".cards")?.scrollLeft;
  if (left) requestAnimationFrame(() => { after.querySelector(".cards").scrollLeft = left; });
}

function patch(lines) {
  const wanted = new Set(lines);
  for (const node of [...messages.childNodes]) if (!wanted.has(node)) node.remove();
  lines.forEach((node, place) => {
    if (messages.childNodes[place] !== node) messages.insertBefore(node, messages.childNodes[place] ?? null);
  });
}

// What is no message. It keeps its node: a log that gets a new one is read out again.
function aside(kind, words) {
  const key = `${kind} ${words}`;
  const node = drawn.get(key)?.node ?? el("p", { class: kind }, el("span", {}, words));
  drawn.set(key, { node });
  return node;
}

function about(user) {
  const who = user.phone ? `+${user.phone}` : user.user_id;
  return `This is the phone of ${user.name}, ${who}. ${user.about ? `${user.about}.` : ""}`;
}

function dots() {
  const three = [1, 2, 3].map(() => el("i", {}));
  return el("div", { class: "line theirs" }, el("div", { class: "bubble theirs dots", role: "img", "aria-label": "typing" }, ...three));
}

function showTyping(ms) {
  byId("presence").textContent = ms ? "typing…" : "Business account";
  clearTimeout(typingEnds);
  if (ms) typingEnds = setTimeout(loadChat, ms + 50);
}

function showWindow(ends) {
  const text = ends === null
    ? "This person has not written yet: only templates reach them."
    : `Free-form replies reach this person until ${dayOf(ends)}, ${new Date(ends).toLocaleTimeString("en-IN", { timeZone: "Asia/Kolkata", hour: "2-digit", minute: "2-digit", hour12: false })}.`;
  byId("window").textContent = text;
}

const isAtEnd = () => messages.scrollHeight - messages.scrollTop - messages.clientHeight < 60;

export function toEnd() {
  messages.scrollTop = messages.scrollHeight;
  byId("to-end").hidden = true;
}

// A keyboard or a drawer takes room from below: who read the end goes on reading it.
let following = true;
messages.addEventListener("scroll", () => { byId("to-end").hidden = following = isAtEnd(); }, { passive: true });
// A picture that arrives after its bubble takes room, too. Its event does not bubble up.
messages.addEventListener("load", () => { if (following) toEnd(); }, true);
new ResizeObserver(() => { if (following) toEnd(); }).observe(messages);

export function trouble(error) {
  const place = byId("trouble");
  place.textContent = error ? error.message : "";
  place.hidden = !error;
}

export async function act(doing) {
  try {
    trouble(null);
    await doing();
    return true;
  } catch (error) {
    trouble(error);
    return false;
  }
}

// Sends, and gives back the words that did not go.
async function deliver(words, posting) {
  const user = current;
  if (await act(posting)) await act(async () => { await loadChat(); toEnd(); });
  else giveBack(user, words);
}

export const send = (what) => deliver(what.text, () => post("/send", { user: current, ...what }));

const tap = (message, id) => act(async () => {
  await post("/tap", { user: current, message: message.id, id });
  await loadChat();
  toEnd();
});

const fill = (message, label) => act(() => openForm(current, message.id, label, async () => {
  await loadChat();
  toEnd();
}));

const react = (message, emoji) => act(async () => {
  await post("/react", { user: current, message: message.id, emoji });
  await loadChat();
});

export const sendFile = (file, caption) => deliver(caption, () => upload("/files", { user: current, name: file.name, caption }, file));

// The sheet with the rows of a list.
let opener = null;

function open(message) {
  const { button, sections } = message.content.action;
  opener = document.activeElement;
  byId("sheet-title").textContent = button;
  const parts = sections.map(({ title, rows }) => el("section", {},
    title ? el("h3", {}, title) : null,
    ...rows.map((row) => el("button", { type: "button", class: "pick", "data-choice-id": row.id, click: () => { closeSheet(); tap(message, row.id); } },
      el("strong", {}, row.title), row.description ? el("span", {}, row.description) : null))));
  byId("rows").replaceChildren(...parts);
  byId("shade").hidden = false;
  byId("sheet").hidden = false;
  byId("rows").querySelector("button")?.focus();
}

export function closeSheet() {
  byId("sheet").hidden = true;
  byId("shade").hidden = true;
  if (opener?.isConnected) opener.focus({ preventScroll: true });
}

byId("close-sheet").addEventListener("click", closeSheet);
byId("shade").addEventListener("click", closeSheet);
byId("sheet").addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeSheet();
});
keepTab(byId("sheet"));
