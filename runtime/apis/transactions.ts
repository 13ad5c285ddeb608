import { storage } from "../../pallets/system/index.ts";
import { apiVersionOf } from "../api-versions.ts";
import { validateTransaction } from "../executive.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { accountId, hash } from "../primitives/account.ts";
import { alias } from "../primitives/codec.ts";
import { u32 } from "../primitives/codec-number.ts";
import { transactionSource, transactionValidity } from "../primitives/validity.ts";
import { opaqueExtrinsic } from "./wire.ts";

export const taggedTransactionQueueApi = runtimeApi(
  "TaggedTransactionQueue",
  apiVersionOf.TaggedTransactionQueue,
  "What a transaction pool asks.",
  {
    validate_transaction: method(
      "Tells whether a transaction may go into the block after the given one, now or later.",
      { source: transactionSource, tx: opaqueExtrinsic, block_hash: hash },
      transactionValidity,
      (ctx, { source, tx, block_hash }) => validateTransaction(ctx.storage, source, tx, block_hash),
    ),
  },
);

export const accountNonceApi = runtimeApi(
  "AccountNonceApi",
  apiVersionOf.AccountNonceApi,
  "What a wallet asks before it signs.",
  {
    account_nonce: method(
      "The nonce of the account's next transaction.",
      { account: accountId },
      alias(u32, "Nonce"),
      (ctx, { account }) => storage.Account.get(ctx, account).nonce,
    ),
  },
);
