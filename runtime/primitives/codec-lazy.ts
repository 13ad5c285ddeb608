import type { Codec } from "./codec.ts";

/** A codec that is looked up at each use: for recursive types, and for those that only the runtime knows. */
export const lazy = <T>(get: () => Codec<T>): Codec<T> => ({
  get type() {
    return get().type;
  },
  encode: (value, out) => get().encode(value, out),
  decode: (input) => get().decode(input),
});
