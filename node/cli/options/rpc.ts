import { type Command, Option } from "commander";
import { standardOrigins } from "../../rpc/server/origin.ts";
import type { RpcServerOptions } from "../../rpc/server/server.ts";
import { port, wholeNumber } from "./number.ts";

export interface RpcArgs {
  readonly rpcPort: number;
  readonly rpcExternal: boolean;
  readonly rpcCors?: string;
  readonly rpcMethods: "safe" | "unsafe" | "auto";
  readonly rpcMaxConnections: number;
  readonly rpcMaxSubscriptionsPerConnection: number;
  readonly rpcRateLimit?: number;
}

export const addRpcOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        "--rpc-port <port>",
        "port of the JSON-RPC server, for WebSocket and HTTP; 0 takes a free one",
      )
        .argParser(port)
        .default(9944)
        .env("MATRIXAI_RPC_PORT"),
    )
    .addOption(
      new Option("--rpc-external", "listen on all interfaces; other machines can then call the safe methods")
        .default(false)
        .env("MATRIXAI_RPC_EXTERNAL"),
    )
    .addOption(
      new Option(
        "--rpc-cors <origins>",
        "web pages that may connect: a list with commas, or `all` (as with --dev)",
      ).env("MATRIXAI_RPC_CORS"),
    )
    .addOption(
      new Option("--rpc-methods <set>", "`auto` allows unsafe methods only when nobody outside can connect")
        .choices(["safe", "unsafe", "auto"])
        .default("auto")
        .env("MATRIXAI_RPC_METHODS"),
    )
    .addOption(
      new Option("--rpc-max-connections <count>", "connections at a time")
        .argParser(wholeNumber(1, 100_000))
        .default(100)
        .env("MATRIXAI_RPC_MAX_CONNECTIONS"),
    )
    .addOption(
      new Option("--rpc-max-subscriptions-per-connection <count>", "subscriptions of one connection")
        .argParser(wholeNumber(1, 100_000))
        .default(1024)
        .env("MATRIXAI_RPC_MAX_SUBSCRIPTIONS_PER_CONNECTION"),
    )
    .addOption(
      new Option("--rpc-rate-limit <calls>", "calls a minute of one connection; no limit unless given")
        .argParser(wholeNumber(1, 10_000_000))
        .env("MATRIXAI_RPC_RATE_LIMIT"),
    );

export function rpcOptions(args: RpcArgs, isDev: boolean): RpcServerOptions {
  const given = args.rpcCors ?? (isDev ? "all" : undefined);
  return {
    host: args.rpcExternal ? "0.0.0.0" : "127.0.0.1",
    port: args.rpcPort,
    unsafe: args.rpcMethods,
    cors: given === "all" ? "all" : (given?.split(",").map((origin) => origin.trim()) ?? standardOrigins),
    limits: {
      maxConnections: args.rpcMaxConnections,
      maxSubscriptionsPerConnection: args.rpcMaxSubscriptionsPerConnection,
      ...(args.rpcRateLimit !== undefined && { callsPerMinute: args.rpcRateLimit }),
    },
  };
}
