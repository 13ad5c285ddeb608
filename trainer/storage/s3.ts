import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import {
  GetObjectCommand,
  NoSuchBucket,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Backend } from "./backend.ts";
import { fileProblem, StorageError } from "./error.ts";

export interface S3Options {
  /** Any S3-compatible server; where absent, `AWS_ENDPOINT_URL_S3` or Amazon's. */
  readonly endpoint?: string;
  readonly region?: string;
  /** The only buckets that are read and written: strangers' addresses would else be read with the operator's rights. */
  readonly buckets?: readonly string[];
  /**
   * Where anybody reads what is written, with `{bucket}` where its name stands (`https://{bucket}.s3.example.org`): then
   * `write` gives an https: address, which readers with no rights of their own can follow.
   */
  readonly publicUrl?: string;
  /** Where absent: environment, shared credential files, container or instance role, as the SDK looks for them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface S3Backend extends Backend {
  /** An https: address with which anybody can read or write this object for a while. */
  presign(uri: string, access: "read" | "write", seconds: number): Promise<string>;
  close(): Promise<void>;
}

/** `s3://bucket/key` on Amazon's or any other server; large files go up in parts. */
export function s3Backend(options: S3Options = {}): S3Backend {
  const endpoint = options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const config: S3ClientConfig = {
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    region: options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "us-east-1",
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    // Other servers know neither the newer checksums nor their trailers; contents are checked by hash.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  };
  const client = new S3Client(config);
  return {
    async read(uri, from, signal) {
      const place = placeOf(options, uri);
      try {
        const range = from > 0 ? { Range: `bytes=${from}-` } : {};
        const answer = await client.send(new GetObjectCommand({ ...place, ...range }), abortOf(signal));
        const [, start, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? "") ?? [];
        const total = size === undefined ? answer.ContentLength : Number(size);
        return {
          from: start === undefined ? 0 : Number(start),
          ...(total === undefined ? {} : { size: total }),
          body: unbroken(uri, answer.Body as Readable),
          close: () => void (answer.Body as Readable).destroy(),
        };
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        if (status === 416)
          throw new StorageError("HashMismatch", `${uri} is not longer than what is here of it`);
        throw s3Problem(uri, error, signal);
      }
    },
    async write(path, uri, { signal, onProgress } = {}) {
      const size = await partSize(path);
      const body = createReadStream(path);
      const upload = new Upload({ client, params: { ...placeOf(options, uri), Body: body }, partSize: size });
      upload.on("httpUploadProgress", ({ loaded }) => onProgress?.(loaded ?? 0));
      const stop = () => void upload.abort();
      signal?.addEventListener("abort", stop, { once: true });
      try {
        signal?.throwIfAborted();
        await upload.done();
        return readAddress(options, uri);
      } catch (error) {
        throw s3Problem(uri, fileProblem(path, error), signal);
      } finally {
        signal?.removeEventListener("abort", stop);
        body.destroy();
      }
    },
    async presign(uri, access, seconds) {
      const place = placeOf(options, uri);
      const command = access === "read" ? new GetObjectCommand(place) : new PutObjectCommand(place);
      try {
        return await getSignedUrl(client, command, { expiresIn: seconds });
      } catch (error) {
        throw s3Problem(uri, error, undefined);
      }
    },
    async close() {
      client.destroy();
    },
  };
}

/** At least 5 MiB, and so large that the protocol's 10,000 parts suffice. */
async function partSize(path: string): Promise<number> {
  try {
    return Math.max(5 << 20, Math.ceil((await stat(path)).size / 9000));
  } catch (error) {
    throw fileProblem(path, error);
  }
}

function placeOf({ buckets }: S3Options, uri: string): { Bucket: string; Key: string } {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.{1,1024})$/.exec(uri) ?? [];
  const decoded = key === undefined ? undefined : decode(key);
  if (bucket === undefined || decoded === undefined)
    throw new StorageError("BadAddress", `${uri} is no s3://bucket/key`);
  if (buckets !== undefined && !buckets.includes(bucket))
    throw new StorageError("Forbidden", `${uri}: only these buckets are used: ${buckets.join(", ")}`);
  return { Bucket: bucket, Key: decoded };
}

/** Where an object is read that was written at `uri`. */
function readAddress(options: S3Options, uri: string): string {
  const base = options.publicUrl ?? process.env.MATRIXAI_S3_PUBLIC_URL;
  if (base === undefined) return uri;
  const { Bucket, Key } = placeOf(options, uri);
  const key = Key.split("/").map(encodeURIComponent).join("/");
  return `${base.replaceAll("{bucket}", Bucket).replace(/\/+$/, "")}/${key}`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // a percent sign without two digits, or bytes that are no UTF-8
  }
}

function s3Problem(uri: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof StorageError) return error;
  const { name, message } = error as Error;
  const said = `${uri}: ${message}`;
  if (name === "CredentialsProviderError")
    return new StorageError("Forbidden", `${uri}: no S3 credentials found; set AWS_ACCESS_KEY_ID or ~/.aws`);
  if (error instanceof NoSuchKey || error instanceof NoSuchBucket || name === "NotFound")
    return new StorageError("NotFound", said, { cause: error });
  const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 500) : 500;
  if (status === 404) return new StorageError("NotFound", said, { cause: error });
  if (status === 401 || status === 403) return new StorageError("Forbidden", said, { cause: error });
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    return new StorageError("BadAddress", said, { cause: error });
  return new StorageError("Interrupted", said, { cause: error });
}

async function* unbroken(uri: string, body: Readable): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new StorageError("Interrupted", `${uri}: ${(error as Error).message}`, { cause: error });
  }
}

const abortOf = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});
