/** What a client sent, read by the rules of JSON-RPC 2.0. */
import { invalidRequest, parseError, type RpcError } from "./error.ts";
import { shapeProblem } from "./shape.ts";

/** The id as JSON text, so that it goes back exactly as it came, large numbers included. */
export type IdText = string;

export type Request =
  | { readonly type: "call"; readonly id: IdText; readonly method: string; readonly params: Params }
  /** A call without an id: served by nobody here, and never answered. */
  | { readonly type: "notification" }
  | { readonly type: "bad"; readonly id: IdText; readonly error: RpcError };

/** Arguments by position or by name. */
export type Params = readonly unknown[] | Readonly<Record<string, unknown>>;

export type Message =
  | { readonly type: "one"; readonly request: Request }
  | { readonly type: "batch"; readonly requests: readonly Request[] };

/** Never throws: what cannot be read comes out as `bad`. */
export function readMessage(text: string): Message {
  const problem = shapeProblem(text);
  if (problem !== undefined) return bad(parseError(problem));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad(parseError());
  }
  if (!Array.isArray(value)) return { type: "one", request: readRequest(value, text) };
  if (value.length === 0) return bad(invalidRequest("a batch holds at least one request"));
  return { type: "batch", requests: value.map((item) => readRequest(item, text)) };
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** {@link readMessage} for bytes that nobody has checked to be UTF-8. */
export function readBytes(bytes: Uint8Array): Message {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return bad(parseError("not UTF-8"));
  }
  return readMessage(text);
}

/** A request that failed before it could be read. */
function bad(error: RpcError): Message {
  return { type: "one", request: { type: "bad", id: "null", error } };
}

function readRequest(value: unknown, text: string): Request {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return badRequest("null");
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  const idText = writeId(id, text);
  if (idText === undefined) return badRequest("null", "an id is a string, a number or null");
  if (jsonrpc !== "2.0") return badRequest(idText, 'jsonrpc must be "2.0"');
  if (typeof method !== "string") return badRequest(idText, "method must be a string");
  if (id === undefined) return { type: "notification" };
  if (params === undefined || params === null) return { type: "call", id: idText, method, params: [] };
  if (typeof params !== "object") return badRequest(idText, "params must be an array or an object");
  return { type: "call", id: idText, method, params: params as Params };
}

function badRequest(id: IdText, why?: string): Request {
  return { type: "bad", id, error: invalidRequest(why) };
}

/** JSON of an id; "null" when there is none, undefined when it is of a kind that JSON-RPC does not allow. */
function writeId(id: unknown, text: string): IdText | undefined {
  if (id === undefined || id === null) return "null";
  if (typeof id === "string") return JSON.stringify(id);
  if (typeof id !== "number") return undefined;
  return Number.isSafeInteger(id) ? String(id) : numberSource(text, id);
}

/** How a number that a double cannot hold exactly was written; a rare path, so parsing again is fine. */
function numberSource(text: string, id: number): IdText {
  let source = String(id);
  JSON.parse(text, (key, value, context?: { source?: string }) => {
    if (key === "id" && Object.is(value, id) && context?.source !== undefined) source = context.source;
    return value;
  });
  return source;
}
