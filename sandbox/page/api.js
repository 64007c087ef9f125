// The control API, as the page uses it.

const BASE = "/sandbox/v1";

async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("The sandbox does not answer.");
  }
  const json = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(json?.error?.message || `${answer.status} ${answer.statusText}`);
  return json;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);

/**
 * Follow the sandbox: `opened()` runs at each connection, also after a lost one, `lost()` when it breaks,
 * and `handlers[name](data)` for each event.
 */
export function follow(handlers, opened, lost) {
  let wait = 500;
  const connect = () => {
    const source = new EventSource(`${BASE}/events`);
    source.onopen = () => { wait = 500; opened(); };
    source.onerror = () => {
      source.close();
      lost();
      setTimeout(connect, wait);
      wait = Math.min(wait * 1.6, 4000);
    };
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
  };
  connect();
}
