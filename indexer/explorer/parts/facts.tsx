import type { ComponentChildren, JSX } from "preact";

export interface Fact {
  name: string;
  value: ComponentChildren;
}

/** What there is to say about one thing, as pairs. */
export function Facts({ facts }: { facts: readonly Fact[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A few numbers that matter most. */
export function Tiles({ children }: { children: ComponentChildren }): JSX.Element {
  return <dl class="tiles">{children}</dl>;
}

export function Tile(props: {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="tile">
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
      {props.note === undefined ? null : <dd class="note">{props.note}</dd>}
    </div>
  );
}

export function Section(props: {
  title: string;
  more?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="section">
      <header>
        <h2>{props.title}</h2>
        {props.more}
      </header>
      {props.children}
    </section>
  );
}
