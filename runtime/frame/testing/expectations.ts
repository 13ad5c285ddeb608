import { expect } from "vitest";
import type { Runtime } from "../construct.ts";
import type { Ctx } from "../ctx.ts";
import { DispatchError, type DispatchErrorValue, type PalletError } from "../dispatch-error.ts";
import type { PostDispatchInfo } from "../dispatch-info.ts";
import type { Origin } from "../origin.ts";
import type { AnyCall } from "../runtime-call.ts";

/** A state and the runtime that its calls are dispatched by. */
export interface TestChain {
  readonly ctx: Ctx;
  readonly runtime: Pick<Runtime, "pallets">;
}

/**
 * A call must fail with `expected` and leave the storage as it was. Errors are written as their names:
 * `"Balances.InsufficientBalance"`, `"Token.Frozen"`, `"BadOrigin"`.
 */
export function assertNoop(chain: TestChain, call: AnyCall, origin: Origin, expected: string): void {
  const { storage } = chain.ctx;
  const before = new Map(storage.changes());
  const result = chain.ctx.dispatch(call, origin);
  expect(result.ok ? "ok" : errorName(chain, result.error), `${call.type}.${call.value.type}`).toBe(expected);
  expect(new Map([...storage.changes()].filter(([, value]) => value !== undefined))).toEqual(
    new Map([...before].filter(([, value]) => value !== undefined)),
  );
}

/** A call must succeed; otherwise the test shows the name of its error. Returns what the call reported. */
export function assertOk(chain: TestChain, call: AnyCall, origin: Origin): PostDispatchInfo {
  const result = chain.ctx.dispatch(call, origin);
  expect(result.ok ? "ok" : errorName(chain, result.error), `${call.type}.${call.value.type}`).toBe("ok");
  return result.info;
}

/** `body` must throw the `DispatchError` of this name. */
export function assertThrows(body: () => unknown, expected: string): void {
  let thrown: unknown = "nothing";
  try {
    body();
  } catch (error) {
    thrown = error instanceof DispatchError ? reasonName(error.reason) : error;
  }
  expect(thrown).toBe(expected);
}

/** The name of an error in its wire form, as in `assertNoop`. */
function errorName({ ctx }: TestChain, error: DispatchErrorValue): string {
  if (error.type !== "Module") return reasonName(error);
  return ctx.runtime.errorName(error.value.index, error.value.error[0]!) ?? "an unknown error";
}

function reasonName(reason: DispatchErrorValue | PalletError): string {
  if (reason.type === "Pallet") return `${reason.pallet}.${reason.name}`;
  return typeof reason.value === "string" ? `${reason.type}.${reason.value}` : reason.type;
}
