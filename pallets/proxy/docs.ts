import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the proxy pallet's parts. */
export const docs: Docs = {
  pallet: "Accounts that act for others, at once or some blocks after an announcement.",
  storage: {
    Proxies: "By the account that is represented: who may act for it, and the deposit for this list.",
    Announcements: "By the proxy: the calls it means to make, and the deposit for this list.",
  },
  events: {
    ProxyExecuted: "A proxy made a call.",
    PureCreated: "An account without a key was created, with a proxy.",
    PureKilled: "An account without a key was given up.",
    Announced: "A proxy announced a call.",
    ProxyAdded: "An account may act for another.",
    ProxyRemoved: "An account may no longer act for another.",
    DepositPoked: "The deposit for a list was brought to what it costs now.",
  },
  constants: {
    ProxyDepositBase: "What a list of proxies takes as a deposit.",
    ProxyDepositFactor: "What each proxy takes besides.",
    MaxProxies: "How many proxies an account may have.",
    MaxPending: "How many announcements of a proxy may be pending.",
    AnnouncementDepositBase: "What a list of announcements takes as a deposit.",
    AnnouncementDepositFactor: "What each announcement takes besides.",
  },
};
