// The chat: bubbles, keyboards, composer. Behaves like Telegram's own client where it matters.

import { post } from "./api.js";
import { alertBox, clipboard, copy, failed, h, icon, pasted, shorten, toast, write } from "./dom.js";
import { rendered } from "./entities.js";
import { clockTime, day, now, sameDay } from "./figures.js";
import { say } from "./words.js";
import { chat, choosePersona, choosePlace, emit, group, groupsOf, here, isMuted, markRead, messagesOf, on, textOf, unread, unreadIn, user, world } from "./world.js";

const LARGEST_PICTURE = 5_000_000;

let log, composer, field, suggestions, commandsShown, edited, startBar, editing, downButton, pasteButton, status, head, menu, places, attach;
let drawn = new Map(); // message id -> { el, message, last }
let drawnFor = null; // whose chat, as `draftKey` names it
const waiting = new Map(); // callback query id -> the pressed button
const drafts = new Map(); // draftKey -> text
const draftKey = () => `${world.persona}@${world.place}`;

export function buildChat(room) {
  places = h("div", { class: "places", role: "tablist", "aria-label": say("chat.places") });
  head = h("header", { class: "chat-head" });
  log = h("div", { class: "log", role: "log", "aria-label": say("chat.log"), "aria-live": "polite", tabindex: "-1" });
  log.addEventListener("scroll", scrolled, { passive: true });
  for (const gesture of ["wheel", "touchmove", "pointerdown"]) log.addEventListener(gesture, () => { gliding = 0; }, { passive: true });
  downButton = h("button", { type: "button", class: "down", hidden: true, "aria-label": say("chat.down"), onclick: () => toBottom(true) }, icon("down"));
  suggestions = h("ul", { class: "suggestions", id: "suggestions", role: "listbox", hidden: true, "aria-label": say("chat.commands") });
  composer = buildComposer();
  startBar = h("button", { type: "button", class: "start", hidden: true });
  room.append(places, head, h("div", { class: "log-frame" }, log, downButton, suggestions), composer, startBar);

  document.addEventListener("copied", showPaste);
  on("persona", redraw);
  on("place", redraw);
  on("language", redraw);
  on("state", () => { drawPlaces(); drawHead(); drawPersonas(); drawBars(); });
  on("read", () => { drawPersonas(); drawPlaces(); });
  on("typing", drawHead);
  on("online", drawHead);
  on("chat", ({ message, isNew }) => {
    if (message.chat_id === world.place) {
      const stay = following || (isNew && isOwn(message));
      draw();
      if (stay) toBottom(isNew);
      seen();
      drawHead();
      drawBars();
    }
    drawPersonas();
    drawPlaces();
  });
  on("answer", (answer) => {
    const button = waiting.get(answer.query_id);
    waiting.delete(answer.query_id);
    button?.classList.remove("waiting");
    if (answer.user_id !== world.persona || !answer.text) return;
    if (answer.show_alert) alertBox(answer.text);
    else toast(answer.text);
  });
  document.addEventListener("visibilitychange", seen);
}

// ---- who is talking ----

export function drawPersonas() {
  const bar = document.getElementById("personas");
  const made = world.state.users.map((person, place) => {
    const count = person.id === world.persona ? 0 : unread(person.id);
    const role = say(`persona.${person.role}`, { letter: person.letter });
    return h("button", {
      type: "button", role: "tab", class: `persona tint-${place}`, "aria-selected": String(person.id === world.persona), "aria-controls": "chat",
      tabindex: person.id === world.persona ? "0" : "-1", data: { user: String(person.id) },
      onclick: () => { choosePersona(person.id); document.querySelector(`.persona[data-user="${person.id}"]`).focus(); },
      onkeydown: (e) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
        if (!step) return;
        const { users } = world.state;
        const next = users[(place + step + users.length) % users.length];
        choosePersona(next.id);
        document.querySelector(`.persona[data-user="${next.id}"]`).focus();
      },
    },
    h("span", { class: "avatar", "aria-hidden": "true" }, initial(person.first_name)),
    h("span", { class: "who" }, h("b", {}, person.first_name), h("small", {}, role)),
    count ? h("b", { class: "badge", "aria-label": say("persona.unread", { n: count }) }, String(count)) : null);
  });
  const focused = document.activeElement?.dataset?.user;
  bar.replaceChildren(...made);
  if (focused && document.activeElement === document.body) bar.querySelector(`[data-user="${focused}"]`)?.focus();
}

const initial = (name) => [...name][0];

/** The chats of the persona: their own with the bot, and their groups. */
function drawPlaces() {
  const focused = places.contains(document.activeElement) ? document.activeElement.dataset.chat : null;
  const own = { id: world.persona, title: world.state.bot.first_name };
  const all = [own, ...groupsOf()];
  places.setAttribute("aria-label", say("chat.places"));
  places.replaceChildren(...all.map((each, at) => {
    const shown = each.id === world.place;
    const count = shown ? 0 : unreadIn(each.id);
    return h("button", {
      type: "button", role: "tab", class: "place", "aria-selected": String(shown), "aria-controls": "chat", tabindex: shown ? "0" : "-1",
      data: { chat: String(each.id) },
      onclick: () => choosePlace(each.id),
      onkeydown: (e) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
        if (!step) return;
        const next = all[(at + step + all.length) % all.length].id;
        choosePlace(next);
        places.querySelector(`[data-chat="${next}"]`).focus();
      },
    }, at ? icon("people") : icon("bolt"), h("span", {}, at ? nameOfGroup(each) : each.title),
    count ? h("b", { class: `badge ${at && isMuted(each) ? "muted" : ""}`, "aria-label": say("persona.unread", { n: count }) }, String(count)) : null);
  }));
  if (focused) places.querySelector(`[data-chat="${focused}"]`)?.focus();
}

const nameOfGroup = (each) => say(`group.${each.purpose}`);
const isOwn = (message) => message.from === "user" && message.user_id === world.persona;

function drawHead() {
  const { app, bot } = world.state;
  const typing = Date.now() - (chat().typing || 0) < 5000;
  const down = !["running", "absent"].includes(app.state);
  if (!status) {
    status = h("span", { class: "status" });
    menu = buildMenu();
    head.append(
      h("img", { src: "bolt.svg", alt: "", class: "bot-avatar", width: "40", height: "40" }),
      h("span", { class: "avatar group-avatar", "aria-hidden": "true" }, icon("people")),
      h("div", { class: "bot-name" }, h("b", {}), status),
      menu,
    );
  }
  const here = group();
  const out = here && !here.has_bot;
  head.classList.toggle("of-group", Boolean(here));
  write(head.querySelector("b"), here ? nameOfGroup(here) : bot.first_name);
  // Telegram counts the bot, too.
  const calm = here ? `${say("group.members", { n: here.members.length + here.has_bot })} · ${say(`group.${here.type}`)}` : `@${bot.username} · ${say("chat.bot")}`;
  write(status, typing ? say("chat.bot.typing") : down ? say("chat.bot.down") : out ? say("group.out") : calm);
  status.classList.toggle("down-status", (down || Boolean(out)) && !typing);
  clearTimeout(drawHead.timer);
  if (typing) drawHead.timer = setTimeout(drawHead, 5200);
}

function buildMenu() {
  const list = h("div", { class: "menu-list", role: "menu", hidden: true });
  const button = h("button", {
    type: "button", class: "icon-button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": say("chat.more"),
    onclick: () => {
      list.replaceChildren(...choices().map(([words, bad, act]) => h("button", {
        type: "button", role: "menuitem", class: bad ? "bad" : "", onclick: () => { close(); act(); },
      }, words)));
      list.hidden = !list.hidden;
      button.setAttribute("aria-expanded", String(!list.hidden));
      if (!list.hidden) list.firstChild.focus();
    },
  }, icon("more"));
  const close = () => { list.hidden = true; button.setAttribute("aria-expanded", "false"); };
  const box = h("div", { class: "menu" }, button, list);
  box.addEventListener("keydown", (e) => { if (e.key === "Escape") { close(); button.focus(); } });
  box.addEventListener("focusout", (e) => { if (!box.contains(e.relatedTarget)) close(); });
  return box;
}

/** What the menu offers: [words, whether it takes something away, what it does]. */
function choices() {
  const here = group();
  if (!here) {
    const { blocked } = user();
    return [[blocked ? say("chat.unblock") : say("chat.block"), !blocked, () => block(!blocked)]];
  }
  const change = (action) => async () => {
    try { await post(`/groups/${here.id}`, { user_id: world.persona, action }); } catch (error) { failed(error); }
  };
  const found = [here.has_bot ? [say("group.remove"), true, change("remove_bot")] : [say("group.add"), false, change("add_bot")]];
  if (here.type === "group") found.unshift([say("group.upgrade"), false, change("upgrade")]);
  return found;
}

async function block(blocked) {
  try { await post(`/chats/${world.persona}/block`, { blocked }); } catch (error) { failed(error); }
}

// ---- the messages ----

function redraw() {
  if (drawnFor !== null && field) drafts.set(drawnFor, field.value);
  if (drawnFor !== draftKey() && edited) leaveEditing();
  drawnFor = draftKey();
  log.setAttribute("aria-label", say("chat.log"));
  drawn = new Map();
  log.replaceChildren();
  field.value = drafts.get(drawnFor) || "";
  field.placeholder = say("chat.write");
  field.setAttribute("aria-label", say("chat.write"));
  resize();
  drawPlaces();
  drawHead();
  drawPersonas();
  draw();
  drawBars();
  showPaste();
  toBottom(false);
  seen();
}

/** Bring the bubbles up to the messages: only what changed is made anew. */
function draw() {
  const messages = messagesOf();
  const wanted = new Set(messages.map((m) => m.message_id));
  for (const [id, { el }] of drawn) if (!wanted.has(id)) { el.remove(); drawn.delete(id); }
  for (const old of log.querySelectorAll(".day, .empty")) old.remove();
  if (!messages.length) {
    const here = group();
    if (here) {
      log.append(h("div", { class: "empty" }, h("b", {}, say("chat.empty")), h("span", {}, say(`group.${here.purpose}.hint`))));
      return;
    }
    log.append(h("div", { class: "empty" },
      h("img", { src: "bolt.svg", alt: "", width: "72", height: "72" }),
      h("b", {}, user().bot_description ? say("chat.what") : say("chat.empty")),
      h("span", {}, user().bot_description || say("chat.empty.hint"))));
    return;
  }
  let before = null;
  let place = null; // the element that the next one follows
  for (const [index, message] of messages.entries()) {
    if (!before || !sameDay(before.date * 1000, message.date * 1000)) {
      const stamp = h("div", { class: "day" }, h("span", {}, dayName(message.date * 1000)));
      place ? place.after(stamp) : log.prepend(stamp);
      place = stamp;
    }
    const next = messages[index + 1];
    const last = !next || !sameSender(message, next) || next.date - message.date > 300;
    const first = !before || !sameSender(before, message);
    const known = drawn.get(message.message_id);
    let el;
    if (known && known.message === message && known.last === last && known.first === first) el = known.el;
    else {
      el = message.service ? happening(message) : bubble(message, last, first);
      if (known) {
        el.classList.add("again");
        const focus = known.el.contains(document.activeElement) ? buttonPath(document.activeElement) : null;
        known.el.replaceWith(el);
        if (focus) el.querySelector(focus)?.focus({ preventScroll: true });
      } else if (drawn.size && message === messages.at(-1)) el.classList.add("fresh");
      drawn.set(message.message_id, { el, message, last, first });
    }
    const follows = place ? place.nextSibling : log.firstChild;
    if (follows !== el) place ? place.after(el) : log.prepend(el);
    place = el;
    before = message;
  }
}

const sameSender = (one, other) => one.from === other.from && one.user_id === other.user_id && !one.service && !other.service;

/** What became of the group, in the middle of the chat. */
function happening(message) {
  const words = "migrate_from_chat_id" in message.service ? say("group.upgraded", { id: message.chat_id }) : "";
  return h("div", { class: "note", data: { message: String(message.message_id) } }, h("span", {}, words));
}

/** Who wrote it, where that is not plain: over the first of their messages in a group. */
function sender(message) {
  const person = world.state.users.findIndex((u) => u.id === message.user_id);
  const bot = message.from === "bot";
  return h("b", { class: `sender ${bot ? "" : `tint-${person}`}` }, bot ? world.state.bot.first_name : world.state.users[person].first_name);
}

function buttonPath(el) { return el.dataset.spot ? `[data-spot="${el.dataset.spot}"]` : null; }

function dayName(ms) {
  if (sameDay(ms, now())) return say("chat.today");
  if (sameDay(ms, now() - 86400_000)) return say("chat.yesterday");
  return day(ms);
}

function bubble(message, last, first) {
  const own = isOwn(message);
  const text = textOf(message) ? h("div", { class: "text" }, rendered(textOf(message), message.entities, sendText)) : null;
  const meta = h("span", { class: "meta" },
    message.edit_date ? h("span", {}, say("chat.edited")) : null,
    h("time", { datetime: new Date(message.date * 1000).toISOString() }, clockTime(message.date * 1000)),
    own ? h("span", { class: "mark", role: "img", "aria-label": message.delivered ? say("chat.read") : say("chat.sent") }, icon(message.delivered ? "checks" : "check", "checks")) : null);
  const photo = message.photo_url ? picture(message) : null;
  if (text) text.append(h("span", { class: "meta-space", "aria-hidden": "true" }, meta.cloneNode(true)));
  const file = message.document_url ? attachment(message) : null;
  const body = h("div", { class: `bubble ${own ? "own" : "theirs"} ${last && !message.keyboard?.length ? "tail" : ""} ${photo ? "with-photo" : ""} ${text ? "" : "no-text"}` }, group() && !own && first ? sender(message) : null, photo, file, text, meta);
  if (own) body.append(actions(message));
  return h("article", { class: `message ${own ? "from-user" : "from-bot"} ${last ? "last" : ""}`, data: { message: String(message.message_id) } },
    h("div", { class: "column" }, body, message.keyboard?.length ? keyboard(message) : null));
}

/** A document: a link that takes it home. */
function attachment(message) {
  return h("a", { class: "file", href: here(message.document_url), download: message.document_name || "" }, message.document_name || say("chat.file"));
}

function picture(message) {
  const image = h("img", { src: here(message.photo_url), alt: say("chat.photo"), width: String(message.photo_width || 320), height: String(message.photo_height || 320), loading: "eager" });
  image.addEventListener("load", () => {
    image.parentElement.style.background = edgeColour(image);
    if (following) toBottom(false); // the picture may have taken more room than was kept for it
  });
  const square = (message.photo_height || 1) >= (message.photo_width || 1) * 0.9;
  return h("button", {
    type: "button", class: `photo ${square ? "square" : ""}`, "aria-label": say("chat.photo"),
    onclick: () => {
      const box = document.getElementById("picture");
      box.replaceChildren(h("button", { type: "button", "aria-label": say("break.close"), onclick: () => box.close() }, h("img", { src: here(message.photo_url), alt: say("chat.photo") })));
      box.showModal();
    },
  }, image);
}

/** The colour of a picture's corner: what to fill the room beside it with. */
function edgeColour(image) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0, 1, 1, 0, 0, 1, 1);
  return `rgb(${pen.getImageData(0, 0, 1, 1).data.slice(0, 3).join(" ")})`;
}

function actions(message) {
  const items = h("div", { class: "menu-list", role: "menu", hidden: true });
  const open = h("button", { type: "button", class: "dots", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": say("chat.actions") }, icon("more"));
  const show = (visible) => { items.hidden = !visible; open.setAttribute("aria-expanded", String(visible)); };
  open.addEventListener("click", () => {
    const middle = log.getBoundingClientRect().left + log.clientWidth / 2;
    items.classList.toggle("rightward", open.getBoundingClientRect().left < middle);
    show(items.hidden);
    if (!items.hidden) { items.firstChild.focus(); items.scrollIntoView({ block: "nearest" }); }
  });
  if (message.text && !message.photo_url) items.append(h("button", { type: "button", role: "menuitem", onclick: () => { show(false); startEditing(message); } }, icon("edit"), say("chat.edit")));
  items.append(h("button", {
    type: "button", role: "menuitem", class: "bad",
    onclick: async () => { show(false); try { await post(`/chats/${message.chat_id}/deletions`, { message_id: message.message_id, user_id: world.persona }); } catch (error) { failed(error); } },
  }, icon("trash"), say("chat.delete")));
  const box = h("div", { class: "menu own-menu" }, open, items);
  box.addEventListener("keydown", (e) => { if (e.key === "Escape") { show(false); open.focus(); } });
  box.addEventListener("focusout", (e) => { if (!box.contains(e.relatedTarget)) show(false); });
  return box;
}

function keyboard(message) {
  return h("div", { class: "keyboard" }, message.keyboard.map((row, y) =>
    h("div", { class: "keys" }, row.map((button, x) => key(message, button, `${y}-${x}`)))));
}

function key(message, button, spot) {
  const style = ["primary", "success", "danger"].includes(button.style) ? button.style : "";
  const content = [h("span", {}, button.text), button.url ? icon("open", "corner") : button.copy_text ? icon("copy", "corner") : null];
  if (button.url) {
    const href = here(button.url);
    return h("a", { class: `key ${style}`, href, data: { spot }, ...(href.startsWith("/") ? {} : { target: "_blank", rel: "noopener noreferrer" }) }, content);
  }
  const disabled = "disabled" in button && button.disabled !== false && button.disabled !== null;
  const el = h("button", { type: "button", class: `key ${style}`, disabled, data: { spot } }, content, h("span", { class: "spinner", "aria-hidden": "true" }));
  el.addEventListener("click", () => (button.copy_text ? copy(button.copy_text.text) : press(message, button, el)));
  return el;
}

async function press(message, button, el) {
  if (el.classList.contains("waiting")) return;
  el.classList.add("waiting");
  setTimeout(() => el.classList.remove("waiting"), 15000);
  try {
    const { query_id, answer } = await post(`/chats/${message.chat_id}/clicks`, { message_id: message.message_id, user_id: world.persona, button: button.callback_data || button.text });
    if (answer) el.classList.remove("waiting");
    else if (query_id) waiting.set(query_id, el);
    else el.classList.remove("waiting");
  } catch (error) {
    el.classList.remove("waiting");
    failed(error);
  }
}

// ---- reading position ----

const GLIDE_MS = 700;
let following = true; // the visitor reads the newest message, or the page glides there
let gliding = 0; // until when: what arrives meanwhile is glided to as well

function scrolled() {
  if (nearBottom()) following = true;
  else if (performance.now() > gliding) following = false;
  downButton.hidden = following;
  if (nearBottom()) seen();
}

function nearBottom() { return log.scrollHeight - log.scrollTop - log.clientHeight < 80; }

function toBottom(smooth) {
  log.scrollTo({ top: log.scrollHeight, behavior: smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant" });
  following = true;
  gliding = performance.now() + GLIDE_MS;
  downButton.hidden = true;
}

/** What the visitor can see counts as read. */
export function seen() {
  if (world.persona !== null && document.visibilityState === "visible" && log.offsetParent !== null && nearBottom()) markRead();
}

// ---- writing ----

function buildComposer() {
  field = h("textarea", { rows: "1", maxlength: "4096", autocomplete: "off", spellcheck: "false", enterkeyhint: "send", "aria-controls": "suggestions" });
  const picker = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true, onchange: async () => {
    const [file] = picker.files;
    picker.value = "";
    if (file) await sendPicture(file);
  } });
  pasteButton = h("button", { type: "button", class: "icon-button paste", disabled: true, onclick: async () => {
    const text = await pasted();
    if (!text) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    typed();
  } }, icon("paste"));
  editing = h("div", { class: "editing", hidden: true });
  const send = h("button", { type: "submit", class: "icon-button send" }, icon("send"));
  attach = h("button", { type: "button", class: "icon-button", onclick: () => picker.click() }, icon("attach"));
  on("language", () => {
    attach.setAttribute("aria-label", say("chat.attach")); attach.title = say("chat.attach");
    send.setAttribute("aria-label", say("chat.send")); send.title = say("chat.send");
  });
  field.addEventListener("input", typed);
  field.addEventListener("keydown", keys);
  field.addEventListener("paste", (e) => {
    const file = [...(e.clipboardData?.files || [])].find((f) => f.type.startsWith("image/"));
    if (file) { e.preventDefault(); sendPicture(file); }
  });
  field.addEventListener("blur", () => setTimeout(() => { suggestions.hidden = true; }, 150));
  return h("form", { class: "composer", onsubmit: (e) => { e.preventDefault(); submit(); } }, editing, attach, picker, field, pasteButton, send);
}

function showPaste() {
  pasteButton.disabled = !clipboard.text && !navigator.clipboard?.readText;
  const label = clipboard.text ? say("chat.paste.text", { text: shorten(clipboard.text, 20) }) : say("chat.paste");
  pasteButton.title = label;
  pasteButton.setAttribute("aria-label", label);
}

function typed() { resize(); suggest(); }

function resize() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
}

function suggest() {
  const found = /^\/(\w*)$/.exec(field.value);
  const commands = found ? commandsOf().filter((c) => c.command.startsWith(found[1].toLowerCase())) : [];
  commandsShown = commands;
  highlight(0);
  suggestions.hidden = !commands.length;
  suggestions.replaceChildren(...commands.map((c, place) => h("li", {
    role: "option", id: `command-${place}`, "aria-selected": String(place === 0),
    onmousedown: (e) => { e.preventDefault(); choose(c); },
  }, h("b", {}, `/${c.command}`), h("span", {}, c.description))));
  highlight(0);
}

function commandsOf() { return (!group() && user().commands) || []; }

let markedPlace = 0;
function highlight(place) {
  markedPlace = place;
  [...suggestions.children].forEach((el, i) => el.setAttribute("aria-selected", String(i === place)));
  suggestions.children[place]?.scrollIntoView({ block: "nearest" });
  if (!suggestions.hidden && suggestions.children[place]) field.setAttribute("aria-activedescendant", `command-${place}`);
  else field.removeAttribute("aria-activedescendant");
}

function choose(command) {
  field.value = "";
  suggestions.hidden = true;
  resize();
  sendText(`/${command.command}`);
}

function keys(e) {
  if (!suggestions.hidden && commandsShown.length) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) { e.preventDefault(); highlight((markedPlace + step + commandsShown.length) % commandsShown.length); return; }
    if (e.key === "Tab") { e.preventDefault(); field.value = `/${commandsShown[markedPlace].command}`; typed(); return; }
    if (e.key === "Escape") { suggestions.hidden = true; return; }
    if (e.key === "Enter" && !e.isComposing && `/${commandsShown[markedPlace].command}` !== field.value) { e.preventDefault(); choose(commandsShown[markedPlace]); return; }
  }
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); submit(); }
  else if (e.key === "Escape" && edited) leaveEditing();
  else if (e.key === "ArrowUp" && !field.value) {
    const own = messagesOf().filter((m) => isOwn(m) && m.text && !m.photo_url).at(-1);
    if (own) { e.preventDefault(); startEditing(own); }
  }
}

function startEditing(message) {
  edited = message;
  editing.replaceChildren(icon("edit"), h("span", {}, h("b", {}, say("chat.editing")), h("small", {}, message.text)),
    h("button", { type: "button", class: "icon-button", "aria-label": say("chat.cancel"), onclick: leaveEditing }, icon("close")));
  editing.hidden = false;
  field.value = message.text;
  resize();
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

function leaveEditing() {
  edited = null;
  editing.hidden = true;
  field.value = "";
  resize();
}

async function submit() {
  const text = field.value.trim();
  if (!text) return;
  const changed = edited;
  suggestions.hidden = true;
  if (changed) leaveEditing();
  else { field.value = ""; resize(); }
  if (!changed) { await sendText(text); return; }
  if (text === changed.text) return;
  try { await post(`/chats/${changed.chat_id}/edits`, { message_id: changed.message_id, user_id: world.persona, text }); } catch (error) { failed(error); }
}

export async function sendText(text) {
  try {
    await post(`/chats/${world.place}/messages`, { user_id: world.persona, text });
    toBottom(true);
  } catch (error) {
    field.value = field.value || text;
    resize();
    failed(error);
  }
}

async function sendPicture(file) {
  if (file.size > LARGEST_PICTURE) { failed(new Error("5 MB")); return; }
  try {
    const { width, height } = await createImageBitmap(file);
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (let i = 0; i < bytes.length; i += 32768) binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
    await post(`/chats/${world.persona}/photos`, { photo: btoa(binary), width, height, caption: field.value.trim() });
    field.value = "";
    resize();
  } catch (error) { failed(error); }
}

/** START for a fresh chat, RESTART for a blocked one, else the composer. */
function drawBars() {
  const fresh = !group() && !messagesOf().length;
  const blocked = !group() && user().blocked;
  attach.hidden = Boolean(group());
  composer.classList.toggle("in-group", Boolean(group()));
  composer.hidden = fresh || blocked;
  startBar.hidden = !(fresh || blocked);
  write(startBar, blocked ? say("chat.unblock") : say("chat.start"));
  startBar.onclick = async () => {
    startBar.disabled = true;
    try { if (blocked) await block(false); else await sendText("/start"); } finally { startBar.disabled = false; }
    if (matchMedia("(hover: hover)").matches) field.focus();
  };
}

export function showChat() { emit("room", "chat"); toBottom(false); seen(); }
