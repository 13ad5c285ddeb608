import type { DispatchErrorValue } from "./dispatch-error.ts";
import type { PostDispatchInfo } from "./dispatch-info.ts";

/** How a call ended, with what it used in either case. */
export type DispatchResult =
  | { readonly ok: true; readonly info: PostDispatchInfo }
  | { readonly ok: false; readonly info: PostDispatchInfo; readonly error: DispatchErrorValue };
