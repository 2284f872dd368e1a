// Words, times and names as the chat app writes them. India has one time zone.

const MARK = /```([^`]+)```|(?<![\p{L}\p{M}\p{N}])([*_~])(?=\S)([^\n]*?\S)\2(?![\p{L}\p{N}])|https?:\/\/[^\s<>"]+/gu;
const TAGS = { "*": "strong", _: "em", "~": "s" };

// Turns *bold*, _italic_, ~struck~, ```typed``` and links into nodes.
export function words(text) {
  const nodes = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(MARK)) {
    nodes.append(text.slice(end, match.index));
    nodes.append(marked(match));
    end = match.index + match[0].length;
  }
  nodes.append(text.slice(end));
  return nodes;
}

function marked([whole, typed, mark, inner]) {
  if (typed) {
    const code = document.createElement("code");
    code.append(typed);
    return code;
  }
  if (mark) {
    const element = document.createElement(TAGS[mark]);
    element.append(words(inner));
    return element;
  }
  const link = document.createElement("a");
  link.href = whole;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.append(whole);
  return link;
}

const zone = { timeZone: "Asia/Kolkata" };
const clock = new Intl.DateTimeFormat("en-IN", { ...zone, hour: "2-digit", minute: "2-digit", hour12: false });
const second = new Intl.DateTimeFormat("en-IN", { ...zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const date = new Intl.DateTimeFormat("en-IN", { ...zone, weekday: "long", day: "numeric", month: "long", year: "numeric" });

export const timeOf = (ms) => clock.format(ms);
export const secondOf = (ms) => second.format(ms);
export const dayOf = (ms) => date.format(ms);

// First letters of the first two words; a Devanagari letter keeps its signs.
export function initials(name) {
  const letters = new Intl.Segmenter("en", { granularity: "grapheme" });
  const first = (word) => letters.segment(word)[Symbol.iterator]().next().value?.segment ?? "";
  return name.split(/\s+/).slice(0, 2).map(first).join("").toUpperCase();
}
