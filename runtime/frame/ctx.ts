import type { Overlay } from "../primitives/overlay.ts";
import type { Storage } from "../primitives/storage.ts";
import type { DispatchErrorValue, PalletError } from "./dispatch-error.ts";
import type { DispatchInfo } from "./dispatch-info.ts";
import type { DispatchResult } from "./dispatch-result.ts";
import type { Origin } from "./origin.ts";
import type { AnyCall } from "./runtime-call.ts";
import type { RuntimeVersion } from "./runtime-version.ts";

/** What reading the state takes. */
export interface ReadCtx {
  readonly storage: Pick<Storage, "get" | "nextKey">;
}

/** What changing the state takes. */
export interface WriteCtx {
  readonly storage: Overlay;
}

/** All that a call or a hook sees of the world. */
export interface Ctx extends WriteCtx {
  readonly origin: Origin;
  readonly runtime: RuntimePort;
  /** Runs a call on behalf of `origin` in a storage layer of its own, which a failure undoes. */
  dispatch(call: AnyCall, origin: Origin): DispatchResult;
  /** Records an event, lent in its encoding, under topics that clients may search for. */
  deposit(event: Uint8Array, topics: readonly Uint8Array[]): void;
}

/** What pallets may ask of the runtime that they are part of. */
export interface RuntimePort {
  readonly version: RuntimeVersion;
  /** A pallet's index on the wire; throws when the runtime has no such pallet. */
  indexOf(pallet: string): number;
  /** Weight, class and payment that a call declares. */
  dispatchInfo(call: AnyCall): DispatchInfo;
  /** The wire form of an error; throws when its pallet is not part of the runtime. */
  errorValue(error: PalletError | DispatchErrorValue): DispatchErrorValue;
  /** `Balances.InsufficientBalance`, for the two numbers that a module error consists of. */
  errorName(pallet: number, error: number): string | undefined;
  /** The parameter that a vote may change under this name, `Balances.ExistentialDeposit`; undefined if there is none. */
  governed(name: string): Governed | undefined;
}

/** What a vote may do with a parameter: set it to a whole number within bounds. */
export interface Governed {
  readonly least: bigint;
  readonly most: bigint;
  read(ctx: ReadCtx): bigint;
  set(ctx: WriteCtx, value: bigint): void;
}
