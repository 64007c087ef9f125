// The page: puts the rooms together.

import { buildApi } from "./api-box.js";
import { buildChain, follow } from "./chain.js";
import { buildChat, seen, showChat } from "./chat.js";
import { buildDisasters } from "./disasters.js";
import { write } from "./dom.js";
import { tick } from "./entities.js";
import { buildGuide } from "./guide.js";
import { buildWallet } from "./wallet.js";
import { say, sayAll, switchLanguage } from "./words.js";
import { emit, on, paymentCard, start, unread, world } from "./world.js";

const rooms = ["chat", "wallet", "chain"];

function buildTabs() {
  const tabs = document.getElementById("tabs");
  const show = (room, focus = false) => {
    document.body.dataset.room = room;
    for (const tab of tabs.children) {
      const on = tab.dataset.room === room;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on && focus) tab.focus();
    }
    if (room === "chat") seen();
    badges();
  };
  tabs.addEventListener("click", (e) => {
    const tab = e.target.closest("[data-room]");
    if (!tab) return;
    show(tab.dataset.room);
    if (tab.dataset.room === "chat") showChat();
  });
  tabs.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    show(rooms[(rooms.indexOf(document.body.dataset.room) + step + rooms.length) % rooms.length], true);
  });
  on("room", (room) => { if (document.body.dataset.room !== room) show(room); });
  show("chat");
}

/** What waits behind the other tabs: unread messages, a payment to make. */
function badges() {
  if (!world.state || world.persona === null) return;
  const count = world.state.users.reduce((sum, u) => sum + unread(u.id), 0);
  badge("chat", count ? String(count) : "");
  badge("wallet", document.body.dataset.room !== "wallet" && paymentCard() ? "1" : "");
}

function badge(room, text) {
  const el = document.querySelector(`#tabs [data-room="${room}"] .badge`);
  el.hidden = !text;
  write(el, text);
}

function buildLanguage() {
  const button = document.getElementById("language");
  button.addEventListener("click", () => { switchLanguage(); sayAll(); emit("language"); });
  on("language", () => write(button, say("language.other")));
}

buildLanguage();
buildGuide(document.getElementById("guide"));
buildChat(document.getElementById("chat"));
buildWallet(document.getElementById("room-wallet"));
buildChain(document.getElementById("room-chain"));
buildDisasters();
buildApi();
buildTabs();
sayAll();
for (const topic of ["chat", "read", "persona", "state"]) on(topic, badges);
on("online", (online) => { document.getElementById("offline").hidden = online; });
setInterval(tick, 1000);

start().then(() => {
  emit("language");
  document.body.classList.add("ready");
  follow();
});

document.getElementById("picture").addEventListener("click", (e) => { if (e.target.id === "picture") e.target.close(); });
