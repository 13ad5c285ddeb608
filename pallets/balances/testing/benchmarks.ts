import { signedOrigin } from "../../../runtime/frame/origin.ts";
import { type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import { mint } from "../index.ts";

const [from, to] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const amount = 1_000_000_000_000n;

/** What everything else is compared with. Its own weight stays the one that Substrate has published. */
export const keepAliveTransfer: Benchmark = {
  weight: "transferKeepAlive",
  prepare(ctx) {
    mint(ctx, from, 10n * amount);
    mint(ctx, to, amount);
    const value = { dest: { type: "Id", value: to }, value: amount };
    return dispatching(
      { type: "Balances", value: { type: "transfer_keep_alive", value } },
      signedOrigin(from),
    );
  },
};
