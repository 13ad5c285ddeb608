/** The measured node of `network.bench.ts`, in a process of its own: answers each message with its figures. */
import { silentLog } from "../../node/log/log.ts";
import { startNetwork } from "../../node/network/network.ts";
import { benchNetwork } from "./network-options.ts";

export interface NodeFigures {
  readonly address: string;
  readonly peers: number;
  /** Messages that were accepted. */
  readonly messages: number;
  readonly rssMb: number;
  readonly cpuSeconds: number;
}

const network = await startNetwork(benchNetwork(100), { log: silentLog });
let messages = 0;
network.subscribe("finality", () => {
  messages++;
  return "accept";
});
process.on("message", () => {
  // What importing left behind is not what peers take.
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const figures: NodeFigures = {
    address: network.listenAddresses()[0]!,
    peers: network.peers().length,
    messages,
    rssMb: process.memoryUsage.rss() / 1e6,
    cpuSeconds: (user + system) / 1e6,
  };
  process.send!(figures);
});
process.send!("ready");
