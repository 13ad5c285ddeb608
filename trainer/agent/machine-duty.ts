/** A machine of the trainer: on the chain, heard in every epoch, its challenges answered, for hire on its terms. */
import { cpus, freemem, loadavg, totalmem } from "node:os";
import {
  type Activity,
  type Challenge,
  constants,
  type Machine,
  storage as machines,
} from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { equalBytes, fromHex, textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { openDevice } from "../engine/device/device.ts";
import { describeMachine, machineMetadata } from "../hardware/describe.ts";
import { answerChallenge, openPicks } from "../hardware/gemm-answer.ts";
import { picksOf } from "../hardware/gemm-challenge.ts";
import { whetstone } from "../hardware/whetstone.ts";
import { canonicalJson } from "../proof/canonical.ts";
import type { Agent } from "./agent-context.ts";
import { AgentError } from "./agent-error.ts";
import type { Duty } from "./duties.ts";
import type { MachineOptions } from "./options.ts";

/** What is to be done for a machine now. */
export async function machineDuties(
  agent: Agent,
  own: MachineOptions,
  epoch: bigint,
  at: string,
): Promise<Duty[]> {
  const { chain, account } = agent;
  const name = toHex(own.id);
  const [machine, challenge, offer] = await Promise.all([
    chain.read(machines.Machines, [own.id], at),
    chain.read(machines.Challenges, [own.id], at),
    chain.read(marketplace.Offers, [own.id], at),
  ]);
  if (machine === undefined) return [{ key: `machine/${name}`, run: () => add(agent, own) }];
  if (!equalBytes(machine.owner, account))
    throw new AgentError(
      "MachineTaken",
      `the machine ${name} belongs to another account: choose another identifier`,
    );
  const duties: Duty[] = [];
  if (challenge?.state === "Issued" || challenge?.state === "Drawn")
    duties.push({ key: `challenge/${name}`, run: ({ signal }) => answer(agent, own, challenge, signal) });
  if (machine.heartbeat < epoch)
    duties.push({ key: `heartbeat/${name}`, run: () => beat(agent, own, machine, epoch) });
  const wanted = agent.draining ? undefined : own.offer;
  const same = isSame(wanted, offer?.terms);
  if (!same) duties.push({ key: `offer/${name}`, run: () => offerFor(agent, own.id, wanted) });
  return duties;
}

const isSame = (a: MachineOptions["offer"], b: MachineOptions["offer"]): boolean =>
  a?.price_per_ut === b?.price_per_ut && a?.longest === b?.longest && a?.disk === b?.disk;

const call = (value: Extract<RuntimeCall, { type: "Machines" }>["value"]): RuntimeCall => ({
  type: "Machines",
  value,
});

async function add(agent: Agent, { id, declared, region }: MachineOptions): Promise<number> {
  const described = machineMetadata(
    await describeMachine(agent.options.folder),
    region === undefined ? {} : { region },
  );
  const value = { id, metadata: textBytes(described), declared_capacity: declared };
  const { block } = await agent.send(call({ type: "add_machine", value }));
  agent.log.info("added the machine", { machine: toHex(id), declared });
  return block.number;
}

async function offerFor(agent: Agent, machine: Uint8Array, terms: MachineOptions["offer"]): Promise<number> {
  const value =
    terms === undefined
      ? ({ type: "cancel_offer", value: { machine } } as const)
      : ({ type: "make_offer", value: { machine, terms } } as const);
  const { block } = await agent.send({ type: "Marketplace", value });
  agent.log.info(terms ? "is for hire" : "is no longer for hire", { machine: toHex(machine) });
  return block.number;
}

/** Products take minutes on a large machine: their roots are kept, so that a restart does not begin again. */
async function answer(
  agent: Agent,
  own: MachineOptions,
  challenge: Challenge,
  signal: AbortSignal,
): Promise<number> {
  const name = toHex(own.id);
  const key = `challenge/${name}/${toHex(challenge.seed)}`;
  const products = { seed: challenge.seed, n: challenge.n, rounds: challenge.rounds };
  const device = await openDevice(own.device);
  try {
    let roots = (await agent.journal.get<string[]>(key))?.map((root) => fromHex(root)!);
    if (challenge.state === "Issued") {
      const answered = await answerChallenge(device, products, { signal });
      ({ roots } = { roots: [...answered.roots] });
      // Of a challenge that was missed nothing is asked any more.
      for (const old of await agent.journal.keys(`challenge/${name}/`)) await agent.journal.forget(old);
      await agent.journal.put(key, roots.map(toHex));
      const { block } = await agent.send(
        call({ type: "commit_challenge", value: { id: own.id, root: answered.commitment } }),
      );
      agent.log.info("committed to its products", { machine: name, n: products.n, rounds: products.rounds });
      return block.number;
    }
    roots ??= [...(await answerChallenge(device, products, { signal })).roots];
    const picks = picksOf(products, challenge.randomness!, constants.Picks);
    const openings = await openPicks(device, products, roots, picks, { signal });
    const entries = openings.map(({ leaf }) => leaf);
    const proof = { roots, paths: openings.map(({ siblings }) => [...siblings]) };
    const { block } = await agent.send(
      call({ type: "answer_challenge", value: { id: own.id, entries, proof } }),
    );
    await agent.journal.forget(key);
    agent.log.info("answered its challenge", { machine: name });
    return block.number;
  } finally {
    device.close();
  }
}

async function beat(agent: Agent, { id }: MachineOptions, machine: Machine, epoch: bigint): Promise<number> {
  const activity = activityOf(machine, epoch);
  const { block } = await agent.send(call({ type: "heartbeat", value: { id, activity } }));
  return block.number;
}

let measuredMflops: number | undefined;

/** What the machine is doing. Its record is that of this moment; the chain of heartbeats binds them together. */
function activityOf(machine: Machine, epoch: bigint): Activity {
  measuredMflops ??= Math.round(whetstone(50).mflops);
  const utilisation = Math.min(1_000, Math.round((1_000 * loadavg()[0]!) / cpus().length));
  const memory = Math.round((totalmem() - freemem()) / 2 ** 20);
  const facts = {
    epoch: epoch.toString(),
    whetstone: measuredMflops,
    utilisation,
    memory,
    engagements: machine.engagements,
  };
  return {
    whetstone: measuredMflops,
    utilisation,
    memory,
    energy: undefined,
    record: blake2b256(canonicalJson(facts)),
  };
}
