import assert from "node:assert/strict";
import type { CommitteeView } from "#node/consensus/committee.ts";
import type { Vertex } from "#node/consensus/dag.ts";
import { afterCommit, FIRST_SCHEDULE, leaderIn } from "#node/consensus/leader-schedule.ts";

/**
 * The anchors that a whole DAG commits, as the rule says it: of all anchors that f+1 commit under the schedule of the
 * commits so far, each reaches the same oldest uncommitted one; commit that one, and ask again.
 */
export function naiveAnchors(committee: CommitteeView, vertices: readonly Vertex[]): string[] {
  const byId = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const at = new Map(vertices.map((vertex) => [`${vertex.round}/${vertex.author}`, vertex]));
  const rounds = new Map<number, Vertex[]>();
  for (const vertex of vertices) rounds.set(vertex.round, [...(rounds.get(vertex.round) ?? []), vertex]);
  const highest = vertices.reduce((top, { round }) => Math.max(top, round), 0);
  const parents = (vertex: Vertex) => vertex.parents.flatMap((id) => byId.get(id) ?? []);
  const reaches = (from: Vertex, to: Vertex): boolean => {
    let layer = new Set([from]);
    for (let round = from.round; round > to.round; round--) layer = new Set([...layer].flatMap(parents));
    return layer.has(to);
  };
  const anchors: string[] = [];
  const done = new Set<string>();
  let schedule = FIRST_SCHEDULE;
  let last: Vertex | undefined;
  for (;;) {
    const leads = (round: number) => at.get(`${round}/${leaderIn(committee, schedule, round) ?? -1}`);
    const bottom = last?.round ?? 0;
    const oldest = new Set<Vertex>();
    for (let round = bottom + 2; round < highest; round += 2) {
      let anchor = leads(round);
      if (!anchor) continue;
      const { id } = anchor;
      const votes = (rounds.get(round + 1) ?? []).filter(({ parents: links }) => links.includes(id));
      const power = votes.reduce((sum, { author }) => sum + committee.powerOf(author), 0);
      if (power < committee.validity) continue;
      for (let below = round - 2; below > bottom; below -= 2) {
        const earlier = leads(below);
        if (earlier && reaches(anchor, earlier)) anchor = earlier;
      }
      oldest.add(anchor);
    }
    assert(oldest.size <= 1, "every committed anchor reaches the same oldest one");
    const [next] = oldest;
    if (!next) return anchors;
    const history: Vertex[] = [];
    const stack = [next];
    for (let vertex = stack.pop(); vertex; vertex = stack.pop()) {
      if (done.has(vertex.id)) continue;
      done.add(vertex.id);
      history.push(vertex);
      stack.push(...parents(vertex));
    }
    const voters = history.filter(
      (vertex) => last && vertex.round === bottom + 1 && vertex.parents.includes(last.id),
    );
    schedule = afterCommit(
      committee,
      schedule,
      voters.map(({ author }) => author),
    );
    anchors.push(next.id);
    last = next;
  }
}
