import { scoreInfo, scoreOf, scoresOf } from "../../pallets/compute-score/index.ts";
import { apiVersionOf } from "../api-versions.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { accountId } from "../primitives/account.ts";
import { vec } from "../primitives/codec-list.ts";
import { u32 } from "../primitives/codec-number.ts";

/** So many scores are answered at once; each costs two powers of two. */
const maxCount = 1_000;

export const computeScoreApi = runtimeApi(
  "ComputeScoreApi",
  apiVersionOf.ComputeScoreApi,
  "What trainers have computed, decayed to the time of the block.",
  {
    score: method(
      "The score of a trainer; zeros where there is none.",
      { account: accountId },
      scoreInfo,
      (ctx, { account }) => scoreOf(ctx, account),
    ),
    scores: method(
      `At most \`count\` scores, and at most ${maxCount}, after the first \`start\`, in the order of their storage keys.`,
      { start: u32, count: u32 },
      vec(scoreInfo),
      (ctx, { start, count }) => scoresOf(ctx, start, Math.min(count, maxCount)),
    ),
  },
);
