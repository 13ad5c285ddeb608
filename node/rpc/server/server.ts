/**
 * The node's door: JSON-RPC 2.0 over WebSocket and HTTP on one port.
 * Owns the transport, its limits and who may call what; knows no method but `rpc_methods`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Log } from "../../log/log.ts";
import { Connection } from "./connection.ts";
import { type CallObserver, Dispatcher, failure } from "./dispatch.ts";
import { tooManyConnections } from "./error.ts";
import { type Health, sendText, serveHttp } from "./http.ts";
import { type Limits, standardLimits } from "./limits.ts";
import { call, type Methods } from "./method.ts";
import { isLoopback, refusal, standardOrigins, type WebPolicy } from "./origin.ts";
import { RateLimit } from "./rate.ts";

export interface ServerObserver extends CallObserver {
  opened(): void;
  closed(): void;
  /** One more, or one less. */
  subscriptions(change: 1 | -1): void;
}

export interface RpcServerOptions {
  /** Address to listen on; loopback unless told. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether unsafe methods may be called; "auto" allows them when only this machine can connect. */
  readonly unsafe?: "auto" | "safe" | "unsafe";
  readonly cors?: "all" | readonly string[];
  readonly limits?: Partial<Limits>;
}

export interface RpcServerParts {
  readonly methods: Methods;
  readonly log: Log;
  readonly observer?: ServerObserver | undefined;
  health(): Health;
}

/** Why the server cannot listen; the message is for the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Milliseconds between signs of life; twice this without one and a connection is closed. */
const heartbeatMs = 20_000;

/** Milliseconds after which an HTTP connection that does not move is closed. */
const idleMs = 60_000;

/** Milliseconds that open connections have to finish when the server stops. */
const goodbyeMs = 2_000;

export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #parts: RpcServerParts;
  readonly #limits: Limits;
  readonly #policy: WebPolicy;
  readonly #allowsUnsafe: boolean;
  readonly #dispatcher: Dispatcher;
  readonly #http: Server;
  readonly #upgrades: WebSocketServer;
  readonly #connections = new Set<Connection>();
  readonly #sockets = new Set<Socket>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: RpcServerOptions, parts: RpcServerParts) {
    this.#options = options;
    this.#parts = parts;
    this.#limits = { ...standardLimits, ...options.limits };
    const loopback = isLoopback(options.host ?? "127.0.0.1");
    this.#policy = { cors: options.cors ?? standardOrigins, loopback };
    const unsafe = options.unsafe ?? "auto";
    this.#allowsUnsafe = unsafe === "unsafe" || (unsafe === "auto" && loopback);
    const { maxResponseBytes, maxBatch, maxRequestBytes } = this.#limits;
    const methods = withList(parts.methods);
    const { log, observer } = parts;
    this.#dispatcher = new Dispatcher(methods, { maxResponseBytes, maxBatch, log, observer });
    this.#http = createServer((request, response) => void this.#request(request, response));
    // A client that sends or reads nothing for so long gives its place to another; upgraded sockets have their heartbeat.
    this.#http.setTimeout(idleMs);
    this.#http.requestTimeout = idleMs;
    // Somewhat more than are served, so that those too many can be told why.
    this.#http.maxConnections = this.#limits.maxConnections + 64;
    this.#http.on("connection", (socket) => this.#admit(socket));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: maxRequestBytes,
      perMessageDeflate: false,
      clientTracking: false,
    });
  }

  /**
   * Starts to listen; answers the port.
   * @throws ListenError that names the address when it is taken or not allowed.
   */
  async start(): Promise<number> {
    const { host = "127.0.0.1", port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#http.once("error", (error) => reject(new ListenError(whyNotListening(error, host, port))));
      this.#http.listen({ host, port }, resolve);
    });
    this.#http.on("error", (error) => this.#parts.log.error("the listener failed", { error }));
    this.#heartbeat = setInterval(() => {
      for (const connection of this.#connections) connection.ping();
    }, heartbeatMs);
    const address = this.#http.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Takes no more connections, says goodbye to the open ones and ends those that do not leave. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const connection of this.#connections) connection.close(1001, "the node stops");
    this.#http.closeIdleConnections();
    const late = setTimeout(() => {
      for (const connection of this.#connections) connection.terminate();
      this.#http.closeAllConnections();
    }, goodbyeMs);
    await closed;
    clearTimeout(late);
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  get #full(): boolean {
    return this.#sockets.size > this.#limits.maxConnections;
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const why = refusal(this.#policy, request.headers);
    if (why !== undefined) return sendText(response, 403, `${why}\n`);
    if (this.#full) {
      response.setHeader("connection", "close");
      return sendText(response, 429, failure("null", tooManyConnections()), "application/json");
    }
    const { maxRequestBytes, callsPerMinute } = this.#limits;
    try {
      await serveHttp(request, response, {
        dispatcher: this.#dispatcher,
        allowsUnsafe: this.#allowsUnsafe,
        maxRequestBytes,
        callsPerMinute,
        health: () => this.#parts.health(),
      });
    } catch (error) {
      // The client left in the middle of its request: there is nobody to answer.
      this.#parts.log.debug("an HTTP request was not finished", { error });
      response.destroy();
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const why = refusal(this.#policy, request.headers);
    if (why !== undefined) refuseUpgrade(socket, "403 Forbidden", why);
    else if (this.#full) refuseUpgrade(socket, "429 Too Many Requests", tooManyConnections().message);
    else this.#upgrades.handleUpgrade(request, socket, head, (ws) => this.#connect(ws));
  }

  #connect(socket: WebSocket): void {
    const limits = this.#limits;
    const connection = new Connection(socket, {
      dispatcher: this.#dispatcher,
      allowsUnsafe: this.#allowsUnsafe,
      log: this.#parts.log,
      counted: (change) => this.#parts.observer?.subscriptions(change),
      maxSubscriptions: limits.maxSubscriptionsPerConnection,
      maxInFlight: limits.maxInFlight,
      pauseBytes: limits.pauseBytes,
      maxBufferedBytes: limits.maxBufferedBytes,
      rate:
        limits.callsPerMinute === undefined
          ? undefined
          : new RateLimit(limits.callsPerMinute, performance.now()),
    });
    this.#connections.add(connection);
    this.#parts.observer?.opened();
    connection.onClose(() => {
      this.#connections.delete(connection);
      this.#parts.observer?.closed();
    });
  }
}

/** Adds `rpc_methods`, which names itself too. */
function withList(methods: Methods): Methods {
  const names = [...Object.keys(methods), "rpc_methods"].sort();
  return { ...methods, rpc_methods: call({}, () => ({ methods: names })) };
}

function refuseUpgrade(socket: Duplex, status: string, why: string): void {
  // A socket handed over for an upgrade has no listener of its own, and a reset without one would end the process.
  socket.on("error", () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${why}\n`);
}

function whyNotListening(error: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `RPC cannot listen on ${host}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return `${where}: another program uses that port; stop it, or choose another with --rpc-port`;
    case "EACCES":
      return `${where}: not permitted; choose a port above 1023 with --rpc-port`;
    case "EADDRNOTAVAIL":
      return `${where}: this machine has no such address`;
    default:
      return `${where}: ${error.message}`;
  }
}
