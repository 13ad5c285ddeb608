/** The events that end an order, and the outcome that each means. */
export const ends: Readonly<Record<string, string>> = {
  OrderCompleted: "Completed",
  OrderRejected: "Rejected",
  OrderInconclusive: "Inconclusive",
  OrderCanceled: "Cancelled",
  OrderExpired: "Expired",
  OrderDeclined: "Declined",
  OrderFaulted: "Faulted",
};
