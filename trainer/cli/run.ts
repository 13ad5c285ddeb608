import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { GivenFileError, readGiven } from "../../node/keystore/given-file.ts";
import { createLog } from "../../node/log/log.ts";
import { type MetricsServer, serveMetrics } from "../../node/metrics/metrics-server.ts";
import { runAgent } from "../agent/agent.ts";
import { readConfig } from "../agent/config.ts";
import { Figures } from "../agent/figures.ts";
import {
  type ChainFlags,
  chainOptions,
  type SecretFlags,
  secretOptions,
  signerFrom,
} from "./chain/connection.ts";
import { followParent } from "./parent.ts";
import { InputError, runCommand } from "./run-command.ts";

interface Flags extends ChainFlags, SecretFlags {
  readonly config?: string;
  readonly folder: string;
  readonly metricsPort?: number;
  readonly metricsHost: string;
}

/** `trainer run`: the daemon of a trainer. */
export function register(trainer: Command): void {
  const data = join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "matrixai", "agent");
  const command = trainer
    .command("run")
    .summary("train, inspect and earn until stopped")
    .description(
      "Keeps machines at work: answers challenges, takes orders by your policy, trains and proves them, inspects the proofs of others, claims rewards. It goes on where it was stopped, however that was. SIGUSR2 has it take no more orders and end when nothing is left to do.",
    )
    .option("--config <file>", "machines, policy and storage (JSON); without it the agent only inspects")
    .option("--folder <folder>", "journal and work in progress; one for each agent", data)
    .option(
      "--metrics-port <port>",
      "serve figures for Prometheus at this port; 0 takes a free one",
      portNumber,
    )
    .option("--metrics-host <host>", "where they are served", "127.0.0.1");
  runCommand(secretOptions(chainOptions(command)), async ({ signal }, flags: Flags) => {
    const signer = await signerFrom(flags);
    const config = readConfig(flags.config === undefined ? {} : parsed(flags.config), signer.account);
    const drain = new AbortController();
    const onDrain = () => drain.abort();
    process.on("SIGUSR2", onDrain);
    const parent = followParent();
    let server: MetricsServer | undefined;
    try {
      const log = createLog().child("agent");
      const folder = resolve(flags.folder);
      const { metricsPort, ...policy } = config;
      const [port, host] = [flags.metricsPort ?? metricsPort, flags.metricsHost];
      const figures = port === undefined ? undefined : new Figures(folder);
      if (figures && port !== undefined) {
        server = await serveMetrics(figures.registry, { port, host, option: "--metrics-port" });
        log.info("tells its figures", { url: `http://${host}:${server.port}/metrics` });
      }
      const options = { ...policy, url: flags.url, signer, folder, log, figures };
      await runAgent(options, { stop: AbortSignal.any([signal, parent.gone]), drain: drain.signal });
    } finally {
      await server?.close();
      parent.release();
      process.off("SIGUSR2", onDrain);
    }
    return undefined;
  });
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return value;
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readGiven(path, "the configuration").toString());
  } catch (error) {
    if (error instanceof GivenFileError) throw error;
    throw new InputError(`${path} is no configuration: ${(error as Error).message}`);
  }
}
