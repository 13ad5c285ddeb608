/**
 * Which web pages may speak to this node. A page that a user merely visits must not reach a node on the
 * user's machine: its `Origin` has to be allowed, and a name that the page's owner points at 127.0.0.1
 * (DNS rebinding) shows in `Host`.
 */
export interface WebPolicy {
  /** Origins that may, `*` standing for any port, or "all". */
  readonly cors: "all" | readonly string[];
  /** Whether the server listens on loopback only. */
  readonly loopback: boolean;
}

/** The origins allowed unless told: this machine and the hosted polkadot.js apps. */
export const standardOrigins: readonly string[] = [
  "http://localhost:*",
  "http://127.0.0.1:*",
  "https://localhost:*",
  "https://127.0.0.1:*",
  "https://polkadot.js.org",
];

/** Says why a request is refused, or undefined. Programs that are no browser send no `Origin` and pass. */
export function refusal(
  policy: WebPolicy,
  headers: { origin?: string | undefined; host?: string | undefined },
): string | undefined {
  if (policy.cors === "all") return undefined;
  const { origin, host } = headers;
  if (origin !== undefined && !policy.cors.some((pattern) => matches(pattern, origin)))
    return `Origin ${origin.slice(0, 200)} is not allowed; see --rpc-cors.`;
  if (policy.loopback && !isLoopback(hostName(host ?? ""))) return "Provided Host header is not whitelisted.";
  return undefined;
}

/** Whether an address or host name means this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** `[::1]:9944` and `localhost:9944` without port and brackets. */
function hostName(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function matches(pattern: string, origin: string): boolean {
  if (!pattern.endsWith(":*")) return pattern === origin;
  const base = pattern.slice(0, -2);
  return origin === base || (origin.startsWith(`${base}:`) && /^\d+$/.test(origin.slice(base.length + 1)));
}
