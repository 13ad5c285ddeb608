import { call } from "../../runtime/frame/call.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { boundedBytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { bool, u8, u32 } from "../../runtime/primitives/codec-number.ts";
import { machineId } from "../machines/index.ts";
import { commitResult, revealResult } from "./answers.ts";
import { openCanary } from "./canary.ts";
import { closeProject, registerProject } from "./projects.ts";
import { publish } from "./publish.ts";
import { requestWork, setPreferences } from "./requests.ts";
import { closeTask } from "./tasks.ts";
import { maxSeats, maxUri, preferences, taskSpec } from "./types.ts";
import { vote } from "./votes.ts";
import * as weights from "./weights.ts";

const hash = fixedBytes(32);

export const calls = {
  register_project: call(
    0,
    { name: boundedBytes(64), uri: boundedBytes(maxUri) },
    (ctx, { name, uri }) => registerProject(ctx, signer(ctx), name, uri),
    { weight: weights.registerProject, docs: "Registers a project that publishes tasks, with a deposit." },
  ),
  publish_task: call(
    1,
    { project: u32, spec: taskSpec },
    (ctx, { project, spec }) => publish(ctx, signer(ctx), project, spec),
    {
      weight: ({ spec }) => weights.publishTask(spec.canaries?.commitments.length ?? 0),
      docs: "Publishes a task of the project, to be approved by a vote. All rewards that it can cost are put on hold.",
    },
  ),
  vote_task: call(2, { task: u32, aye: bool }, (ctx, { task, aye }) => vote(ctx, signer(ctx), task, aye), {
    weight: weights.voteTask,
    docs: "Votes on a task and its difficulty, with the trainer's compute score as weight, or changes that vote.",
  }),
  request_work: call(
    3,
    { machine: machineId, max_units: u8 },
    (ctx, { machine, max_units }) => requestWork(ctx, signer(ctx), machine, max_units),
    {
      weight: weights.requestWork,
      docs: "Asks for up to so many units for a machine of the trainer; 0 takes the request back. Units come by `QuorumFormed`, with a bond for each.",
    },
  ),
  commit_result: call(
    4,
    { task: u32, unit: u32, commitment: hash },
    (ctx, { task, unit, commitment }) => commitResult(ctx, signer(ctx), { task, unit }, commitment),
    {
      weight: weights.commitResult,
      docs: 'Commits to a result: BLAKE2b-256("pod" || task || unit || trainer || result || salt), where task and unit are u32, little-endian, and the result is the BLAKE2b-256 of its canonical form.',
    },
  ),
  reveal_result: call(
    5,
    { task: u32, unit: u32, result: hash, salt: hash },
    (ctx, { task, unit, result, salt }) => ({
      actual_weight: weights.revealResult(revealResult(ctx, signer(ctx), { task, unit }, result, salt)),
    }),
    {
      weight: weights.revealResult(maxSeats),
      docs: "Reveals the result that the trainer committed to. The last one decides the round.",
    },
  ),
  open_canary: call(
    6,
    { task: u32, unit: u32, result: hash, salt: hash },
    (ctx, { task, unit, result, salt }) => openCanary(ctx, signer(ctx), { task, unit }, result, salt),
    {
      weight: weights.openCanary,
      docs: 'Opens an answer that the project committed to as BLAKE2b-256("canary" || project || unit || result || salt). Another result than the one agreed on is put to a fresh quorum.',
    },
  ),
  close_task: call(7, { task: u32 }, (ctx, { task }) => closeTask(ctx, signer(ctx), task), {
    weight: weights.closeTask,
    docs: "Ends the vote on a task, or lets it give out no more units. What is on hold returns when the last unit ends.",
  }),
  close_project: call(8, { project: u32 }, (ctx, { project }) => closeProject(ctx, signer(ctx), project), {
    weight: weights.closeProject,
    docs: "Ends a project without tasks; its deposit returns.",
  }),
  set_preferences: call(
    9,
    { preferences },
    (ctx, { preferences: chosen }) => setPreferences(ctx, signer(ctx), chosen),
    {
      weight: weights.setPreferences,
      docs: "Says what the trainer does not want to be given: units with higher bonds, and units of these tasks; and where its results lie, each under its hash.",
    },
  ),
};
