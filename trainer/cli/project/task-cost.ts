/** What publishing a task puts on hold, and whether the chain would take it: asked before anything is made known. */

import { constants as balances } from "../../../pallets/balances/index.ts";
import {
  constants,
  storage as drilling,
  type Project,
  rewardsPerUnit,
  type TaskSpec,
} from "../../../pallets/drilling/index.ts";
import { storage as system } from "../../../pallets/system/index.ts";
import type { ReadCtx } from "../../../runtime/frame/ctx.ts";
import { equalBytes, fromHex, toHex } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import type { Signer } from "../../client/signer.ts";
import { amountText } from "../chain/amount.ts";
import { InputError } from "../run-command.ts";

/** In the smallest unit of the token. */
export interface TaskCost {
  /** For all rewards that the units can cost; what is not paid returns. */
  readonly budget: bigint;
  /** Returns at the task's end. */
  readonly deposit: bigint;
  /** What disputes have taken from the project's deposit. */
  readonly filling: bigint;
}

type Terms = Pick<TaskSpec, "units" | "quorum" | "reward">;

/** The project of this account. @throws InputError. */
export async function ownProject(
  chain: ChainClient,
  { account, address }: Signer,
  id: number,
): Promise<Project> {
  const project = await chain.read(drilling.Projects, [id]);
  if (project === undefined)
    throw new InputError(`there is no project ${id}: register it with project register`);
  if (!equalBytes(project.owner, account)) throw new InputError(`project ${id} is not ${address}'s`);
  return project;
}

/** @throws InputError where the account has less. */
export async function affordable(
  chain: ChainClient,
  { account, address }: Signer,
  project: Project,
  { units, quorum, reward }: Terms,
): Promise<TaskCost> {
  const budget = BigInt(units) * rewardsPerUnit(quorum) * reward;
  const deposit = await parameterOf(chain, constants.TaskDeposit);
  const full = await parameterOf(chain, constants.ProjectDeposit);
  const filling = full > project.deposit ? full - project.deposit : 0n;
  const { free } = (await chain.read(system.Account, [account])).data;
  const needed = budget + deposit + filling + balances.ExistentialDeposit;
  if (free < needed)
    throw new InputError(
      `${address} has ${amountText(free)} free, and the task takes ${amountText(needed)} and a transaction fee: ${amountText(budget)} for the rewards of ${units} units, ${amountText(deposit + filling)} in deposits`,
    );
  return { budget, deposit, filling };
}

/** A parameter of the chain, as its state has it. */
async function parameterOf<T>(chain: ChainClient, parameter: (ctx: ReadCtx) => T): Promise<T> {
  let asked: Uint8Array | undefined;
  const with_ = (bytes: Uint8Array | undefined): T =>
    parameter({
      storage: {
        get(key) {
          asked = key;
          return bytes;
        },
        nextKey: () => undefined,
      },
    });
  const fallback = with_(undefined);
  if (asked === undefined) return fallback;
  const hex = await chain.request<string | null>("state_getStorage", toHex(asked));
  return hex === null ? fallback : with_(fromHex(hex));
}
