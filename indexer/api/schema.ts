import type { GraphQLSchema } from "graphql";
import { createBuilder } from "./builder.ts";
import { createRefs } from "./refs.ts";
import { addAccount, addAccountParts, addRoleEnum } from "./types/account.ts";
import { addCertificate } from "./types/certificate.ts";
import { addBlock, addEpoch, addEpochGrant, addSettlement } from "./types/epoch.ts";
import { addMeta } from "./types/meta.ts";
import { addNode, addNodeEpoch } from "./types/node.ts";
import { addLists, addSingles } from "./types/query.ts";
import { addService } from "./types/service.ts";
import { addSubscriptions } from "./types/subscription.ts";

export function createSchema(): GraphQLSchema {
  const builder = createBuilder();
  const refs = createRefs(builder);
  const role = addRoleEnum(builder);
  addAccount(builder, refs, role);
  addAccountParts(refs);
  addNode(builder, refs);
  addNodeEpoch(refs);
  addEpoch(builder, refs);
  addCertificate(refs);
  addEpochGrant(refs);
  addSettlement(refs);
  addBlock(refs);
  addService(refs);
  addMeta(builder);
  addSingles(builder, refs);
  addLists(builder, refs, role);
  addSubscriptions(builder, refs);
  return builder.toSchema();
}
