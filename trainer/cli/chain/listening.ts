import { connect } from "node:net";
import { setTimeout as after } from "node:timers/promises";
import { ChainError } from "../../client/errors.ts";
import type { Context } from "../run-command.ts";

/** A node that is just being started is waited for so long, in ms. */
const patienceMs = 5_000;
const pauseMs = 250;

const certain = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"];

/**
 * Returns when something listens at a node's address, or it cannot be told.
 * @throws ChainError `Unreachable` where nothing does, long before an answer would be missed.
 */
export async function listening(
  url: string,
  { terminal, signal }: Pick<Context, "terminal" | "signal">,
): Promise<void> {
  const end = performance.now() + patienceMs;
  for (let tries = 1; ; tries++) {
    const code = await refusalOf(url, signal);
    if (code === undefined) return;
    signal.throwIfAborted();
    if (performance.now() >= end)
      throw new ChainError(
        "Unreachable",
        `no node listens at ${url} (${code}): start one, or say with --url or MATRIXAI_URL where yours is`,
      );
    if (tries === 1) terminal.note(`waiting for a node at ${url}`);
    await after(pauseMs, undefined, { signal });
  }
}

/** Why nobody can be reached there; undefined where somebody is, or where the wait is long. */
function refusalOf(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, ""); // as URLs write IPv6
  const usual = protocol === "wss:" ? 443 : 80;
  return new Promise((resolve) => {
    const socket = connect({ host, port: port === "" ? usual : Number(port), timeout: patienceMs, signal });
    const done = (code?: string) => {
      socket.destroy();
      resolve(code);
    };
    socket.once("connect", () => done()).once("timeout", () => done());
    socket.once("error", ({ code = "" }: NodeJS.ErrnoException) =>
      done(certain.includes(code) ? code : undefined),
    );
  });
}
