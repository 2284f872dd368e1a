// Calls to /sandbox/api. A refusal becomes an Error with the words of the server.

async function call(method, path, body) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  return ask(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
}

async function ask(path, options) {
  const answer = await fetch(`/sandbox/api${path}`, options);
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(value?.detail ?? `the sandbox answered ${answer.status}`);
  return value;
}

// Sends a file as it is; what goes with it is in the address.
export const upload = (path, about, file) =>
  ask(`${path}?${new URLSearchParams(about)}`, { method: "POST", headers: { "content-type": file.type || "application/octet-stream" }, body: file });

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
