import type { ReactNode } from "react";

import styles from "./Panel.module.css";

interface Props {
  title: string;
  count?: number | string;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  className?: string;
}

/** A titled part of a page. */
export function Panel({ title, count, actions, children, flush = false, className }: Props) {
  return (
    <section className={`${styles.panel ?? ""} ${className ?? ""}`} aria-label={title}>
      <header className={styles.head}>
        <h2>
          {title} {count === undefined ? null : <span className={styles.count}>{count}</span>}
        </h2>
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </header>
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </section>
  );
}

/** The head of a page: what it is, how it is, what can be done. */
export function PageHead({ title, after, actions }: { title: string; after?: ReactNode; actions?: ReactNode }) {
  return (
    <div className={styles.pagehead}>
      <h1>{title}</h1>
      {after}
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </div>
  );
}
