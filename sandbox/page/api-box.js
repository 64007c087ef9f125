// The HTTP API: where it is, and commands for a terminal that work as they stand.

import { copy, h, icon } from "./dom.js";
import { say } from "./words.js";
import { accountsOf, on, user, world } from "./world.js";

let box;

export function buildApi() {
  box = document.getElementById("api");
  document.getElementById("api-open").addEventListener("click", () => { draw(); box.showModal(); });
  box.addEventListener("click", (e) => { if (e.target === box) box.close(); });
  on("language", () => { if (box.open) draw(); });
  on("state", () => { if (box.open) drawLive(); });
}

/** Whose key it would be: of who looks, if that is a customer. */
function buyer() {
  const shown = user();
  return shown.role === "customer" ? shown : world.state.users.find((u) => u.role === "customer");
}

function commands() {
  const api = world.state.api_url;
  const [{ address }] = accountsOf(buyer().id);
  const price = `PRICE=$(curl -s ${api}/prices | grep -o '"priceConfigId":"[^"]*"' | head -1 | cut -d'"' -f4)`;
  const asking = (what) => [
    price,
    `curl ${api}/${what} -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\`,
    `  -d '{"recipientAddress":"${address}","trxAmount":20,"priceConfigId":"'"$PRICE"'"}'`,
  ].join("\n");
  return { prices: `curl ${api}/prices`, key: "export KEY=ef_key_…", calculate: asking("calculate"), create: asking("create") };
}

function draw() {
  const { api_url: api } = world.state;
  const name = buyer().first_name;
  box.replaceChildren(
    h("header", {}, h("div", {}, h("h2", {}, say("api.title")), h("p", {}, say("api.intro"))),
      h("button", { type: "button", class: "icon-button", "aria-label": say("api.close"), onclick: () => box.close() }, icon("close"))),
    h("div", { class: "app-state" }, h("span", { class: "dot" }),
      h("code", { class: "api-url" }, api),
      h("button", { type: "button", class: "icon-button", "aria-label": say("api.copy"), title: say("api.copy"), onclick: () => copy(api) }, icon("copy")),
      h("a", { class: "button quiet", href: `${api}/docs`, target: "_blank", rel: "noopener" }, say("api.docs"), icon("open"))),
    h("p", { class: "api-down", role: "status" }, say("api.down")),
    h("ul", {}, Object.entries(commands()).map(([what, text]) => h("li", { data: { command: what } },
      h("div", { class: "story" }, h("b", {}, say(`api.${what}`, { name })), h("p", {}, say(`api.${what}.then`, { name })), h("pre", { tabindex: "0" }, text)),
      h("button", { type: "button", class: "button", onclick: () => copy(text) }, say("api.copy"))))));
  drawLive();
}

function drawLive() {
  const { state } = world.state.app;
  box.querySelector(".dot").className = `dot ${state}`;
  box.querySelector(".api-down").hidden = ["running", "absent"].includes(state);
}
