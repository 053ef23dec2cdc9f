import { IntlMessageFormat } from "intl-messageformat";

import { en } from "./en";

export type Key = keyof typeof en;

type Name<S extends string> = S extends `${infer B},${string}` ? B : S;
type Placeholder<S extends string> = S extends `${string} ${string}` | `${string}#${string}` ? never : S;

/** The names of the arguments of an ICU message, read from its text. */
type Arguments<S extends string> = S extends `${string}{${infer R}`
  ? R extends `${infer A}}${infer Rest}`
    ? Placeholder<Name<A>> | Arguments<Rest>
    : never
  : never;

type Values<K extends Key> = [Arguments<(typeof en)[K]>] extends [never]
  ? []
  : [values: Record<Arguments<(typeof en)[K]>, string | number>];

/** A key whose message has no arguments. */
export type PlainKey = { [K in Key]: Values<K> extends [] ? K : never }[Key];

const formats = new Map<string, IntlMessageFormat>();

function message(key: string): string | undefined {
  return (en as Record<string, string>)[key];
}

function format(key: string, source: string, values?: Record<string, string | number>): string {
  let found = formats.get(key);
  if (!found) {
    found = new IntlMessageFormat(source, "en", undefined, { ignoreTag: true });
    formats.set(key, found);
  }
  return String(found.format(values));
}

/** The text of the catalogue under `key`, with its arguments filled in. */
export function t<K extends Key>(key: K, ...values: Values<K>): string {
  return format(key, en[key], values[0]);
}

/** The text for a value of the server's vocabulary, such as a door mode; an unknown value stands as itself. */
export function word(group: string, value: string, values?: Record<string, string | number>): string {
  const key = `${group}.${value}`;
  const source = message(key);
  return source === undefined ? value : format(key, source, values);
}
