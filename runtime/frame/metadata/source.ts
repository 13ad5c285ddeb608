import type { Codec, Fields } from "../../primitives/codec.ts";
import type { TypeDef } from "../../primitives/type-def.ts";
import type { ConstantCtx } from "../constant.ts";
import type { PalletEntry } from "../pallet-entry.ts";

/** What metadata describes: a runtime seen from outside. */
export interface MetadataSource {
  readonly pallets: readonly PalletEntry[];
  readonly extrinsic: {
    readonly address: Codec<unknown>;
    readonly signature: Codec<unknown>;
    /** In the order in which they are encoded and signed. */
    readonly extensions: readonly ExtensionShape[];
  };
  readonly apis: readonly ApiShape[];
  /** Some constants are read from the chain's own state. */
  readonly ctx: ConstantCtx;
}

export interface ExtensionShape {
  readonly identifier: string;
  readonly extra: { readonly type: TypeDef };
  readonly implicit: { readonly type: TypeDef };
}

/** A runtime API: a group of functions that clients call by `Name_method`. */
export interface ApiShape {
  readonly name: string;
  readonly version: number;
  readonly docs?: string;
  readonly methods: Readonly<Record<string, MethodShape>>;
}

export interface MethodShape {
  readonly inputs: Fields;
  readonly output: Codec<unknown>;
  readonly docs?: string;
}
