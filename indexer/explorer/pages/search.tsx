import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { readSearch } from "../format/search.ts";
import { useQuery } from "../graphql/use-query.ts";
import { NodeLink } from "../parts/hex.tsx";
import { Answer } from "../parts/states.tsx";
import { numberQuery } from "../queries/search.ts";
import { go } from "../router.ts";

/** What was searched for, when it is not one thing alone. */
export function SearchPage({ text }: { text: string }): JSX.Element {
  const wanted = readSearch(text);
  useEffect(() => {
    if (wanted.kind === "place") go(wanted.to, { replace: true });
  }, [text]);
  return (
    <section class="page">
      <h1>Search</h1>
      {wanted.kind === "number" ? <NumberHits number={wanted.number} /> : null}
      {wanted.kind === "nothing" ? (
        <p class="empty">
          Nothing is called <code>{text}</code> here. There are addresses (0x and 40 digits), transactions (0x
          and 64 digits), and numbers of nodes, epochs and blocks.
        </p>
      ) : null}
    </section>
  );
}

const MAX_INT = 2_147_483_647;

function NumberHits({ number }: { number: number }): JSX.Element {
  const result = useQuery(numberQuery, { number: Math.min(number, MAX_INT), height: number });
  return (
    <Answer result={result}>
      {({ node, epoch, block }) =>
        node || epoch || block ? (
          <ul class="hits">
            {node ? (
              <li>
                <NodeLink id={node.id} />
              </li>
            ) : null}
            {epoch ? (
              <li>
                <a href={`/epochs/${epoch.number}`}>Epoch {epoch.number}</a>
              </li>
            ) : null}
            {block ? (
              <li>
                <a href={`/blocks/${block.height}`}>Block {block.height}</a> in epoch {block.epoch}
              </li>
            ) : null}
          </ul>
        ) : (
          <p class="empty">There is no node, epoch or block {number} yet.</p>
        )
      }
    </Answer>
  );
}
