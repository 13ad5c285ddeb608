import type { RefusalCode, RequestErrorCode } from "./errors.ts";

/** First byte of each frame of an answer. */
export const answerKinds = {
  /** The answer, or its last part. */
  last: 0,
  /** A part; more follow. */
  more: 1,
  unavailable: 2,
  busy: 3,
  badRequest: 4,
  internal: 5,
} as const;

export const refusalKinds: Readonly<Record<RefusalCode, number>> = {
  Unavailable: answerKinds.unavailable,
  Busy: answerKinds.busy,
  BadRequest: answerKinds.badRequest,
};

const refusals: ReadonlyMap<number, RequestErrorCode> = new Map([
  [answerKinds.unavailable, "Unavailable"],
  [answerKinds.busy, "Busy"],
  [answerKinds.badRequest, "BadRequest"],
  [answerKinds.internal, "Internal"],
]);

export type AnswerFrame =
  | { readonly type: "part"; readonly bytes: Uint8Array; readonly isLast: boolean }
  | { readonly type: "refusal"; readonly code: RequestErrorCode }
  | { readonly type: "malformed"; readonly message: string };

/** What a frame of an answer says. */
export function readAnswer(frame: Uint8Array): AnswerFrame {
  const kind = frame[0];
  if (kind === undefined) return { type: "malformed", message: "an empty frame" };
  const bytes = frame.subarray(1);
  if (kind === answerKinds.last || kind === answerKinds.more)
    return { type: "part", bytes, isLast: kind === answerKinds.last };
  const code = refusals.get(kind);
  if (code === undefined) return { type: "malformed", message: `a frame of the unknown kind ${kind}` };
  if (bytes.length > 0) return { type: "malformed", message: "a refusal with bytes after it" };
  return { type: "refusal", code };
}
