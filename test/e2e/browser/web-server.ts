/** A web server whose one page has the stock bundles of @polkadot, and tells what became of it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const modules = join(import.meta.dirname, "../../../node_modules");
const page = readFileSync(join(import.meta.dirname, "page.html"));
/** What the page asks for. */
const script = /^\/@polkadot\/[a-z-]+\/(bundle-polkadot-[a-z-]+|extrinsic\/constants)\.js$/;

export interface WebServer {
  readonly port: number;
  /** Resolves with what the page tells next. */
  told(): Promise<unknown>;
  close(): Promise<void>;
}

/** With a `folder`, for a certificate that nobody has signed, it serves by TLS. */
export async function webServer(folder?: string): Promise<WebServer> {
  let tell: (told: unknown) => void = () => undefined;
  const answer: RequestListener = async (request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    if (request.method === "POST" && path === "/told") {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      response.end();
      tell(JSON.parse(Buffer.concat(parts).toString()));
    } else if (script.test(path)) {
      response.setHeader("content-type", "text/javascript").end(readFileSync(join(modules, path)));
    } else if (path === "/") response.setHeader("content-type", "text/html").end(page);
    else response.writeHead(404).end();
  };
  const server: Server =
    folder === undefined ? createServer(answer) : createSecureServer(certificate(folder), answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    told: () =>
      new Promise((resolve) => {
        tell = resolve;
      }),
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

function certificate(folder: string): { readonly key: Buffer; readonly cert: Buffer } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=polkadot.js.org", "-days", "2"];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, "-keyout", key, "-out", cert];
  execFileSync("openssl", args, { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
