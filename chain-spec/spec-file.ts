import { z } from "zod";
import type { ChainSpec } from "./chain-spec.ts";
import { type GenesisFields, genesisFromJson, genesisToJson } from "./genesis-json.ts";
import { type Json, parseJson, printJson } from "./json-text.ts";
import { SpecError } from "./spec-error.ts";

/** Larger files are refused unread; a raw genesis of a million accounts stays below. */
export const maxSpecBytes = 256 * 1024 * 1024;

const shape = z.object({
  name: z.string().min(1).max(128),
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, - or _"),
  chainType: z.union([z.enum(["Development", "Local", "Live"]), z.strictObject({ Custom: z.string() })], {
    error: 'must be "Development", "Local", "Live" or { "Custom": "..." }',
  }),
  bootNodes: z
    .array(z.string().startsWith("/", "must be a multiaddress such as /ip4/10.0.0.1/tcp/30333/p2p/ID"))
    .default([]),
  forkId: z.string().nullish(),
  properties: z
    .looseObject({
      ss58Format: z.int().min(0).max(16383).default(42),
      tokenDecimals: z.int().min(0).max(38).default(12),
      tokenSymbol: z.string().min(1).max(16).default("MAI"),
    })
    .prefault({}),
  genesis: z.unknown(),
});

/** Reads a specification in Substrate's JSON format. Throws a `SpecError` that names the field. */
export function parseChainSpec(text: string, known: GenesisFields): ChainSpec {
  let json: Json;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new SpecError("", `not JSON: ${(error as Error).message}`);
  }
  const result = shape.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new SpecError(issue.path.join("."), issue.message);
  }
  const { forkId, properties, genesis, ...rest } = result.data;
  return {
    ...rest,
    forkId: forkId ?? undefined,
    properties: properties as ChainSpec["properties"],
    genesis: genesisFromJson(genesis as Json, known),
  };
}

/** The file that `parseChainSpec` reads, with the fields that Substrate's tools expect. */
export function printChainSpec(spec: ChainSpec, known: GenesisFields): string {
  return printJson({
    name: spec.name,
    id: spec.id,
    chainType: spec.chainType as Json,
    bootNodes: spec.bootNodes,
    telemetryEndpoints: null,
    protocolId: null,
    ...(spec.forkId !== undefined && { forkId: spec.forkId }),
    properties: spec.properties,
    codeSubstitutes: {},
    genesis: genesisToJson(spec.genesis, known),
  });
}
