/** What the view shows of the chain, as of one final block; figures in the chain's units. */

export interface TrainerPicture {
  readonly name: string;
  /** Its part of all weight, 0 to 1, in the lottery of this epoch and of the next. */
  readonly share: number;
  readonly nextShare: number;
  /** Work credited so far, in uut: of drilling and of training. */
  readonly drilling: bigint;
  readonly training: bigint;
  /** What its machines were measured to do, in uut per day. */
  readonly measured: bigint;
  /** Rewards on hold that are not claimed yet. */
  readonly rewards: bigint;
  /** What it does now. */
  readonly now: string;
}

export interface OrderPicture {
  readonly id: number;
  readonly state: string;
  readonly isOver: boolean;
  readonly trainer: string | undefined;
  readonly buyer: string;
  readonly step: number;
  readonly steps: number;
  readonly anchored: number;
  readonly checkpoints: number;
  /** Of the checkpoints so far. */
  readonly losses: readonly number[];
  /** How much longer the training takes at its pace, in ms. */
  readonly leftMs: number | undefined;
  /** The block by which the state must have moved on. */
  readonly deadline: number | undefined;
  /** The panel: who, and what it has said. */
  readonly judges: readonly { readonly name: string; readonly said: string }[];
}

export interface TaskPicture {
  readonly id: number;
  readonly state: string;
  readonly units: number;
  /** Given to trainers so far, agreed on, and without an agreement. */
  readonly given: number;
  readonly agreed: number;
  readonly failed: number;
  /** Of the vote, 0 to 1 of the votes cast; undefined without votes. */
  readonly ayes: number | undefined;
}

export interface Picture {
  readonly chain: string;
  readonly block: number;
  readonly best: number;
  readonly author: string | undefined;
  readonly epoch: number;
  /** Slots until the next epoch. */
  readonly slotsLeft: number;
  readonly slotMs: number;
  readonly trainers: readonly TrainerPicture[];
  readonly tasks: readonly TaskPicture[];
  readonly orders: readonly OrderPicture[];
}
