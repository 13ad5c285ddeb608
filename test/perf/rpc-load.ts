/** A client that keeps many requests on the way at once, for measuring a server. */
import { once } from "node:events";
import { WebSocket } from "ws";

/** Requests on the way at any moment on one connection. */
const window = 32;

/**
 * Sends `requests` over `connections` connections, spread evenly, and waits for every answer.
 * Returns requests per second. Throws when an answer is an error.
 */
export async function requestsPerSecond(
  url: string,
  requests: readonly string[],
  connections = 4,
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(url)));
  const start = performance.now();
  await Promise.all(
    sockets.map((socket, i) =>
      sendAll(
        socket,
        requests.filter((_, j) => j % connections === i),
      ),
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const socket of sockets) socket.terminate();
  return requests.length / seconds;
}

export async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  return socket;
}

/** One request and its answer. */
export async function ask(socket: WebSocket, method: string, ...params: unknown[]): Promise<unknown> {
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  const [data] = await once(socket, "message");
  return JSON.parse(String(data)).result;
}

function sendAll(socket: WebSocket, requests: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const next = () => {
      const request = requests[sent++];
      if (request !== undefined) socket.send(request);
    };
    socket.on("message", (data) => {
      const text = String(data);
      if (text.includes('"error"')) reject(new Error(text));
      if (++answered === requests.length) resolve();
      next();
    });
    socket.once("close", () => reject(new Error("the server closed the connection")));
    for (let i = 0; i < window; i++) next();
  });
}
