// The pools whose stake the shop sells, side by side: what each can still deliver, and what it has
// to pay for it.

import { copy, h, icon, write } from "./dom.js";
import { amount, compact, whole } from "./figures.js";
import { say } from "./words.js";
import { called, on, world } from "./world.js";

// What one delivery takes at most: a delegation has about 280 bytes, and a byte costs 1,000 sun.
const DELIVERY_BANDWIDTH = 285;
const DELIVERY_SUN = DELIVERY_BANDWIDTH * 1000;
const SMALLEST_ORDER = 64_285;

const trx = (sun) => [compact(sun / 1e6), `${amount(sun)} TRX`];
const energy = (units) => [units ? compact(units) : "–", whole(units)];
// name of the sentence -> what the row shows of a pool, short and in full
const ROWS = {
  stake: (pool) => trx(pool.stake_sun),
  lent: (pool) => (pool.lent_sun ? trx(pool.lent_sun) : ["–", "0 TRX"]),
  unstaking: (pool) => (pool.unstaking_sun ? trx(pool.unstaking_sun) : ["–", "0 TRX"]),
  free: (pool) => [compact(pool.energy_free), whole(pool.energy_free)],
  recovering: (pool) => energy(pool.energy_recovering),
  bandwidth: (pool) => [compact(pool.bandwidth_left), say("wallet.energy.of", { free: whole(pool.bandwidth_left), limit: whole(pool.bandwidth_limit) })],
  trx: (pool) => trx(pool.trx_sun),
  permission: (pool) => {
    const sentence = say(pool.permission_granted ? "pools.permission.yes" : "pools.permission.no");
    return [`${pool.permission_granted ? "✓" : "✗"} ${pool.permission_id}`, `${sentence} (${say("pools.permission.id", { id: pool.permission_id })})`];
  },
};
const NEVER_HIDDEN = Object.keys(ROWS).filter((row) => row !== "unstaking");

let parts = null;
let open = remembered();

function remembered() { try { return localStorage.getItem("pools") !== "closed"; } catch { return true; } }

/** Why a pool cannot deliver now, or "ready". */
export function standing(pool) {
  if (!pool.permission_granted) return "locked";
  if (pool.bandwidth_left < DELIVERY_BANDWIDTH && pool.trx_sun < DELIVERY_SUN) return "poor";
  return pool.energy_free < SMALLEST_ORDER ? "empty" : "ready";
}

/** The card; it draws itself anew with each state. */
export function pools() {
  parts = { cells: new Map(), columns: [] };
  parts.total = h("span", { class: "figure" });
  parts.body = h("div", { class: "pools-body", id: "pools-body", hidden: !open });
  parts.head = h("button", {
    type: "button", class: "pools-head", "aria-expanded": String(open), "aria-controls": "pools-body",
    onclick: () => {
      open = !open;
      try { localStorage.setItem("pools", open ? "open" : "closed"); } catch { /* open again next time */ }
      parts.head.setAttribute("aria-expanded", String(open));
      parts.body.hidden = !open;
    },
  }, icon("bolt"), h("b", {}, say("pools.title")), parts.total, icon("down", "icon turn"));
  parts.body.append(table());
  draw();
  return h("div", { class: "card pools" }, parts.head, parts.body);
}

function table() {
  const { pools: all } = world.state;
  const column = (pool) => {
    const name = h("button", { type: "button", class: "pool-name", title: pool.address, onclick: () => copy(pool.address) }, say(`pool.${pool.pool}`));
    name.setAttribute("aria-label", `${called({ name: pool.name, role: "pool" })}: ${say("wallet.address")}`);
    const bar = h("div", { class: "bar thin", "aria-hidden": "true" }, h("i", { class: "lent" }), h("i", { class: "own" }), h("i", { class: "used" }));
    const chip = h("span", { class: "chip" });
    parts.columns.push({ bar, chip });
    return h("th", { scope: "col" }, name, bar, chip);
  };
  const row = (name) => {
    const cells = all.map(() => h("td", {}));
    const line = h("tr", { data: { row: name } }, h("th", { scope: "row" }, say(`pools.${name}`)), cells);
    parts.cells.set(name, { line, cells });
    return line;
  };
  return h("table", { "aria-label": say("pools.title") },
    h("thead", {}, h("tr", {}, h("td", {}), all.map(column))),
    h("tbody", {}, Object.keys(ROWS).map(row)));
}

function draw() {
  if (!parts || !world.state) return;
  const { pools: all } = world.state;
  write(parts.total, say("pools.total", { energy: compact(all.reduce((sum, pool) => sum + pool.energy_free, 0)) }));
  for (const [place, pool] of all.entries()) {
    const { bar, chip } = parts.columns[place];
    const stands = standing(pool);
    chip.className = `chip is-${stands}`;
    chip.title = say(`pools.${stands}.then`);
    write(chip, say(`pools.${stands}`));
    const sum = pool.energy_lent + pool.energy_free + pool.energy_recovering || 1;
    const [lent, own, used] = bar.children;
    lent.style.width = `${(pool.energy_lent / sum) * 100}%`;
    own.style.width = `${(pool.energy_free / sum) * 100}%`;
    used.style.width = `${(pool.energy_recovering / sum) * 100}%`;
    for (const [name, { cells }] of parts.cells) show(cells[place], ...ROWS[name](pool));
    parts.cells.get("permission").cells[place].classList.toggle("bad", !pool.permission_granted);
    const broke = stands === "poor";
    for (const name of ["bandwidth", "trx"]) parts.cells.get(name).cells[place].classList.toggle("bad", broke);
  }
  for (const [name, { line }] of parts.cells) {
    line.hidden = !NEVER_HIDDEN.includes(name) && !all.some((pool) => pool[`${name}_sun`]);
  }
}

/** Write a figure; one that changed flashes once. */
function show(cell, text, title) {
  cell.title = title;
  if (cell.textContent === text) return;
  if (cell.textContent) {
    cell.classList.remove("changed");
    void cell.offsetWidth;
    cell.classList.add("changed");
  }
  write(cell, text);
}

on("state", draw);
