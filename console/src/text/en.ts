import { common } from "./en/common";
import { controllers } from "./en/controllers";
import { entities } from "./en/entities";
import { network } from "./en/network";
import { pages } from "./en/pages";
import { ports } from "./en/ports";
import { servers } from "./en/servers";
import { video } from "./en/video";
import { zones } from "./en/zones";

/** The English catalogue: ICU messages by key. */
export const en = {
  ...common,
  ...controllers,
  ...entities,
  ...network,
  ...pages,
  ...ports,
  ...servers,
  ...video,
  ...zones,
} as const;
