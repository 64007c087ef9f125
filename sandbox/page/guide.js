// The slim guide: four steps that tick themselves off as they happen.

import { h, icon } from "./dom.js";
import { say } from "./words.js";
import { on, paymentCard, world } from "./world.js";

const STEPS = 4;
let done = new Set();
let closed = false;
let restored = false;
let bar;

export function buildGuide(nav) {
  bar = nav;
  on("language", draw);
  on("state", () => { if (!restored) restore(); look(); });
  on("chat", look);
  on("blocks", look);
}

const shelf = () => `guide-${world.state.world_id}`;

function restore() {
  restored = true;
  try {
    const kept = JSON.parse(localStorage.getItem(shelf()) || "{}");
    done = new Set([...done, ...(kept.done || [])]);
    closed = Boolean(kept.closed);
  } catch { /* starts at the first step */ }
  draw();
}

function keep() {
  try { localStorage.setItem(shelf(), JSON.stringify({ done: [...done], closed })); } catch { /* not kept */ }
}

/** What happened: a payment card (1), a payment (2), USDT sent without burning (3), a reclaim (4). */
function look() {
  if (!restored || closed) return;
  const customers = world.state.users.filter((u) => u.role === "customer");
  const before = done.size;
  if (customers.some((u) => paymentCard(u.id))) done.add(1);
  const own = new Set(world.state.accounts.filter((a) => customers.some((u) => u.id === a.user_id)).map((a) => a.address));
  for (const block of world.blocks.values()) {
    for (const t of block.transactions) {
      if (!t.success) continue;
      if (t.kind === "payment" && own.has(t.from)) { done.add(1); done.add(2); }
      if (t.kind === "usdt" && own.has(t.from) && t.energy_used >= t.energy_total) { done.add(1); done.add(2); done.add(3); }
      if (t.kind === "reclaim" && own.has(t.to)) { done.add(1); done.add(2); done.add(4); }
    }
  }
  if (done.size !== before) { keep(); draw(); }
}

function draw() {
  if (!world.state) return;
  bar.hidden = closed;
  document.body.classList.toggle("guided", !closed);
  if (closed) return;
  const current = [1, 2, 3, 4].find((n) => !done.has(n));
  const steps = [];
  for (let n = 1; n <= STEPS; n++) {
    steps.push(h("li", { class: done.has(n) ? "done" : n === current ? "current" : "", "aria-current": n === current ? "step" : null },
      h("span", { class: "step-mark", "aria-hidden": "true" }, done.has(n) ? icon("tick") : String(n)), h("span", {}, say(`guide.${n}`))));
  }
  bar.replaceChildren(
    h("ol", {}, steps),
    h("p", { role: "status" }, current ? say(`guide.${current}.hint`) : say("guide.done")),
    h("button", { type: "button", class: "icon-button", "aria-label": say("guide.close"), title: say("guide.close"), onclick: () => { closed = true; keep(); draw(); } }, icon("close")));
}
