// What the page knows of the sandbox: its state, the chats, the blocks. Kept current by events.

import { follow, get } from "./api.js";
import { setChainTime } from "./figures.js";
import { say } from "./words.js";

const KEPT_BLOCKS = 400;

export const world = {
  state: null, // the answer of GET /state
  chats: new Map(), // chat id -> { messages: Map(id -> message), change, typing }
  blocks: new Map(), // number -> block
  persona: null, // user id
  place: null, // chat id: the persona's own, or a group that they are in
  online: false,
};

const listeners = new Map();

/** Run `react` whenever `topic` changes: state, chat, blocks, answer, typing, persona, place, online. */
export function on(topic, react) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(react);
}

export function emit(topic, detail) {
  for (const react of listeners.get(topic) || []) react(detail);
}

export const user = (id = world.persona) => world.state.users.find((u) => u.id === id);
export const groupsOf = (id = world.persona) => world.state.groups.filter((g) => g.members.includes(id));
/** The group that is shown, undefined in a private chat. */
export const group = (id = world.place) => world.state.groups.find((g) => g.id === id);
export const accountsOf = (id) => world.state.accounts.filter((a) => a.user_id === id);
/** What to call an account: people by their names, the shop's accounts by what they are. */
export const called = ({ name, role }) => {
  if (role === "pool") return say(`account.${name}`);
  return ["payment", "refund", "exchange"].includes(role) ? say(`account.${role}`) : name;
};
export const nameOf = (address) => {
  const owner = world.state.accounts.find((a) => a.address === address);
  return owner ? called(owner) : null;
};

export function chat(id = world.place) {
  if (!world.chats.has(id)) world.chats.set(id, { messages: new Map(), change: 0, typing: false });
  return world.chats.get(id);
}

/** The messages of a chat that still exist, oldest first. */
export function messagesOf(id = world.place) {
  return [...chat(id).messages.values()].filter((m) => !m.deleted).sort((a, b) => a.message_id - b.message_id);
}

/** How many messages of a chat somebody has not read. */
export function unreadIn(id, reader = world.persona) {
  const read = readUpTo(id, reader);
  let count = 0;
  for (const m of chat(id).messages.values()) {
    if (!(m.from === "user" && m.user_id === reader) && !m.deleted && !m.service && m.message_id > read) count++;
  }
  return count;
}

/** The same in all their chats; a muted group only counts for itself. */
export function unread(reader) {
  const loud = groupsOf(reader).filter((g) => !isMuted(g));
  return [reader, ...loud.map((g) => g.id)].reduce((sum, id) => sum + unreadIn(id, reader), 0);
}

/** News of each delivery are no reason to look up. */
export const isMuted = (group) => group.purpose === "orders";

const reads = new Map(); // reader@chat -> message id
const mark = (id, reader) => (id === reader ? `${id}` : `${reader}@${id}`);

export function markRead(id = world.place) {
  const newest = Math.max(0, ...chat(id).messages.keys());
  if (newest <= readUpTo(id)) return;
  reads.set(mark(id, world.persona), newest);
  try { sessionStorage.setItem(`read-${world.state.world_id}-${mark(id, world.persona)}`, String(newest)); } catch { /* shown as unread again */ }
  emit("read", id);
}

function readUpTo(id, reader = world.persona) {
  const key = mark(id, reader);
  if (!reads.has(key)) {
    let kept = 0;
    try { kept = Number(sessionStorage.getItem(`read-${world.state.world_id}-${key}`)) || 0; } catch { /* all of it */ }
    reads.set(key, kept);
  }
  return reads.get(key);
}

/** Become somebody else: in the same group if they are in it, else in their own chat. */
export function choosePersona(id) {
  if (world.persona === id) return;
  world.persona = id;
  if (!groupsOf(id).some((g) => g.id === world.place)) world.place = id;
  try { sessionStorage.setItem("persona", String(id)); } catch { /* the first one next time */ }
  emit("persona", id);
}

export function choosePlace(id) {
  if (world.place === id) return;
  world.place = id;
  emit("place", id);
}

/**
 * The payment card that a chat shows now: {message_id, address, sun, amount}. It is a bot's message
 * with two copy buttons, one with the payment address and one with the exact amount.
 */
export function paymentCard(id = world.persona) {
  for (const message of messagesOf(id).reverse()) {
    if (message.from !== "bot") continue;
    const copies = (message.keyboard || []).flat().map((b) => b.copy_text?.text).filter(Boolean);
    if (!copies.includes(world.state.payment_address)) continue;
    const amount = copies.find((text) => /^\d+(\.\d{1,6})?$/.test(text));
    if (!amount) continue;
    const [trx, rest = ""] = amount.split(".");
    return { message_id: message.message_id, address: world.state.payment_address, amount, sun: Number(trx) * 1e6 + Number(rest.padEnd(6, "0")) };
  }
  return null;
}

/**
 * Until when the bot promised `address` its rented energy (ms), or null. The chain does not know the
 * end of a rental; the bot's messages do, as a moment after now beside that address.
 */
export function promisedUntil(address, nowMs) {
  let latest = null;
  for (const id of world.chats.keys()) {
    for (const message of messagesOf(id)) {
      if (message.from !== "bot" || !textOf(message).includes(address.slice(-6))) continue;
      // Other messages name addresses beside a moment, too: until when to pay, until when to choose.
      if (!textOf(message).startsWith("✅")) continue;
      for (const entity of message.entities || []) {
        const ms = (entity.unix_time || 0) * 1000;
        if (entity.type === "date_time" && ms > nowMs && (latest === null || ms > latest)) latest = ms;
      }
    }
  }
  return latest;
}

/** A message's text, or its caption. */
export const textOf = (message) => message.text || message.caption || "";

/** The sandbox's own addresses, under the name this page was opened with (127.0.0.1, localhost). */
export function here(url) {
  const own = [location.origin, world.state.page_url].find((origin) => url.startsWith(`${origin}/`));
  return own ? url.slice(own.length) : url;
}

function keep(message) {
  const open = chat(message.chat_id);
  open.messages.set(message.message_id, message);
  open.change = Math.max(open.change, message.change);
}

function keepBlocks(blocks) {
  for (const block of blocks) world.blocks.set(block.number, block);
  if (world.blocks.size > KEPT_BLOCKS * 1.5) {
    const numbers = [...world.blocks.keys()].sort((a, b) => b - a);
    for (const number of numbers.slice(KEPT_BLOCKS)) {
      if (!world.blocks.get(number).transactions.length) world.blocks.delete(number);
    }
  }
}

function takeState(state) {
  const other = world.state && world.state.world_id !== state.world_id;
  if (other) { location.reload(); return; }
  world.state = state;
  // A group that became a supergroup goes on under another id.
  if (world.place !== null && world.place !== world.persona && !group()) {
    world.place = state.groups.find((g) => g.migrated_from === world.place)?.id ?? world.persona;
    setTimeout(() => emit("place", world.place));
  }
  setChainTime(state.chain.now_ms, !state.chain.block_seconds);
}

async function reload() {
  const state = await get("/state");
  takeState(state);
  if (world.persona === null) {
    let wished = null;
    try { wished = Number(sessionStorage.getItem("persona")); } catch { /* the first one */ }
    world.persona = (state.users.find((u) => u.id === wished) || state.users[0]).id;
    world.place = world.persona;
  }
  const ids = [...state.users, ...state.groups].map((each) => each.id);
  const chats = await Promise.all(ids.map((id) => get(`/chats/${id}/messages?after=${chat(id).change}`)));
  for (const answer of chats) answer.messages.forEach(keep);
  const { blocks } = await get("/blocks?limit=60");
  keepBlocks(blocks);
  if (!world.online) { world.online = true; emit("online", true); }
  emit("state");
  emit("blocks", []);
  emit("persona", world.persona);
}

/** Load everything and follow the sandbox for ever. Resolves once the first state is here. */
export function start() {
  return new Promise((ready) => {
    follow({
      state: (state) => { takeState(state); if (world.persona !== null) emit("state"); },
      message: (message) => {
        if (world.persona === null) return;
        const isNew = !chat(message.chat_id).messages.has(message.message_id);
        if (message.from === "bot") chat(message.chat_id).typing = false;
        keep(message);
        emit("chat", { message, isNew });
      },
      delivered: ({ chat_id, message_id }) => {
        const message = world.persona !== null && chat(chat_id).messages.get(message_id);
        if (!message) return;
        chat(chat_id).messages.set(message_id, { ...message, delivered: true });
        emit("chat", { message, isNew: false });
      },
      answer: (answer) => emit("answer", answer),
      typing: ({ chat_id }) => {
        if (world.persona === null) return;
        chat(chat_id).typing = Date.now();
        emit("typing", chat_id);
      },
      blocks: ({ blocks }) => { if (world.persona !== null) { keepBlocks(blocks); emit("blocks", blocks); } },
    }, async () => {
      try { await reload(); ready(); } catch { /* the next connection tries again */ }
    }, () => {
      if (world.online) { world.online = false; emit("online", false); }
    });
  });
}
