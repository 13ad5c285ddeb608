import { hash } from "../../runtime/primitives/account.ts";
import { type Codec, decode, encode, type Value } from "../../runtime/primitives/codec.ts";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { u8, u32 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import type { Role, Status } from "./types.ts";

/** Raised when peers of different versions could misunderstand each other. */
export const protocolVersion = 1;

const roles: readonly Role[] = ["full", "authority"];

const blockRef = struct("matrixai::BlockRef", { hash, number: u32 });
const statusMessage = struct("matrixai::Status", {
  version: u8,
  role: u8,
  genesis: hash,
  best: blockRef,
  finalized: blockRef,
}) satisfies Codec<unknown>;

/** Every status message is as long as this. */
export const statusBytes = 1 + 1 + 32 + 2 * 36;

export interface StatusMessage extends Status {
  readonly version: number;
  readonly genesis: Uint8Array;
}

export function encodeStatus(status: Status, genesis: Uint8Array): Uint8Array {
  const message: Value<typeof statusMessage> = {
    version: protocolVersion,
    role: roles.indexOf(status.role),
    genesis,
    best: status.best,
    finalized: status.finalized,
  };
  return encode(statusMessage, message);
}

/** @throws CodecError when the bytes are no status, or one that cannot be. */
export function decodeStatus(bytes: Uint8Array): StatusMessage {
  const message = decode(statusMessage, bytes);
  const role = roles[message.role];
  if (role === undefined) throw new CodecError("UnknownVariant", `no role ${message.role}`);
  if (message.finalized.number > message.best.number)
    throw new CodecError("OutOfRange", "the finalized block is above the best one");
  return { ...message, role };
}
