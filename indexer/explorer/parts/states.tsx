import type { ComponentChildren, JSX } from "preact";
import type { RequestError } from "../graphql/request.ts";
import type { Result } from "../graphql/use-query.ts";

export function Problem({ error }: { error: RequestError }): JSX.Element {
  return (
    <p class="notice bad" role="alert">
      <code>{error.code}</code> {error.message}
    </p>
  );
}

/** The answer once it is there; until then its place, and what went wrong, whatever is shown. */
export function Answer<Data>(props: {
  result: Result<Data>;
  children: (data: Data) => ComponentChildren;
}): JSX.Element {
  const { data, error, loading } = props.result;
  return (
    <>
      {error ? <Problem error={error} /> : null}
      {data === undefined ? loading && <Loading /> : props.children(data)}
    </>
  );
}

export function Loading(): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="hidden">Loading</span>
    </div>
  );
}

export function NotFound({ what }: { what: string }): JSX.Element {
  return (
    <section class="page">
      <h1>Not found</h1>
      <p class="lead">{what}</p>
      <p>
        <a href="/">To the overview</a>
      </p>
    </section>
  );
}
