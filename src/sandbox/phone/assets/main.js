// Puts the page together and keeps it up to date.

import { get } from "./api.js";
import { currentUser, loadChat, loadUsers, send, sendFile, toEnd, trouble } from "./chat.js";
import { byId, el } from "./dom.js";
import * as panel from "./panel.js";
import { initials } from "./words.js";

const text = byId("text");

byId("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  fit();
  send({ text: words });
});

text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("compose").requestSubmit();
});

function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 120)}px`;
}
text.addEventListener("input", fit);

const KINDS = { voice: "Voice message", picture: "Picture", sticker: "Sticker", document: "Document", location: "Location" };

function showAttachments(open) {
  byId("attachments").hidden = !open;
  byId("attach").setAttribute("aria-expanded", String(open));
}
byId("attachments").append(...Object.entries(KINDS).map(([attachment, label]) =>
  el("button", { type: "button", "data-attachment": attachment, click: () => { showAttachments(false); send({ attachment }); } }, label)));
byId("attachments").append(el("button", { type: "button", id: "choose-file", click: () => byId("file").click() }, "Choose a file"));
byId("file").addEventListener("change", () => {
  const [file] = byId("file").files;
  if (!file) return;
  showAttachments(false);
  const words = text.value.trim();
  text.value = "";
  fit();
  byId("file").value = "";
  sendFile(file, words);
});
byId("attach").addEventListener("click", () => showAttachments(byId("attachments").hidden));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") showAttachments(false); });
byId("to-end").addEventListener("click", toEnd);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") loadChat(); });

// News within a short while is looked at together.
const LOADERS = { users: loadUsers, chat: loadChat, log: panel.loadLog, clock: panel.loadClock, switches: panel.loadSwitches };
const due = new Set();

function look(...what) {
  if (!due.size) setTimeout(refresh, 40);
  for (const one of what) due.add(one);
}

async function refresh() {
  const now = [...due];
  due.clear();
  try {
    for (const one of now) await LOADERS[one]();
  } catch (error) {
    trouble(error);
  }
}

function listen() {
  const news = new EventSource("/sandbox/api/events");
  news.onopen = () => { trouble(null); panel.forgetLog(); look("users", "chat", "log", "clock", "switches"); };
  news.onerror = () => trouble(new Error("The sandbox does not answer. Trying again."));
  news.onmessage = ({ data }) => {
    const { what, user } = JSON.parse(data);
    if (what === "everything") look("users", "chat", "log", "clock", "switches");
    else if (what === "chat") look("users", ...(user === currentUser() ? ["chat"] : []));
    else look(what, ...(what === "clock" ? ["chat"] : []));
  };
}

const about = await get("/about");
byId("business").textContent = about.business;
byId("avatar").textContent = initials(about.business);
document.title = `${about.business}, sandbox phone`;
panel.start(about);
listen();
