import { priceChanges } from "../../store/schema.ts";
import type { Refs } from "../refs.ts";
import { COMMODITY, childList, ofCommodity, ofLog, SERVICE_ID } from "./fields.ts";

export function addService(refs: Refs): void {
  const { priceChanges: history } = refs.lists;
  refs.service.implement({
    description: "A service on the L2 now, or as the epoch opened that was asked for.",
    fields: (t) => ({
      id: t.exposeInt("id", { description: SERVICE_ID }),
      owner: t.expose("owner", { type: "Address", description: "Whom its share of the revenue goes to." }),
      metadataUri: t.exposeString("metadataUri", {
        description: "Where it says what it is, in its owner's own words: not checked.",
      }),
      prices: t.field({
        type: [refs.price],
        description: "One for each commodity that has a price, by commodity.",
        resolve: async (row, _, { loaders }) => row.prices ?? (await loaders.prices(row.id)) ?? [],
      }),
      priceHistory: childList(t, history, "id", {
        parent: priceChanges.service,
        direction: "DESC",
        description: "Newest first.",
      }),
    }),
  });
  refs.price.implement({
    description: "What a service charges for a commodity.",
    fields: (t) => ({
      commodity: t.exposeInt("commodity", { description: COMMODITY }),
      price: t.expose("price", {
        type: "USDC",
        description: "Per 10^9 units. What is set on the L2 counts from the next epoch.",
      }),
    }),
  });
  refs.priceChange.implement({
    description: "A price was set; it counts from the epoch after the one that saw the L2 block.",
    fields: (t) => ({
      ...ofCommodity(t),
      price: t.expose("price", { type: "USDC", description: "Per 10^9 units." }),
      ...ofLog(t, refs),
    }),
  });
}
