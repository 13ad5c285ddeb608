import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** A node as it would be without the groups of the new specification. */
export interface LegacyProxy {
  readonly url: string;
  stop(): Promise<void>;
}

const newGroups = /_v1_/;

/** Passes everything on to the node at `target`, except what `rpc_methods` says of the new groups, and those themselves. */
export async function startLegacyProxy(target: string): Promise<LegacyProxy> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (client) => {
    const node = new WebSocket(target);
    const early: string[] = [];
    client.on("message", (data) => {
      const text = String(data);
      if (newGroups.test(JSON.parse(text).method)) {
        const error = { code: -32601, message: "Method not found" };
        client.send(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(text).id, error }));
      } else if (node.readyState === WebSocket.OPEN) node.send(text);
      else early.push(text);
    });
    node.on("open", () => {
      for (const text of early) node.send(text);
    });
    node.on("message", (data) => {
      const message = JSON.parse(String(data));
      const methods: unknown = message.result?.methods;
      if (Array.isArray(methods)) message.result.methods = methods.filter((name) => !newGroups.test(name));
      client.send(JSON.stringify(message));
    });
    client.on("close", () => node.terminate());
    node.on("close", () => client.close());
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}
