import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the finality pallet's parts. */
export const docs: Docs = {
  pallet: "Who votes on finality, with which key and weight, and who has voted twice.",
  storage: {
    CurrentSetId: "Number of the present authority set: how often the set has changed since genesis.",
    Authorities: "The present authority set: ed25519 keys with their weights.",
    Members: "Keys and their trainers in the present and in former authority sets, by number of the set.",
    Reported: "The round of the double vote for which a key is punished, by number of the set.",
    Offences: "Double votes that were reported in this block; punished at its end.",
  },
  events: { NewAuthorities: "There is a new authority set." },
  constants: {
    MaxAuthorities: "How many authorities a set may have.",
    MaxSets: "Of so many sets, the present one included, double votes can be reported.",
  },
};
