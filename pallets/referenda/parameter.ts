import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { errors, events } from "./schema.ts";

/** Changes a parameter that its pallet has declared to be governed. Throws `UnknownParameter`, `OutOfBounds`. */
export function setParameter(ctx: Ctx, parameter: Uint8Array, value: bigint): void {
  const governed = ctx.runtime.governed(new TextDecoder().decode(parameter));
  ensure(governed !== undefined, errors.UnknownParameter);
  ensure(governed.least <= value && value <= governed.most, errors.OutOfBounds);
  const old = governed.read(ctx);
  governed.set(ctx, value);
  events.ParameterChanged(ctx, { parameter, old, new: value });
}
