import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { digestItem } from "../../runtime/primitives/digest.ts";
import { headerCodec } from "../../runtime/primitives/header.ts";
import { Reader } from "../../runtime/primitives/reader.ts";
import { encodeBody, encodeJustifications, readBody, readJustifications } from "../chain/block-codec.ts";
import type { Block, Justification } from "../chain/types.ts";
import { headerToJson } from "../rpc/header-json.ts";
import { UsageError } from "./usage-error.ts";

/** A block as files hold it: Substrate's `SignedBlock`. */
export interface SignedBlock {
  readonly block: Block;
  readonly justifications: readonly Justification[];
}

/** The first bytes of a binary file: how many blocks follow, as a u64. */
export function binaryStart(count: number): Uint8Array {
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(count), true);
  return start;
}

/** SCALE: header, extrinsics, `Option<Justifications>`. */
export function toBinary({ block, justifications }: SignedBlock): Uint8Array {
  const proof =
    justifications.length === 0
      ? [Uint8Array.of(0)]
      : [Uint8Array.of(1), encodeJustifications(justifications)];
  return Buffer.concat([encode(headerCodec, block.header), encodeBody(block.extrinsics), ...proof]);
}

/** Reads what `toBinary` wrote. */
export function readSignedBlock(input: Reader): SignedBlock {
  const header = headerCodec.decode(input);
  const extrinsics = readBody(input);
  return { block: { header, extrinsics }, justifications: input.u8() === 0 ? [] : readJustifications(input) };
}

/** One line of JSON, in the form of `chain_getBlock`. */
export function toJsonLine({ block, justifications }: SignedBlock): string {
  const { header, extrinsics } = block;
  const proof = justifications.map(([engine, bytes]) => [[...Buffer.from(engine, "latin1")], [...bytes]]);
  const json = {
    block: { header: headerToJson(header), extrinsics: extrinsics.map(toHex) },
    justifications: proof.length === 0 ? null : proof,
  };
  return `${JSON.stringify(json)}\n`;
}

/** The blocks of a file, or of standard input, one by one; memory is bounded by the largest block. Throws a `UsageError`. */
export async function* readBlocks(path: string | undefined, binary: boolean): AsyncGenerator<SignedBlock> {
  const input = path === undefined ? process.stdin : createReadStream(path);
  let number = 0;
  try {
    for await (const block of binary ? readBinary(input) : readJson(input)) {
      number++;
      yield block;
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if ((error as NodeJS.ErrnoException).code !== undefined && !(error instanceof CodecError)) {
      throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
    }
    throw new UsageError(`block ${number + 1} of the file is damaged: ${(error as Error).message}`);
  }
}

/** No block is larger: five MiB of extrinsics, with room for proofs of finality. */
const maxBlockBytes = 32 * 1024 * 1024;

async function* readBinary(input: Readable): AsyncGenerator<SignedBlock> {
  let pending = Buffer.alloc(0);
  let expected: number | undefined;
  let found = 0;
  for await (const chunk of input) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    if (expected === undefined) {
      if (pending.length < 8) continue;
      expected = Number(pending.readBigUInt64LE());
      pending = pending.subarray(8);
    }
    for (let next = cut(pending); next; next = cut(pending)) {
      pending = pending.subarray(next.bytes);
      found++;
      yield next.block;
    }
    if (pending.length > maxBlockBytes) throw new Error(`it has more than ${maxBlockBytes} bytes`);
  }
  if (pending.length > 0 || found !== expected) {
    throw new UsageError(`the file ends after ${found} of ${expected ?? "an unknown number of"} blocks`);
  }
}

/** The block at the start of `bytes`; undefined while there is only a part of it. */
function cut(bytes: Uint8Array): { readonly block: SignedBlock; readonly bytes: number } | undefined {
  const input = new Reader(bytes);
  try {
    return { block: readSignedBlock(input), bytes: input.offset };
  } catch (error) {
    if (error instanceof CodecError && error.code === "EndOfInput") return undefined;
    throw error;
  }
}

const hexBytes = z.string().transform((text, ctx) => {
  const bytes = fromHex(text);
  if (!bytes) ctx.addIssue({ code: "custom", message: "must be hex text, 0x..." });
  return bytes ?? new Uint8Array();
});

/** The form of `chain_getBlock`. */
const jsonBlock = z.object({
  block: z.object({
    header: z.object({
      parentHash: hexBytes,
      number: z.string().regex(/^0x[0-9a-f]{1,8}$/),
      stateRoot: hexBytes,
      extrinsicsRoot: hexBytes,
      digest: z.object({ logs: z.array(hexBytes) }),
    }),
    extrinsics: z.array(hexBytes),
  }),
  justifications: z.array(z.tuple([z.array(z.int()).length(4), z.array(z.int())])).nullable(),
});

async function* readJson(input: Readable): AsyncGenerator<SignedBlock> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    const parsed = jsonBlock.safeParse(JSON.parse(line));
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      throw new Error(`${path.join(".") || "the line"}: ${message}`);
    }
    const { block, justifications } = parsed.data;
    const { header, extrinsics } = block;
    yield {
      block: {
        header: {
          ...header,
          number: Number(header.number),
          digest: header.digest.logs.map((log) => decode(digestItem, log)),
        },
        extrinsics,
      },
      justifications: (justifications ?? []).map(([engine, proof]) => [
        Buffer.from(engine).toString("latin1"),
        Uint8Array.from(proof),
      ]),
    };
  }
}
