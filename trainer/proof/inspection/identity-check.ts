import { DataError } from "../../engine/data/errors.ts";
import { canonicalJson, fromHex, hashOf } from "../canonical.ts";
import { linkHash, meanLoss, sampleRoot } from "../chain.ts";
import { linkBase } from "../identity.ts";
import { manifestHash } from "../manifest.ts";
import { exactly, type Report, report } from "../rules/report.ts";
import type { Evidence } from "./evidence.ts";

/** Check 1: it is this order's and this trainer's, every file is what its link says, every link what was anchored. */
export async function identityCheck(e: Evidence): Promise<Report> {
  const { proof, job, timeline, whole } = e;
  const wrong: string[] = [];
  const note = (holds: boolean, what: string) => holds || wrong.push(what);
  note(
    hashOf(canonicalJson(proof.identity)) === hashOf(canonicalJson(e.identity)),
    "order, trainer or randomness",
  );
  note(proof.manifest === manifestHash(job.manifest), "manifest");
  note(proof.program === job.train.id, "training program");
  const wanted = job.manifest.determinism;
  note(wanted === "any" || wanted === proof.determinism, `determinism class: the order asks for ${wanted}`);

  const broken: string[] = [];
  let previous = linkBase(e.identity, manifestHash(job.manifest));
  for (let index = 0; index <= timeline.checkpoints; index++) {
    e.signal?.throwIfAborted();
    const link = proof.links[index];
    const problem = link === undefined ? "is missing" : await linkProblem(e, index, previous);
    if (problem !== undefined) broken.push(`link ${index}: ${problem}`);
    if (link !== undefined) previous = fromHex(link.link);
  }
  // A trainer that was stopped may have come farther than its last anchor.
  const surplus = Math.max(0, proof.links.length - whole.checkpoints - 1);
  return report("identity", "the proof is this order's, and as it was anchored", [
    exactly("claims of another job", wrong.length, 0, wrong[0]),
    exactly("links that do not hold", broken.length, 0, broken[0]),
    exactly("links too many", surplus, 0),
  ]);
}

/** What is wrong with one link, in words. */
async function linkProblem(e: Evidence, index: number, previous: Uint8Array): Promise<string | undefined> {
  const link = e.link(index);
  const segments = index === 0 ? [] : e.timeline.segmentsOf(index);
  if (link.index !== index || link.step !== e.timeline.stepOf(index)) return "stands at another step";
  if (link.states.length !== segments.length)
    return `has ${link.states.length} states, expected ${segments.length}`;
  if (index > 0 && link.states.at(-1) !== link.checkpoint) return "its last state is not its checkpoint";
  const anchored = e.anchors?.get(index);
  if (anchored !== undefined && anchored !== link.link) return "differs from what was anchored";
  try {
    if (hashOf(await e.bytes(index)) !== link.checkpoint) return "its checkpoint file is another one";
    const losses = await e.losses(index);
    if (sampleRoot(losses.samples) !== link.samples) return "its sample losses are other ones";
    if (meanLoss(losses.samples) !== link.loss) return "its loss is not the mean of its sample losses";
    if (linkHash(previous, link, segments, losses.steps) !== link.link) return "its hash is another one";
    return undefined;
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
}
