/** How the wall is divided. Pure. */
import type { Layout } from "../../api/types";

export type Form = NonNullable<Layout["form"]>;

interface Grid {
  cells: number;
  columns: number;
  rows: number;
  /** The first so many cells take `span` columns and rows each. */
  large: number;
  span: number;
}

export const FORMS: Record<Form, Grid> = {
  "1": { cells: 1, columns: 1, rows: 1, large: 0, span: 1 },
  "4": { cells: 4, columns: 2, rows: 2, large: 0, span: 1 },
  "9": { cells: 9, columns: 3, rows: 3, large: 0, span: 1 },
  "16": { cells: 16, columns: 4, rows: 4, large: 0, span: 1 },
  "1+5": { cells: 6, columns: 3, rows: 3, large: 1, span: 2 },
  "1+7": { cells: 8, columns: 4, rows: 4, large: 1, span: 3 },
  "2+8": { cells: 10, columns: 4, rows: 4, large: 2, span: 2 },
};

export const isForm = (text: string): text is Form => text in FORMS;

/** The key of a form: its cells, 0 for sixteen. */
export const FORM_KEYS: Record<string, Form> = { "1": "1", "4": "4", "6": "1+5", "8": "1+7", "9": "9", "0": "16" };

/** Rows that the cells take which are shown, so that few cameras fill the wall. */
export function rowsOf(form: Form, shown: number): number {
  const { columns, rows, large } = FORMS[form];
  return large > 0 ? rows : Math.max(1, Math.min(rows, Math.ceil(shown / columns)));
}
