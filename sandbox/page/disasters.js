// The "break something" menu: faults at the boundary and the life of the program.

import { post } from "./api.js";
import { failed, h, icon, write } from "./dom.js";
import { say } from "./words.js";
import { on, world } from "./world.js";

// name of the sentence -> the fault as POST /faults takes it
const FAULTS = {
  lost: { on: "node", fault: "lose_answer", count: 2, methods: ["broadcasthex", "broadcasttransaction"] },
  refuse: { on: "node", fault: "refuse_connection", count: 10 },
  busy: { on: "node", fault: "too_many_requests", count: 10 },
  lag: { on: "node", fault: "lagging", amount: 20, count: 60 },
  telegram: { on: "telegram", fault: "too_many_requests", count: 3, retry_after: 5 },
  telegram_lost: { on: "telegram", fault: "answer_lost", count: 1 },
};
const APP = ["kill", "stop", "start"];
// name of the sentence -> whether it is broken now, and the orders that break and mend it
const SWITCHES = {
  pause: {
    broken: ({ chain }) => chain.paused,
    order: (broken) => post("/chain", { paused: broken }),
    fits: ({ chain }) => chain.block_seconds > 0,
  },
  stall: {
    broken: ({ chain }) => chain.solid_stalled,
    order: (broken) => post("/chain", { solid_stalled: broken }),
  },
  blacklist: {
    broken: () => usdt().blacklist.length > 0,
    order: (broken) => post("/tokens", { token: "USDT", blacklist: broken ? ["Anna"] : [] }),
  },
  dearer: {
    broken: () => usdt().energy_factor > 0,
    order: (broken) => post("/tokens", { token: "USDT", energy_factor: broken ? 5000 : 0 }),
  },
  postgres: server("postgres"),
  valkey: server("valkey"),
};

// The same for one pool. `began`: it was so from the beginning, which is nothing to mend.
const POOL_SWITCHES = {
  revoke: {
    broken: (pool) => !pool.permission_granted,
    order: (pool, broken) => order(pool, broken ? "revoke_permission" : "grant_permission"),
  },
  lend: {
    broken: (pool) => pool.lent_to_exchange.energy_sun > 0,
    order: (pool, broken) => order(pool, broken ? "lend_out" : "take_back"),
  },
  unstake: {
    broken: (pool) => pool.unstaking_sun > 0,
    order: (pool, broken) => order(pool, broken ? "unstake" : "restake"),
  },
  ruin: {
    broken: (pool) => pool.trx_sun < 1e6,
    began: (pool) => pool.poor,
    order: async (pool, broken) => {
      if (broken) {
        // There may be none left to take, after many transactions.
        await order(pool, "drain_bandwidth").catch(() => null);
        await order(pool, "drain_trx");
        return;
      }
      await order(pool, "top_up_trx");
      if (pool.lent_to_exchange.bandwidth_sun) await order(pool, "take_back", { resource: "bandwidth" });
    },
  },
};

const order = (pool, action, further = {}) => post("/pool", { pool: pool.pool, action, ...further });
const usdt = () => world.state.tokens.find((token) => token.token === "USDT");

let box, opener;
let chosen = "north";
const chosenPool = () => world.state.pools.find((pool) => pool.pool === chosen);

function server(name) {
  return {
    broken: ({ servers }) => servers[name].state === "stopped",
    order: (broken) => post("/servers", { server: name, action: broken ? "stop" : "start" }),
  };
}

export function buildDisasters() {
  box = document.getElementById("break");
  opener = document.getElementById("break-open");
  opener.addEventListener("click", () => { draw(); box.showModal(); opener.setAttribute("aria-expanded", "true"); });
  box.addEventListener("close", () => opener.setAttribute("aria-expanded", "false"));
  box.addEventListener("click", (e) => { if (e.target === box) box.close(); });
  on("language", () => { drawState(); if (box.open) draw(); });
  on("state", () => { drawState(); if (box.open) drawLive(); });
}

function drawState() {
  if (!world.state) return;
  const { state } = world.state.app;
  const broken = Object.keys(FAULTS).some((name) => left(name)) || brokenSwitches().length > 0 || brokenPools().length > 0;
  document.getElementById("app-dot").className = `dot ${state} ${broken ? "shaky" : ""}`;
  write(document.getElementById("app-word"), say(`app.${state}`));
}

/** How many times a fault will still strike, or 0. */
function left(name) {
  const { on: where, fault } = FAULTS[name];
  return world.state.faults.filter((f) => f.on === where && f.fault === fault).reduce((sum, f) => sum + f.count, 0);
}

function brokenSwitches() {
  return Object.keys(SWITCHES).filter((name) => SWITCHES[name].broken(world.state));
}

/** What is broken at which pool: first what the rest needs, TRX and bandwidth; a permission costs most. */
function brokenPools() {
  return ["ruin", "lend", "unstake", "revoke"].flatMap((name) => {
    const { broken, began, order: change } = POOL_SWITCHES[name];
    return world.state.pools
      .filter((pool) => broken(pool) && !began?.(pool))
      .map((pool) => ({ pool, mend: () => change(pool, false) }));
  });
}

async function mendEverything() {
  await post("/faults", { clear: true });
  for (const name of brokenSwitches()) await SWITCHES[name].order(false);
  for (const { mend } of brokenPools()) await mend();
}

function draw() {
  const line = (name, run, kind = "") => h("li", { data: { disaster: name } },
    h("div", { class: "story" }, h("b", {}, say(`break.${name}`), h("span", { class: "left" })), h("p", {}, say(`break.${name}.then`))),
    h("button", { type: "button", class: `button ${kind}`, onclick: async (e) => {
      const button = e.currentTarget;
      button.disabled = true;
      try { await run(); } catch (error) { failed(error); }
      button.disabled = false;
      drawLive();
    } }, say("break.do")));
  box.replaceChildren(
    h("header", {}, h("div", {}, h("h2", {}, say("break.title")), h("p", {}, say("break.intro"))),
      h("button", { type: "button", class: "icon-button", "aria-label": say("break.close"), onclick: () => box.close() }, icon("close"))),
    h("div", { class: "app-state" }, h("span", { class: "dot" }), h("b", {}), h("span", { class: "pid" })),
    h("ul", {}, APP.map((name) => line(name, () => post("/app", { action: name }), name === "kill" ? "danger" : name === "start" ? "success" : ""))),
    h("ul", {},
      Object.entries(FAULTS).map(([name, fault]) => line(name, () => post("/faults", fault))),
      line("fork", () => post("/forks", { depth: 3 }))),
    h("div", { class: "pool-choice" },
      h("span", { class: "sep-title" }, say("break.pool")),
      h("div", { class: "segments", role: "radiogroup", "aria-label": say("break.pool") }, world.state.pools.map(({ pool }) => h("button", {
        type: "button", role: "radio", data: { pool }, onclick: () => { chosen = pool; drawLive(); },
      }, say(`pool.${pool}`))))),
    h("ul", {}, Object.entries(POOL_SWITCHES)
      .map(([name, { broken, order: change }]) => line(name, () => change(chosenPool(), !broken(chosenPool()))))),
    h("ul", {}, Object.entries(SWITCHES)
      .filter(([, { fits }]) => !fits || fits(world.state))
      .map(([name, { broken, order: change }]) => line(name, () => change(!broken(world.state))))),
    h("footer", {}, h("button", { type: "button", class: "button quiet", onclick: () => mendEverything().catch(failed) }, say("break.clear"))));
  drawLive();
}

function drawLive() {
  const { app } = world.state;
  box.querySelector(".app-state .dot").className = `dot ${app.state}`;
  write(box.querySelector(".app-state b"), say(`app.${app.state}`));
  write(box.querySelector(".app-state .pid"), app.pid ? `pid ${app.pid}` : "");
  const can = { kill: ["running", "starting", "stopping"], stop: ["running", "starting"], start: ["stopped", "killed", "crashed"] };
  for (const name of APP) {
    const button = box.querySelector(`[data-disaster="${name}"] .button`);
    if (button) button.disabled = !can[name].includes(app.state);
  }
  for (const name of Object.keys(FAULTS)) {
    const n = left(name);
    write(box.querySelector(`[data-disaster="${name}"] .left`), n ? say("break.left", { n }) : "");
  }
  for (const button of box.querySelectorAll("[data-pool]")) {
    const { pool } = button.dataset;
    const shaky = brokenPools().some((each) => each.pool.pool === pool);
    button.setAttribute("aria-checked", String(pool === chosen));
    button.classList.toggle("shaky", shaky);
  }
  const rows = [
    ...Object.entries(SWITCHES).map(([name, { broken }]) => [name, broken(world.state)]),
    ...Object.entries(POOL_SWITCHES).map(([name, { broken }]) => [name, broken(chosenPool())]),
  ];
  for (const [name, on] of rows) {
    const row = box.querySelector(`[data-disaster="${name}"]`);
    if (!row) continue;
    write(row.querySelector(".left"), on ? say("break.on") : "");
    write(row.querySelector(".button"), say(on ? "break.undo" : "break.do"));
  }
}
