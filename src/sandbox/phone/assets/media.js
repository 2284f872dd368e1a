// Pictures, files, sounds, places and cards inside a bubble.

import { el, icon } from "./dom.js";

const THINGS = {
  audio: ["Voice message", "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4zM7 11.5a5 5 0 0 0 10 0M12 16.5V20"],
  sticker: ["Sticker", "M5 5h14v9l-5 5H5zM14 19v-5h5M9 10h.01M14 10h.01M9 13c1 1.3 3 1.3 4 0"],
  image: ["Picture", "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01"],
  video: ["Video", "M4 6h11v12H4zM15 10l5-3v10l-5-3"],
  document: ["Document", "M6 3h8l4 4v14H6zM14 3v4h4"],
  location: ["Location", "M12 21s6-6 6-11a6 6 0 0 0-12 0c0 5 6 11 6 11zM12 10h.01"],
  contacts: ["Contact", "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20a7 7 0 0 1 14 0"],
};

export const isThing = (kind) => kind in THINGS;

export function thing(body, kind, content) {
  const where = address(content);
  if (where && isKept(content) && (kind === "image" || kind === "sticker")) return body.append(picture(kind, where, content.caption));
  if (where && isKept(content) && kind === "audio") return body.append(el("audio", { class: "sound", controls: true, preload: "none", src: where }));
  if (where && isKept(content) && kind === "video") return body.append(el("video", { class: "picture", controls: true, preload: "metadata", src: where }));
  const [name, path] = THINGS[kind] ?? [kind, ""];
  const inside = [icon(path), el("span", { class: "named" }, el("span", {}, labelOf(kind, content) ?? name), noteOf(kind, content))];
  body.append(where
    ? el("a", { class: `thing ${kind}`, href: where, target: "_blank", rel: "noopener noreferrer", "data-open": kind }, ...inside)
    : el("p", { class: `thing ${kind}` }, ...inside));
}

function picture(kind, where, caption) {
  const shown = el("img", { src: where, alt: caption ?? THINGS[kind][0], loading: "lazy" });
  shown.addEventListener("error", () => shown.replaceWith(el("span", { class: "gone" }, "This picture is no longer kept")));
  return el("a", { class: `picture ${kind}`, href: where, target: "_blank", rel: "noopener noreferrer", "data-open": kind }, shown);
}

// This page shows nothing from elsewhere: what is behind a link is opened, not drawn.
const isKept = (content) => Boolean(content?.id);

// Where the file is: with the sandbox, or behind a link of the business.
function address(content) {
  if (content?.id) return `/sandbox/api/media/${encodeURIComponent(content.id)}`;
  return /^https?:\/\//.test(content?.link ?? "") ? content.link : null;
}

function labelOf(kind, content) {
  if (kind === "contacts") return content?.[0]?.name?.formatted_name;
  return content?.filename || content?.name;
}

function noteOf(kind, content) {
  if (kind === "location") return el("small", {}, `${content.latitude}, ${content.longitude}`);
  if (kind === "contacts") return el("small", {}, content?.[0]?.phones?.[0]?.phone ?? "");
  const ending = /\.([a-z0-9]{1,5})$/i.exec(content?.filename ?? "");
  return kind === "document" ? el("small", {}, ending ? `${ending[1].toUpperCase()}, tap to open` : "Tap to open") : null;
}
