/**
 * Stock clients in a browser: pages of other origins that have the bundles of @polkadot connect to a node of this machine,
 * read, follow and sign; pages of strangers get nothing. Needs Chromium (`CHROMIUM`, or on the path), and is skipped without.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { standardOrigins } from "../../node/rpc/server/origin.ts";
import { chromium, openPage } from "./browser/chromium.ts";
import { type WebServer, webServer } from "./browser/web-server.ts";
import { type NodeProcess, startNode } from "./node-process.ts";

const mai = 10n ** 12n;

describe.skipIf(chromium === undefined)("in a browser (skipped where there is no Chromium)", () => {
  let node: NodeProcess;
  let plain: WebServer;
  let secure: WebServer;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "matrixai-browser-"));
    // With --dev alone all pages are let in; here those that are of a node without it.
    const cors = ["--rpc-cors", standardOrigins.join(",")];
    [node, plain, secure] = await Promise.all([startNode(cors), webServer(), webServer(folder)]);
  });
  afterAll(async () => {
    await Promise.all([node?.stop(), plain?.close(), secure?.close()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** What the page at an origin says of the node; names other than this machine's are led to it. */
  async function visit(origin: string, server: WebServer): Promise<unknown> {
    const rules = `MAP * 127.0.0.1:${server.port}, EXCLUDE 127.0.0.1, EXCLUDE localhost`;
    const args = [`--host-resolver-rules=${rules}`, "--ignore-certificate-errors"];
    const profile = mkdtempSync(join(folder, "profile-"));
    const told = server.told();
    const close = openPage(`${origin}/?node=${encodeURIComponent(node.url)}`, profile, args);
    try {
      return await told;
    } finally {
      await close();
    }
  }

  test("a page of this machine and the hosted polkadot.js apps read, follow heads, sign and transfer", async () => {
    for (const [paid, origin, server] of [
      [1n, `http://localhost:${plain.port}`, plain],
      [2n, "https://polkadot.js.org", secure],
    ] as const) {
      const told = await visit(origin, server);
      expect(told).toMatchObject({
        origin,
        byWebSocket: true,
        byHttp: true,
        chain: "Development",
        isNonceNext: true,
        free: (paid * 7n * mai).toString(),
      });
      const { heads, events } = told as { readonly heads: number[]; readonly events: string[] };
      expect(heads[1]! - heads[0]!).toBe(1);
      expect(events).toContain("balances.Transfer");
      expect(events.at(-1)).toBe("system.ExtrinsicSuccess");
    }
  });

  test("a page of a stranger is let in by neither WebSocket nor HTTP", async () => {
    for (const [origin, server] of [
      ["http://evil.example", plain],
      ["https://evil.example", secure],
    ] as const)
      expect(await visit(origin, server)).toEqual({ origin, byWebSocket: false, byHttp: false });
  });
});
