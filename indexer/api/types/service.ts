import type { Refs } from "../refs.ts";

export function addService(refs: Refs): void {
  refs.service.implement({
    fields: (t) => ({
      id: t.exposeInt("id"),
      owner: t.expose("owner", { type: "Address" }),
      metadataUri: t.exposeString("metadataUri"),
      prices: t.field({
        type: [refs.price],
        resolve: async (row, _, { loaders }) => (await loaders.prices(row.id)) ?? [],
      }),
    }),
  });
  refs.price.implement({
    fields: (t) => ({
      commodity: t.exposeInt("commodity", { description: "0: bandwidth in bytes, 1: compute in ms." }),
      price: t.expose("price", {
        type: "USDC",
        description: "Per 10^9 units, on the L2 now; counts from the next epoch.",
      }),
    }),
  });
  refs.parameter.implement({
    description: "A governed number on the L2 now; counts from the next epoch.",
    fields: (t) => ({
      key: t.exposeString("key"),
      value: t.expose("value", { type: "Units" }),
    }),
  });
}
