// A template as it was approved, with what was filled in; cards stand below it, side by side.

import { el } from "./dom.js";
import { thing } from "./media.js";
import { words } from "./words.js";

// `buttons` makes the element with some buttons, or nothing if there are none.
export function template(body, shown, stamp, buttons) {
  body.append(el("p", { class: "label" }, "Template"));
  part(body, shown);
  body.append(stamp);
  append(body, buttons(shown.buttons));
  cards(body, shown.cards, buttons);
}

// Cards side by side.
export function cards(body, all, buttons) {
  if (!all.length) return;
  const shown = all.map((card) => {
    const whole = el("article", { class: "card" });
    part(whole, card);
    append(whole, buttons(card.buttons));
    return whole;
  });
  body.append(el("div", { class: "cards", role: "region", tabindex: "0", "aria-label": `${shown.length} cards, side by side` }, ...shown));
}

function part(place, { medium, heading, words: text, footer }) {
  if (medium) thing(place, medium.type, medium[medium.type]);
  if (heading) place.append(el("p", { class: "heading" }, heading));
  if (text) place.append(el("p", { class: "words", dir: "auto" }, words(text)));
  if (footer) place.append(el("p", { class: "footer" }, footer));
}

function append(place, element) {
  if (element) place.append(element);
}
