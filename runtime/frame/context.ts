import { CodecError } from "../primitives/codec-error.ts";
import type { Overlay } from "../primitives/overlay.ts";
import type { CallTable } from "./call-table.ts";
import type { Ctx, RuntimePort } from "./ctx.ts";
import { DispatchError, type DispatchErrorValue } from "./dispatch-error.ts";
import { asDeclared } from "./dispatch-info.ts";
import type { DispatchResult } from "./dispatch-result.ts";
import type { Origin } from "./origin.ts";
import type { AnyCall } from "./runtime-call.ts";

/** Records an event for whoever reads the block. Its bytes are good for as long as the call lasts: their memory is used again. */
export type DepositEvent = (ctx: Ctx, event: Uint8Array, topics: readonly Uint8Array[]) => void;

/** What all contexts of a runtime have in common. */
export interface Engine {
  readonly runtime: RuntimePort;
  readonly calls: CallTable;
  readonly depositEvent: DepositEvent;
}

/** One origin's view of the state, and the only place where calls are run and undone. */
export class Context implements Ctx {
  readonly storage: Overlay;
  readonly origin: Origin;
  readonly #engine: Engine;
  readonly #depth: number;

  constructor(engine: Engine, storage: Overlay, origin: Origin, depth: number) {
    this.#engine = engine;
    this.storage = storage;
    this.origin = origin;
    this.#depth = depth;
  }

  get runtime(): RuntimePort {
    return this.#engine.runtime;
  }

  deposit(event: Uint8Array, topics: readonly Uint8Array[]): void {
    this.#engine.depositEvent(this, event, topics);
  }

  dispatch(call: AnyCall, origin: Origin): DispatchResult {
    if (origin.type !== "Root" && origin.filter?.(call) === false) return failure(this.#filtered());
    if (this.#depth >= maxLayers) return failure({ type: "Transactional", value: "LimitReached" });
    const { calls, runtime } = this.#engine;
    this.storage.begin();
    try {
      const inner = new Context(this.#engine, this.storage, origin, this.#depth + 1);
      const reported = calls.find(call).run(inner, call.value.value as Readonly<Record<string, unknown>>);
      this.storage.commit();
      return { ok: true, info: reported ? { ...asDeclared, ...reported } : asDeclared };
    } catch (error) {
      this.storage.rollback();
      if (error instanceof DispatchError) return failure(runtime.errorValue(error.reason), error.info);
      if (error instanceof CodecError) return failure(unstorable(error));
      throw error;
    }
  }

  // The sixth of the system pallet's errors in FRAME.
  #filtered(): DispatchErrorValue {
    const reason = { type: "Pallet", pallet: "System", name: "CallFiltered", index: 5 } as const;
    return this.#engine.runtime.errorValue(reason);
  }
}

/** A number that does not fit where it is to be stored has overflowed; stored bytes that mean nothing are corrupt. */
const unstorable = ({ code }: CodecError): DispatchErrorValue =>
  code === "OutOfRange" ? { type: "Arithmetic", value: "Overflow" } : { type: "Corruption" };

/** FRAME's limit of nested storage layers. */
const maxLayers = 255;

const failure = (error: DispatchErrorValue, info = asDeclared): DispatchResult => ({
  ok: false,
  info,
  error,
});
