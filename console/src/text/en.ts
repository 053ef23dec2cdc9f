import { common } from "./en/common";
import { controllers } from "./en/controllers";
import { entities } from "./en/entities";
import { pages } from "./en/pages";
import { people } from "./en/people";
import { video } from "./en/video";

/** The English catalogue: ICU messages by key. */
export const en = { ...common, ...controllers, ...entities, ...pages, ...people, ...video } as const;
