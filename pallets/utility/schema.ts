import { constant } from "../../runtime/frame/constant.ts";
import { dispatchErrorCodec } from "../../runtime/frame/dispatch-error.ts";
import { dispatchOutcome } from "../../runtime/frame/dispatch-outcome.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { docs } from "./docs.ts";

const error = alias(dispatchErrorCodec, "DispatchError");

const self = schema("Utility", {
  docs,
  events: {
    BatchInterrupted: { index: u32, error },
    BatchCompleted: {},
    BatchCompletedWithErrors: {},
    ItemCompleted: {},
    ItemFailed: { error },
    DispatchedAs: { result: dispatchOutcome },
    IfElseMainSuccess: {},
    IfElseFallbackCalled: { main_error: error },
  },
  errors: { TooManyCalls: "A batch holds at most `batched_calls_limit` calls." },
  constants: { batched_calls_limit: constant(u32, 10_922) },
});
export const { events, errors, constants } = self;
export const declaration = self;
