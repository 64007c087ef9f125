// Telegram's message entities as elements. Offsets are UTF-16 units, as JavaScript counts.

import { copy, h, icon } from "./dom.js";
import { formatted } from "./figures.js";
import { say } from "./words.js";
import { here } from "./world.js";

/** The nodes for `text` with its `entities`; `onCommand` runs when a bot command is clicked. */
export function rendered(text, entities, onCommand) {
  const ordered = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nodes(text, 0, text.length, ordered, onCommand);
}

function nodes(text, start, end, entities, onCommand) {
  const made = [];
  let place = start;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    if (entity.offset < place || entity.offset >= end) continue;
    const entityEnd = Math.min(entity.offset + entity.length, end);
    if (entity.offset > place) made.push(text.slice(place, entity.offset));
    const inner = entities.slice(i + 1).filter((e) => e.offset < entityEnd && e.offset >= entity.offset);
    const children = nodes(text, entity.offset, entityEnd, inner, onCommand);
    made.push(element(entity, text.slice(entity.offset, entityEnd), children, onCommand));
    place = entityEnd;
  }
  if (place < end) made.push(text.slice(place, end));
  return made;
}

function element(entity, plain, children, onCommand) {
  switch (entity.type) {
    case "bold": return h("strong", {}, children);
    case "italic": return h("em", {}, children);
    case "underline": return h("u", {}, children);
    case "strikethrough": return h("s", {}, children);
    case "code": return copying("code", plain, children);
    case "pre": return h("pre", { class: "pre" }, copying("code", plain, children));
    case "spoiler": return h("button", { type: "button", class: "spoiler", onclick: (e) => e.currentTarget.classList.add("shown") }, children);
    case "text_link": return link(entity.url, children);
    case "url": return link(/^[a-z]+:/i.test(plain) ? plain : `https://${plain}`, children);
    case "email": return link(`mailto:${plain}`, children);
    case "phone_number": return link(`tel:${plain}`, children);
    case "bot_command": return h("button", { type: "button", class: "link", onclick: () => onCommand(plain) }, children);
    case "mention": case "hashtag": case "cashtag": case "text_mention": return h("span", { class: "link" }, children);
    case "blockquote": return h("blockquote", {}, children);
    case "expandable_blockquote": return expandable(children);
    case "date_time": return moment(entity, plain);
    default: return h("span", {}, children);
  }
}

function copying(tag, plain, children) {
  const run = () => copy(plain);
  return h(tag, {
    class: "tap", role: "button", tabindex: "0", title: say("copied").replace(/^Copied$/, "Copy"), onclick: run,
    onkeydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); run(); } },
  }, children);
}

function link(url, children) {
  const href = here(url);
  return h("a", { href, ...(href.startsWith("/") ? {} : { target: "_blank", rel: "noopener noreferrer" }) }, children);
}

function expandable(children) {
  const quote = h("blockquote", { class: "expandable" }, h("span", { class: "quoted" }, children));
  const toggle = h("button", { type: "button", class: "unfold", "aria-expanded": "false", "aria-label": say("chat.expand") }, icon("down"));
  toggle.addEventListener("click", () => {
    const open = quote.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
  });
  quote.append(toggle);
  return quote;
}

function moment(entity, plain) {
  const ms = entity.unix_time * 1000;
  return h("time", {
    class: "moment", datetime: new Date(ms).toISOString(), title: plain,
    data: { unix: String(entity.unix_time), format: entity.date_time_format || "", plain },
  }, formatted(ms, entity.date_time_format, plain));
}

/** Bring every visible relative time up to now; called once a second. */
export function tick(root = document) {
  for (const el of root.querySelectorAll("time.moment")) {
    const text = formatted(Number(el.dataset.unix) * 1000, el.dataset.format, el.dataset.plain);
    if (el.textContent !== text) el.textContent = text;
  }
}
