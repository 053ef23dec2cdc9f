import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { api, take } from "../api/client";
import { listPath } from "../api/hooks";
import { KINDS, PLURALS, type Kind } from "../site/kinds";
import { t, word } from "../text/t";
import { NAVIGATION } from "./navigation";
import styles from "./Palette.module.css";
import { useCan, useSigned } from "./session";

interface Hit {
  key: string;
  kind: string;
  label: string;
  hint: string;
  run: () => void;
}

async function search(
  kinds: readonly Kind[],
  q: string,
  signal: AbortSignal,
): Promise<{ kind: Kind; id: string; name: string }[]> {
  const pages = await Promise.all(
    kinds.map(async (kind) => {
      const page = await take(api.GET(listPath(kind), { params: { query: { q, limit: 6 } }, signal })).catch(() => ({
        items: [],
      }));
      return page.items.map(({ id, name }) => ({ kind, id, name }));
    }),
  );
  const needle = q.toLowerCase();
  const rank = (name: string): number => (name.toLowerCase().startsWith(needle) ? 0 : 1);
  return pages.flat().sort((a, b) => rank(a.name) - rank(b.name));
}

function useHits(text: string, opened: boolean, close: () => void): Hit[] {
  const navigate = useNavigate();
  const can = useCan();
  const { signOut } = useSigned();
  const [settled] = useDebouncedValue(text.trim(), 120);
  const kinds = KINDS.filter((kind) => can(`${kind}.list`));
  const found = useQuery({
    queryKey: ["palette", settled, kinds.length],
    queryFn: ({ signal }) => search(kinds, settled, signal),
    enabled: opened && settled.length > 0,
    placeholderData: (held) => held,
  });
  return useMemo(() => {
    const go = (path: string) => () => {
      close();
      void navigate(path);
    };
    const needle = text.trim().toLowerCase();
    const fits = (label: string): boolean => label.toLowerCase().includes(needle);
    const hits: Hit[] = NAVIGATION.filter((place) => can(place.action) && fits(t(place.text))).map((place) => ({
      key: place.path,
      kind: t("palette.page"),
      label: t(place.text),
      hint: `g ${place.key}`,
      run: go(place.path),
    }));
    if (fits(t("shortcuts.title")))
      hits.push({ key: "?", kind: t("palette.page"), label: t("shortcuts.title"), hint: "?", run: go("/shortcuts") });
    if (needle && fits(t("user.signout")))
      hits.push({ key: "out", kind: t("palette.action"), label: t("user.signout"), hint: "", run: signOut });
    const entities = needle ? (found.data ?? []) : [];
    return [
      ...hits,
      ...entities.map(({ kind, id, name }) => ({
        key: `${kind}:${id}`,
        kind: word("kind", kind),
        label: name,
        hint: id,
        run: go(kind === "saved-search" ? `/events?saved=${encodeURIComponent(id)}` : `/${PLURALS[kind]}/${id}`),
      })),
    ].slice(0, 40);
  }, [text, found.data, can, navigate, close, signOut]);
}

function focus(input: HTMLInputElement | null): void {
  input?.focus();
}

/** Every page and every entity, one keystroke away. */
export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const hits = useHits(text, opened, onClose);
  const current = Math.min(at, hits.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const press = (event: React.KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) setAt((current + step + hits.length) % Math.max(1, hits.length));
    else if (event.key === "Enter") hits[current]?.run();
    else return;
    event.preventDefault();
  };

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      transitionProps={{ duration: 0 }}
      size={560}
      yOffset="12vh"
      centered={false}
      padding={0}
      title={null}
      aria-label={t("palette.open")}
      onExitTransitionEnd={() => setText("")}
    >
      <TextInput
        ref={focus}
        size="sm"
        className={styles.input}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
        placeholder={t("palette.placeholder")}
        aria-label={t("palette.placeholder")}
        role="combobox"
        aria-expanded
        aria-controls="palette-hits"
        aria-activedescendant={hits[current] ? `hit-${current}` : undefined}
      />
      <div className={styles.hits} id="palette-hits" role="listbox" aria-label={t("palette.open")} ref={list} tabIndex={-1}>
        {hits.length === 0 ? <p className={styles.none}>{t("palette.none")}</p> : null}
        {hits.map((hit, i) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the input has the keys
          <div
            key={hit.key}
            id={`hit-${i}`}
            role="option"
            aria-selected={i === current}
            className={styles.hit}
            onClick={hit.run}
            onMouseMove={() => setAt(i)}
          >
            <span className={styles.kind}>{hit.kind}</span>
            <span className="grow cut">{hit.label}</span>
            <span className={styles.kind}>{hit.hint}</span>
          </div>
        ))}
      </div>
    </Modal>
  );
}
