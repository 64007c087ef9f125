// The wallet of the person whose chat is open: balances, energy, sending, what each transfer burned.

import { get, post } from "./api.js";
import { clipboard, copy, failed, h, icon, pasted, write } from "./dom.js";
import { amount, clockTime, day, exact, looksLikeAddress, moved, now, parseAmount, sameDay, short, whole } from "./figures.js";
import { say } from "./words.js";
import { accountsOf, called, emit, nameOf, on, paymentCard, promisedUntil, user, world } from "./world.js";

let parts = null; // the elements that change
let chosen = new Map(); // user id -> address of the shown account
const paid = new Set(); // the cards that this page has paid
let token = "usdt";
let estimate = null;
let sent = null; // txid of the last transfer made with the form, until the form is touched
let asked = 0; // number of the newest estimate request
let history = [];
let historyOf = null;

export function buildWallet(room) {
  const make = () => {
    if (!shown()) {
      parts = null;
      room.replaceChildren(h("div", { class: "card nobody" }, icon("wallet"), h("b", {}, say("wallet.nobody", { name: user().first_name })), h("span", {}, say("wallet.nobody.hint"))));
      return;
    }
    parts = {};
    room.replaceChildren(account(), payment(), sending(), transfers());
    drawAll();
  };
  on("language", make);
  on("persona", () => {
    if (!parts || !shown()) make();
    if (!parts) return;
    clearForm();
    drawAll();
    loadHistory();
  });
  on("state", () => { if (parts) drawAll(); });
  on("chat", () => { if (parts) drawPayment(); });
  on("blocks", (blocks) => {
    const mine = shown()?.address;
    if (mine && blocks.some((b) => b.transactions.some((t) => t.from === mine || t.to === mine))) loadHistory();
  });
  setInterval(() => { if (parts) drawEnergy(); }, 1000);
}

/** The account whose figures are on show. */
function shown() {
  const own = accountsOf(world.persona);
  return own.find((a) => a.address === chosen.get(world.persona)) || own[0];
}

function drawAll() { drawAccount(); drawEnergy(); drawPayment(); drawForm(); drawHistory(); }

// ---- balances ----

function account() {
  parts.avatar = h("span", { class: "avatar", "aria-hidden": "true" });
  parts.name = h("b", {});
  parts.select = h("select", { "aria-label": say("wallet.account"), onchange: () => { chosen.set(world.persona, parts.select.value); drawAll(); askEstimate(); loadHistory(); } });
  parts.address = h("button", { type: "button", class: "address", title: say("wallet.address"), onclick: () => copy(shown().address) }, h("span", {}), icon("copy"));
  parts.trx = h("b", {});
  parts.usdt = h("b", {});
  parts.energyFigure = h("span", { class: "figure" });
  parts.bar = h("div", { class: "bar", role: "meter", "aria-label": say("wallet.energy"), "aria-valuemin": "0" }, h("i", { class: "own" }), h("i", { class: "rented" }), h("i", { class: "used" }));
  parts.sources = h("p", { class: "sources" });
  parts.bandwidthFigure = h("span", { class: "figure" });
  parts.bandwidth = h("div", { class: "bar thin", role: "meter", "aria-label": say("wallet.bandwidth"), "aria-valuemin": "0" }, h("i", { class: "band" }));
  return h("div", { class: "card account" },
    h("div", { class: "owner" }, parts.avatar, h("div", { class: "owner-name" }, parts.name, parts.select), parts.address),
    h("div", { class: "balances" },
      h("div", { class: "balance" }, h("span", { class: "coin trx", "aria-hidden": "true" }, "T"), h("div", {}, h("small", {}, "TRX"), parts.trx)),
      h("div", { class: "balance" }, h("span", { class: "coin usdt", "aria-hidden": "true" }, "₮"), h("div", {}, h("small", {}, "USDT"), parts.usdt))),
    h("div", { class: "meter" },
      h("div", { class: "meter-head" }, h("span", { class: "what" }, icon("bolt"), say("wallet.energy")), parts.energyFigure),
      parts.bar, parts.sources),
    h("div", { class: "meter inline" }, h("span", { class: "what" }, icon("signal"), say("wallet.bandwidth")), parts.bandwidth, parts.bandwidthFigure));
}

function drawAccount() {
  const mine = shown();
  const person = user();
  const all = accountsOf(world.persona);
  parts.avatar.className = `avatar tint-${world.state.users.indexOf(person)}`;
  write(parts.avatar, [...person.first_name][0]);
  write(parts.name, all.length > 1 ? "" : person.first_name);
  parts.select.hidden = all.length < 2;
  const options = all.map((a) => `${a.address}|${called(a)}`).join();
  if (parts.select.dataset.options !== options) {
    parts.select.dataset.options = options;
    parts.select.replaceChildren(...all.map((a) => h("option", { value: a.address }, called(a))));
  }
  parts.select.value = mine.address;
  write(parts.address.firstChild, short(mine.address));
  parts.address.setAttribute("aria-label", `${say("wallet.address")}: ${mine.address}`);
  roll(parts.trx, mine.trx_sun, (v) => amount(v));
  roll(parts.usdt, mine.usdt_micro, (v) => amount(v));
}

/** Write a figure; when it changes, let it flash once in the direction it went. */
function roll(el, value, format) {
  const before = el.dataset.value;
  const owner = shown().address;
  if (before !== undefined && el.dataset.owner === owner && Number(before) !== value) {
    el.classList.remove("rose", "fell");
    void el.offsetWidth;
    el.classList.add(value > Number(before) ? "rose" : "fell");
  }
  el.dataset.value = String(value);
  el.dataset.owner = owner;
  write(el, format(value));
}

function drawEnergy() {
  const mine = shown();
  const { energy, energy_limit: limit, energy_used: used } = mine;
  write(parts.energyFigure, limit ? say("wallet.energy.of", { free: whole(energy), limit: whole(limit) }) : "0");
  const share = (part) => `${limit ? Math.min(100, (part / limit) * 100) : 0}%`;
  const [own, rented, spent] = parts.bar.children;
  own.style.width = share(mine.energy_own);
  rented.style.width = share(mine.energy_rented);
  spent.style.width = share(used);
  parts.bar.classList.toggle("none", !limit);
  parts.bar.setAttribute("aria-valuemax", String(limit));
  parts.bar.setAttribute("aria-valuenow", String(energy));
  const words = [];
  if (mine.energy_own) words.push(["own", say("wallet.energy.own", { energy: whole(mine.energy_own) })]);
  if (mine.energy_rented) {
    const until = promisedUntil(mine.address, now());
    const time = until && (sameDay(until, now()) ? clockTime(until) : `${day(until)} ${clockTime(until)}`);
    words.push(["rented", until ? say("wallet.energy.until", { energy: whole(mine.energy_rented), time }) : say("wallet.energy.rented", { energy: whole(mine.energy_rented) })]);
  }
  if (used) words.push(["used", say("wallet.energy.used", { energy: whole(used) }), say("wallet.energy.recovers")]);
  if (mine.energy_delegated) words.push(["out", say("wallet.energy.out", { energy: whole(mine.energy_delegated) })]);
  if (!words.length) words.push(["", say("wallet.energy.none")]);
  const text = words.map(([kind, sentence]) => `${kind}:${sentence}`).join();
  if (parts.sources.dataset.text !== text) {
    parts.sources.dataset.text = text;
    parts.sources.replaceChildren(...words.map(([kind, sentence, title]) => h("span", { class: `source ${kind}`, title }, sentence)));
  }
  const { limit: net, used: netUsed } = mine.bandwidth;
  write(parts.bandwidthFigure, say("wallet.energy.of", { free: whole(net - netUsed), limit: whole(net) }));
  parts.bandwidth.firstChild.style.width = `${net ? ((net - netUsed) / net) * 100 : 0}%`;
  parts.bandwidth.setAttribute("aria-valuemax", String(net));
  parts.bandwidth.setAttribute("aria-valuenow", String(net - netUsed));
}

// ---- paying what the chat asks for ----

function payment() {
  parts.pay = h("div", { class: "card pay", "aria-live": "polite" });
  return parts.pay;
}

function drawPayment() {
  const card = paymentCard();
  const key = card && `${world.persona}:${card.message_id}:${card.amount}`;
  const done = card && (paid.has(key) || wasPaid(card));
  const down = !["running", "absent"].includes(world.state.app.state);
  const look = JSON.stringify([card, done, down, world.persona, shown().address]);
  if (parts.pay.dataset.look === look) return;
  parts.pay.dataset.look = look;
  parts.pay.classList.toggle("asking", Boolean(card) && !done);
  if (!card) {
    parts.pay.replaceChildren(icon("scan", "pay-icon"), h("p", {}, say("wallet.pay.idle")));
    return;
  }
  if (done) {
    parts.pay.replaceChildren(icon("tick", "pay-icon good"), h("p", {}, say(down ? "wallet.pay.done.down" : "wallet.pay.done", { amount: `${card.amount} TRX` })));
    return;
  }
  const button = h("button", { type: "button", class: "button primary pay-this" }, say("wallet.pay.button"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await transfer({ from: shown().address, to: card.address, sun: card.sun });
      paid.add(key);
    } catch (error) { failed(error); }
    button.disabled = false;
    drawPayment();
  });
  parts.pay.replaceChildren(
    h("div", { class: "ask" }, h("small", {}, say("wallet.pay.title")), h("b", {}, `${card.amount} TRX`), h("small", { class: "mono" }, short(card.address))),
    h("button", { type: "button", class: "button quiet", onclick: () => {
      token = "trx";
      parts.to.value = card.address;
      if (parseAmount(clipboard.text) !== null) parts.amount.value = clipboard.text.trim();
      drawForm();
      askEstimate();
      parts.amount.focus();
    } }, icon("scan"), say("wallet.pay.scan")),
    button);
}

/** Whether the shown account has already sent exactly what a card asks for. */
function wasPaid(card) {
  return historyOf === shown().address && history.some((t) => t.to === card.address && t.sun === card.sun && t.success !== false);
}

async function transfer(order) {
  const sent = await post("/transfers", order);
  await loadHistory();
  return sent;
}

// ---- sending ----

function sending() {
  const tab = (name, label) => h("button", { type: "button", role: "tab", data: { token: name }, onclick: () => { token = name; drawForm(); askEstimate(); } }, label);
  parts.tokens = h("div", { class: "segments", role: "tablist", "aria-label": say("wallet.send") }, tab("usdt", say("wallet.send.usdt")), tab("trx", say("wallet.send.trx")));
  parts.to = h("input", { id: "send-to", type: "text", autocomplete: "off", spellcheck: "false", placeholder: "T…", maxlength: "60", oninput: changed });
  parts.amount = h("input", { id: "send-amount", type: "text", inputmode: "decimal", autocomplete: "off", placeholder: "0", maxlength: "24", oninput: changed });
  parts.unit = h("span", { class: "unit" });
  parts.contacts = h("div", { class: "contacts" });
  parts.estimate = h("div", { class: "estimate", role: "status" });
  parts.go = h("button", { type: "submit", class: "button primary wide" });
  const paste = (input) => h("button", { type: "button", class: "small-button", onclick: async () => { input.value = (await pasted()).trim(); changed(); input.focus(); } }, say("wallet.send.paste"));
  const all = h("button", { type: "button", class: "small-button", onclick: () => {
    const mine = shown();
    parts.amount.value = exact(token === "usdt" ? mine.usdt_micro : Math.max(0, mine.trx_sun - 1_100_000));
    changed();
  } }, say("wallet.send.max"));
  return h("form", { class: "card send-form", onsubmit: (e) => { e.preventDefault(); submit(); } },
    parts.tokens,
    h("div", { class: "field" }, h("div", { class: "input" }, h("label", { for: "send-to" }, say("wallet.send.to")), parts.to, paste(parts.to))),
    parts.contacts,
    h("div", { class: "field" }, h("div", { class: "input" }, h("label", { for: "send-amount" }, say("wallet.send.amount")), parts.amount, parts.unit, all, paste(parts.amount))),
    parts.estimate, parts.go);
}

function clearForm() {
  if (!parts) return;
  parts.to.value = "";
  parts.amount.value = "";
  token = "usdt";
  estimate = null;
  sent = null;
}

function changed() { sent = null; drawForm(); askEstimate(); }

function order() {
  const to = parts.to.value.trim();
  const micro = parseAmount(parts.amount.value);
  if (!looksLikeAddress(to) || !micro) return null;
  return { from: shown().address, to, [token === "usdt" ? "usdt" : "sun"]: micro };
}

function drawForm() {
  for (const el of parts.tokens.children) {
    const on = el.dataset.token === token;
    el.setAttribute("aria-selected", String(on));
    el.tabIndex = on ? 0 : -1;
  }
  write(parts.unit, token === "usdt" ? "USDT" : "TRX");
  const mine = shown();
  const people = [
    ...world.state.contacts,
    ...world.state.users.filter((u) => u.role === "customer" && u.id !== world.persona).map((u) => ({ name: u.first_name, address: accountsOf(u.id)[0].address, kind: "customer" })),
  ].filter((c) => c.address !== mine.address);
  const look = JSON.stringify([people, parts.to.value]);
  if (parts.contacts.dataset.look !== look) {
    parts.contacts.dataset.look = look;
    parts.contacts.replaceChildren(...people.map((c) => h("button", {
      type: "button", class: "contact", "aria-pressed": String(parts.to.value.trim() === c.address),
      onclick: () => { parts.to.value = c.address; if (!parts.amount.value) parts.amount.value = token === "usdt" ? "10" : "1"; changed(); },
    }, h("b", {}, nameOf(c.address)), h("small", {}, say(`wallet.contact.${c.kind}`)))));
  }
  const wanted = order();
  const name = `${parts.amount.value.trim() || "0"} ${token === "usdt" ? "USDT" : "TRX"}`;
  write(parts.go, say("wallet.send.go", { amount: wanted ? name : token === "usdt" ? "USDT" : "TRX" }));
  parts.go.disabled = !wanted;
  drawEstimate();
}

async function askEstimate() {
  const wanted = order();
  const number = ++asked;
  if (!wanted) { estimate = null; drawEstimate(); return; }
  try {
    const found = await post("/estimates", wanted);
    if (number === asked) { estimate = found; drawEstimate(); }
  } catch (error) {
    if (number === asked) { estimate = { problem: error.message }; drawEstimate(); }
  }
}

/** What the transfer that was just sent did: the moment the product explains itself. */
function drawResult() {
  const done = historyOf === shown().address && history.find((t) => t.txid === sent);
  if (!done || !done.block) {
    parts.estimate.className = "estimate";
    parts.estimate.replaceChildren(h("b", {}, h("span", { class: "spinner", "aria-hidden": "true" }), say("wallet.send.sent")));
    return;
  }
  const free = energyWasFree(done) || (done.success && done.burned_sun === 0);
  const what = moved(done);
  const look = `estimate ${free ? "free" : "burn"} celebrate`;
  if (parts.estimate.className === look) return;
  parts.estimate.className = look;
  parts.estimate.replaceChildren(
    h("b", {}, icon(free ? "bolt" : "flame"), costWords(done)),
    h("span", { class: "line" }, say("wallet.send.arrived", { amount: what, name: nameOf(done.to) || short(done.to) })));
}

/** Whether all the energy a transfer took came from a stake, own or rented. */
const energyWasFree = (t) => t.success && t.energy_total > 0 && t.energy_used >= t.energy_total;

function costWords(t) {
  if (energyWasFree(t) && t.burned_sun) {
    return say(t.energy_source === "rented" ? "wallet.history.energy.rented" : "wallet.history.energy.own", { trx: amount(t.burned_sun, 3) });
  }
  const burned = t.burned_sun ? say("wallet.history.burned", { trx: amount(t.burned_sun, 3) }) : "";
  if (!t.success) return [say("wallet.history.failed", { why: t.result }), burned].filter(Boolean).join(" · ");
  if (burned) return burned;
  if (t.energy_used) return say(t.energy_source === "rented" ? "wallet.history.free.rented" : "wallet.history.free.own");
  return say("wallet.history.free");
}

function drawEstimate() {
  if (sent) { drawResult(); return; }
  const wanted = order();
  if (!wanted || !estimate) {
    parts.estimate.className = "estimate";
    parts.estimate.replaceChildren(h("span", { class: "line" }, say("wallet.send.ask")));
    return;
  }
  if (estimate.problem) {
    parts.estimate.className = "estimate bad";
    parts.estimate.replaceChildren(h("b", {}, estimate.problem));
    return;
  }
  const e = estimate;
  const notes = [];
  if (e.energy_needed) notes.push(`${say("wallet.estimate.energy", { energy: whole(e.energy_needed) })}, ${say("wallet.estimate.have", { energy: whole(e.energy_available) })}`);
  notes.push(e.bandwidth_fee_sun ? say("wallet.estimate.bandwidth", { trx: amount(e.bandwidth_fee_sun) }) : say("wallet.estimate.bandwidth.free"));
  if (e.activation_fee_sun) notes.push(say("wallet.estimate.activation", { trx: amount(e.activation_fee_sun) }));
  if (e.energy_needed && e.energy_fee_sun === 0) notes.push(say("wallet.estimate.would", { trx: amount(e.without_energy_sun, 2) }));
  const free = e.burned_sun === 0 || (e.energy_needed > 0 && e.energy_fee_sun === 0);
  parts.estimate.className = `estimate ${free ? "free" : e.energy_fee_sun ? "burn" : ""}`;
  parts.estimate.replaceChildren(
    h("b", {}, icon(free ? "tick" : "flame"), free && e.energy_needed ? say(e.burned_sun ? "wallet.estimate.free.energy" : "wallet.estimate.free") : say("wallet.estimate.burn", { trx: amount(e.burned_sun, 3) })),
    h("span", { class: "line" }, notes.join(" · ")));
}

async function submit() {
  const wanted = order();
  if (!wanted) return;
  parts.go.disabled = true;
  write(parts.go, say("wallet.send.sending"));
  try {
    const { txid } = await transfer(wanted);
    parts.amount.value = "";
    estimate = null;
    sent = txid;
  } catch (error) { failed(error); }
  drawForm();
}

// ---- what each transfer burned ----

function transfers() {
  parts.list = h("ol", { class: "transfers" });
  return h("section", { class: "card history", "aria-label": say("wallet.history") }, h("h2", {}, say("wallet.history")), parts.list);
}

async function loadHistory() {
  const { address } = shown();
  try {
    const answer = await get(`/accounts/${address}/transfers?limit=20`);
    if (shown()?.address !== address) return;
    const fresh = historyOf === address ? new Set(answer.transfers.map((t) => t.txid)) : null;
    if (fresh) for (const t of history) fresh.delete(t.txid);
    history = answer.transfers;
    historyOf = address;
    drawHistory(fresh);
    drawPayment();
    if (sent) drawEstimate();
    emit("history", history);
  } catch { /* the next block asks again */ }
}

function drawHistory(fresh = null) {
  const mine = shown().address;
  const rows = historyOf === mine ? history : [];
  const look = JSON.stringify([mine, rows, day(now())]);
  if (parts.list.dataset.look === look) return;
  parts.list.dataset.look = look;
  if (!rows.length) { parts.list.replaceChildren(h("li", { class: "none" }, say("wallet.history.none"))); return; }
  parts.list.replaceChildren(...rows.map((t) => h("li", { class: fresh?.has(t.txid) ? "fresh" : "" }, row(t, mine))));
}

function row(t, mine) {
  const out = t.from === mine;
  const other = out ? t.to : t.from;
  const name = nameOf(other) || short(other);
  const figure = moved(t);
  let cost = null;
  if (!t.block) cost = h("span", { class: "cost waiting" }, say("wallet.history.pending"));
  else if (out && !energyWasFree(t) && (!t.success || t.burned_sun > 0)) cost = h("span", { class: "cost burn" }, icon("flame"), costWords(t));
  else if (out && t.energy_used) cost = h("span", { class: "cost free" }, icon("bolt"), costWords(t));
  else if (out) cost = h("span", { class: "cost" }, costWords(t));
  return h("a", { class: "transfer", href: `#/transaction/${t.txid}` },
    h("span", { class: `way ${out ? "out" : "in"}`, "aria-hidden": "true" }, icon(out ? "arrow-out" : "arrow-in")),
    h("span", { class: "party" }, h("b", {}, say(out ? "wallet.history.to" : "wallet.history.from", { name })), cost || h("span", { class: "cost" }, "")),
    h("span", { class: "sum" }, h("b", { class: out ? "" : "plus" }, `${out ? "−" : "+"}${figure}`), h("small", {}, t.time_ms ? clockTime(t.time_ms, true) : "")));
}
