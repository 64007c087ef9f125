// Amounts, energy and times as people read them. Amounts come as whole sun or micro-USDT.

import { locale } from "./words.js";

const MILLION = 1_000_000;

/** "13.370042": no grouping, for fields and for copying. */
export function exact(micro) {
  const whole = Math.trunc(micro / MILLION);
  const rest = String(Math.abs(micro % MILLION)).padStart(6, "0").replace(/0+$/, "");
  return rest ? `${whole}.${rest}` : String(whole);
}

/** "1,234.5": grouped, at most `decimals` places. */
export function amount(micro, decimals = 6) {
  return (micro / MILLION).toLocaleString("en-US", { maximumFractionDigits: decimals });
}

/** What a transaction moved: "10 USDT", "1.5 TRX", six decimals at most of a token with more; or "". */
export function moved(t) {
  if ("usdt" in t) return `${amount(t.usdt)} USDT`;
  if (t.token) {
    const [before, after = ""] = t.amount.split(".");
    const places = after.slice(0, 6).replace(/0+$/, "");
    return `${BigInt(before).toLocaleString("en-US")}${places ? `.${places}` : ""} ${t.token}`;
  }
  return t.sun ? `${amount(t.sun)} TRX` : "";
}

/** "1.98M", "64.3K", "950": three digits at most, in either language. */
export function compact(number) {
  return number.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3, roundingMode: "trunc" });
}

export function whole(number) { return Math.trunc(number || 0).toLocaleString("en-US"); }

/** The micro amount in what a person typed, or null. Takes at most six decimals. */
export function parseAmount(text) {
  const found = /^\s*(\d{1,12})(?:[.,](\d{0,6}))?\s*$/.exec(text.replace(/(\d),(?=\d{3}(\D|$))/g, "$1"));
  if (!found) return null;
  return Number(found[1]) * MILLION + Number((found[2] || "").padEnd(6, "0"));
}

export const looksLikeAddress = (text) => /^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(text);

export const short = (address) => (address.length > 14 ? `${address.slice(0, 6)}…${address.slice(-6)}` : address);

// ---- time: the chain's, which the clock buttons move ----

let ahead = 0; // milliseconds the chain is ahead of this machine
let standing = null; // its time when it moves with blocks only

export function setChainTime(ms, stands) {
  ahead = ms - Date.now();
  standing = stands ? ms : null;
}
export const now = () => standing ?? Date.now() + ahead;

export function clockTime(ms, seconds = false) {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(seconds && { second: "2-digit" }) }).format(ms);
}

export function day(ms) {
  return new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short" }).format(ms);
}

export const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

/** "in 14 minutes", "2 hours ago". */
export function relative(ms) {
  const seconds = Math.round((ms - now()) / 1000);
  const size = Math.abs(seconds);
  const [value, unit] = size < 60 ? [seconds, "second"]
    : size < 3600 ? [Math.trunc(seconds / 60), "minute"]
    : size < 86400 ? [Math.trunc(seconds / 3600), "hour"]
    : [Math.trunc(seconds / 86400), "day"];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "always" }).format(value, unit);
}

/** A Telegram date_time entity: `r`, or any of w (weekday), d/D (date), t/T (time). */
export function formatted(ms, format, fallback) {
  if (!format) return fallback;
  if (format === "r") return relative(ms);
  const parts = {};
  if (format.includes("w")) parts.weekday = "long";
  if (format.includes("d")) Object.assign(parts, { day: "2-digit", month: "2-digit", year: "2-digit" });
  if (format.includes("D")) Object.assign(parts, { day: "numeric", month: "long", year: "numeric" });
  if (/[tT]/.test(format)) Object.assign(parts, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (format.includes("T")) parts.second = "2-digit";
  return new Intl.DateTimeFormat(locale(), parts).format(ms);
}
