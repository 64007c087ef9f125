// The blocks as they come, ours in words, and the clock that moves the chain's time.

import { get, post } from "./api.js";
import { copy, failed, h, icon, write } from "./dom.js";
import { amount, clockTime, day, moved, now, short, whole } from "./figures.js";
import { pools } from "./pools.js";
import { say } from "./words.js";
import { emit, nameOf, on, world } from "./world.js";

const RECENT = 7; // this many of the newest blocks are always shown one by one
const ROWS = 60;
const OURS = ["payment", "delegation", "reclaim", "usdt"];

let parts = null;
let opened = new Set();
let rows = new Map(); // key -> { el, look }

export function buildChain(room) {
  const make = () => {
    parts = {};
    rows = new Map();
    room.replaceChildren(clock(), pools(), list());
    drawClock();
    draw();
  };
  on("language", make);
  on("persona", () => { if (!parts) make(); });
  on("state", () => { if (parts) { drawClock(); draw(); } });
  on("blocks", (fresh) => { if (parts) draw(new Set(fresh.map((b) => b.number))); });
  setInterval(() => { if (parts) drawClock(); }, 500);
  addEventListener("hashchange", follow);
}

function clock() {
  parts.time = h("b", { class: "time" });
  parts.date = h("span", { class: "date" });
  parts.height = h("b", {});
  const jump = (seconds) => h("button", { type: "button", class: "jump", onclick: (e) => move(e.currentTarget, seconds) }, say(`chain.plus.${seconds}`));
  const block = h("button", { type: "button", class: "jump", onclick: (e) => busy(e.currentTarget, () => post("/blocks", { count: 1 })) }, say("chain.block.now"));
  parts.onDemand = block;
  return h("div", { class: "card clock" },
    h("div", { class: "now" }, h("small", {}, `${say("chain.clock")} `, parts.date), parts.time),
    h("div", { class: "now height" }, h("small", {}, say("chain.height")), parts.height),
    h("div", { class: "jumps" }, jump(300), jump(3600), jump(86400), block));
}

async function busy(button, work) {
  button.disabled = true;
  try { await work(); } catch (error) { failed(error); } finally { button.disabled = false; }
}

async function move(button, seconds) {
  await busy(button, () => post("/clock", { advance_seconds: seconds }));
  emit("moved", seconds);
}

function drawClock() {
  const { chain } = world.state;
  const ms = chain.block_seconds ? now() : chain.time_ms;
  write(parts.time, clockTime(ms, true));
  write(parts.date, day(ms));
  write(parts.height, `#${whole(chain.height)}`);
  parts.onDemand.hidden = Boolean(chain.block_seconds);
}

function list() {
  parts.list = h("ol", { class: "blocks", "aria-label": say("chain.blocks") });
  return h("div", { class: "card block-list" }, parts.list);
}

/** The rows from newest to oldest: the recent blocks, then only those with transactions and gaps between. */
function plan() {
  const blocks = [...world.blocks.values()].sort((a, b) => b.number - a.number);
  const made = [];
  let gap = null;
  for (const [place, block] of blocks.entries()) {
    if (place < RECENT || block.transactions.length || opened.has(block.number)) {
      gap = null;
      made.push({ key: `b${block.number}`, block });
      if (made.length > ROWS) break;
    } else if (gap) {
      gap.count++;
      gap.low = block.number;
    } else {
      gap = { key: `g${made.at(-1)?.key}`, count: 1, high: block.number, low: block.number };
      made.push(gap);
    }
  }
  return made;
}

function draw(fresh = new Set()) {
  const wanted = plan();
  const solid = world.state.chain.solid_height;
  const keys = new Set(wanted.map((row) => row.key));
  for (const [key, { el }] of rows) if (!keys.has(key)) { el.remove(); rows.delete(key); }
  let place = null;
  for (const row of wanted) {
    const final = (row.block ? row.block.number : row.high) <= solid;
    const look = row.block ? `${opened.has(row.block.number)}${row.block.id}` : `${row.count}`;
    let known = rows.get(row.key);
    if (!known || known.look !== look) {
      const el = row.block ? blockRow(row.block) : gapRow(row);
      if (known) {
        const focused = known.el.contains(document.activeElement);
        known.el.replaceWith(el);
        if (focused) el.querySelector("button")?.focus({ preventScroll: true });
      } else if (row.block && fresh.has(row.block.number)) el.classList.add("fresh");
      known = { el, look };
      rows.set(row.key, known);
    }
    known.el.classList.toggle("final", final);
    const follows = place ? place.nextSibling : parts.list.firstChild;
    if (follows !== known.el) place ? place.after(known.el) : parts.list.prepend(known.el);
    place = known.el;
  }
}

function gapRow({ count }) {
  return h("li", { class: "gap" }, h("span", {}, say(count === 1 ? "chain.empties.one" : "chain.empties", { n: whole(count) })));
}

function blockRow(block) {
  const kinds = new Map();
  for (const t of block.transactions) kinds.set(t.kind, (kinds.get(t.kind) || 0) + 1);
  const open = opened.has(block.number);
  const head = h("button", {
    type: "button", class: "block-head", "aria-expanded": String(open), disabled: !block.transactions.length,
    onclick: () => { opened.has(block.number) ? opened.delete(block.number) : opened.add(block.number); draw(); },
  },
  h("span", { class: "cube", "aria-hidden": "true" }),
  h("span", { class: "number" }, h("b", {}, `#${whole(block.number)}`), h("time", { datetime: new Date(block.time_ms).toISOString() }, clockTime(block.time_ms, true))),
  h("span", { class: "kinds" }, block.transactions.length
    ? [...kinds].map(([kind, count]) => h("span", { class: `kind ${kind}` }, count > 1 ? `${count} × ${say(`kind.${kind}`)}` : say(`kind.${kind}`)))
    : h("span", { class: "kind none" }, say("chain.empty"))),
  block.transactions.length ? icon("down", "icon turn") : null);
  const ours = block.transactions.some((t) => OURS.includes(t.kind));
  return h("li", { class: `block ${ours ? "ours" : ""} ${block.transactions.length ? "full" : ""}`, data: { block: String(block.number) } }, head, open ? details(block) : null);
}

function details(block) {
  return h("div", { class: "details" },
    h("ul", { "aria-label": say("chain.block.transactions", { number: whole(block.number) }) }, block.transactions.map((t) => h("li", { class: "transaction", data: { txid: t.txid } },
      h("div", { class: "line" }, h("span", { class: `kind ${t.kind}` }, say(`kind.${t.kind}`)), h("b", {}, figure(t))),
      h("div", { class: "line route" }, party(t.from), t.to ? [h("span", { "aria-hidden": "true" }, "→"), party(t.to)] : null),
      h("div", { class: "line small" },
        t.success ? null : h("span", { class: "burn" }, `${say("chain.failed")}: ${t.result}`),
        h("span", {}, t.burned_sun ? `${say("chain.fee")} ${amount(t.burned_sun)} TRX` : say("chain.fee.none")),
        t.energy_total ? h("span", {}, `${whole(t.energy_total)} ${say("chain.energy")}`) : null,
        h("button", { type: "button", class: "txid", title: t.txid, onclick: () => copy(t.txid) }, `${t.txid.slice(0, 8)}…${t.txid.slice(-8)}`, icon("copy")))))),
    h("p", { class: "block-id" }, h("span", {}, say("chain.block.id")), h("code", {}, block.id)));
}

function figure(t) {
  return t.energy ? `${whole(t.energy)} ${say("chain.energy")}` : moved(t);
}

function party(address) {
  if (!address) return null;
  const name = nameOf(address);
  return h("button", { type: "button", class: "party-link", title: address, onclick: () => copy(address) }, name || short(address));
}

/** Links of the bot to a transaction or a block open here: #/transaction/<txid>, #/block/<number>. */
export async function follow() {
  const [, what, which] = /^#\/(transaction|block|address)\/(\w+)/.exec(location.hash) || [];
  if (!what) return;
  window.history.replaceState(null, "", location.pathname);
  emit("room", "chain");
  if (what === "address") { copy(which); return; }
  try {
    const block = what === "block" ? await get(`/blocks/${which}`) : await get(`/transactions/${which}`).then((t) => get(`/blocks/${t.block}`));
    world.blocks.set(block.number, block);
    opened.add(block.number);
    draw();
    const row = parts.list.querySelector(`[data-block="${block.number}"]`);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    const target = what === "transaction" ? row?.querySelector(`[data-txid="${which}"]`) : row;
    target?.classList.add("pointed");
    setTimeout(() => target?.classList.remove("pointed"), 2600);
  } catch (error) { failed(error); }
}
