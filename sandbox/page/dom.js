// Small tools for building the page: elements, icons, copying, toasts.

import { say } from "./words.js";

/**
 * Make an element. Properties starting with "on" are listeners, `data` is a map for dataset,
 * everything else an attribute (false and null leave it away, true makes it empty).
 */
export function h(tag, properties = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(el.dataset, value);
    else if (name === "value") el.value = value;
    else el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return el;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Put `text` into `el` only when it differs, so that a selection and the screen reader stay calm. */
export function write(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

/** What was copied last on this page: works where the browser forbids reading its clipboard. */
export const clipboard = { text: "" };

export async function copy(text, { quiet = false } = {}) {
  clipboard.text = text;
  document.dispatchEvent(new CustomEvent("copied", { detail: text }));
  try { await navigator.clipboard.writeText(text); } catch { /* the page's own clipboard has it */ }
  if (!quiet) toast(say("copied.text", { text: shorten(text, 30) }));
}

export async function pasted() {
  if (clipboard.text) return clipboard.text;
  try { return (await navigator.clipboard.readText()).trim(); } catch { return ""; }
}

export function shorten(text, longest) {
  return text.length > longest ? `${text.slice(0, Math.ceil(longest / 2) - 1)}…${text.slice(-Math.floor(longest / 2) + 1)}` : text;
}

export function toast(text, { kind = "", seconds = 3.2 } = {}) {
  const el = h("div", { class: `toast ${kind}` }, text);
  const shelf = document.getElementById("toasts");
  shelf.append(el);
  while (shelf.children.length > 3) shelf.firstChild.remove();
  setTimeout(() => { el.classList.add("leaving"); setTimeout(() => el.remove(), 250); }, seconds * 1000);
}

export function alertBox(text) {
  const box = document.getElementById("alert");
  box.replaceChildren(
    h("p", {}, text),
    h("form", { method: "dialog" }, h("button", { class: "button primary", autofocus: true }, say("ok"))),
  );
  if (box.open) box.close();
  box.showModal();
}

export function failed(error) {
  toast(error.message || String(error), { kind: "bad", seconds: 6 });
}
