import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { readSearch } from "../format/search.ts";
import { address, go } from "../router.ts";

/** By address, node, epoch, block or transaction; "/" puts the cursor into it. */
export function SearchBox(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const typing = (event.target as Element | null)?.closest?.("input, textarea, select");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const search = (event: SubmitEvent): void => {
    event.preventDefault();
    const text = input.current?.value.trim() ?? "";
    if (text === "") return;
    const wanted = readSearch(text);
    go(wanted.kind === "place" ? wanted.to : address("/search", { q: text }));
    if (input.current) input.current.value = "";
    input.current?.blur();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not a form
    <form class="search" role="search" onSubmit={search}>
      <input
        ref={input}
        type="search"
        name="q"
        aria-label="Search by address, node, epoch, block or transaction"
        placeholder="Address, node, epoch, transaction"
        autocomplete="off"
        spellcheck={false}
      />
    </form>
  );
}
