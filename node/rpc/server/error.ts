/** Failures that a caller sees; the codes are JSON-RPC 2.0's and, in -32000..-32099 and -32999, those of polkadot-sdk's server. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  /** `data` is left out of the answer when undefined. */
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export const parseError = (why?: string) => new RpcError(-32700, "Parse error", why);
export const invalidRequest = (why?: string) => new RpcError(-32600, "Invalid request", why);
/** Clients compare this text to find out what a node lacks: it must not change. */
export const methodNotFound = () => new RpcError(-32601, "Method not found");
export const invalidParams = (why: string) => new RpcError(-32602, "Invalid params", why);
export const internalError = (why?: string) => new RpcError(-32603, "Internal error", why);

export const unsafeCalled = () => new RpcError(-32601, "RPC call is unsafe to be called externally");
export const tooManySubscriptions = (limit: number) =>
  new RpcError(-32006, "Too many subscriptions on the connection", `Exceeded max limit of ${limit}`);
export const requestTooBig = (limit: number) =>
  new RpcError(-32007, "Request is too big", `Exceeded max limit of ${limit}`);
export const responseTooBig = (limit: number) =>
  new RpcError(-32008, "Response is too big", `Exceeded max limit of ${limit}`);
export const tooManyConnections = () => new RpcError(-32009, "Too many connections. Please try again later.");
export const batchTooBig = (limit: number) =>
  new RpcError(-32010, "The batch request was too large", `Exceeded max limit of ${limit}`);
export const rateLimited = () => new RpcError(-32999, "RPC rate limit exceeded");
