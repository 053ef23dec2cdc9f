import { charts } from "./en/charts";
import { common } from "./en/common";
import { controllers } from "./en/controllers";
import { entities } from "./en/entities";
import { fields } from "./en/fields";
import { network } from "./en/network";
import { pages } from "./en/pages";
import { people } from "./en/people";
import { playback } from "./en/playback";
import { ports } from "./en/ports";
import { ptz } from "./en/ptz";
import { servers } from "./en/servers";
import { video } from "./en/video";
import { whatif } from "./en/whatif";
import { zones } from "./en/zones";

/** The English catalogue: ICU messages by key. */
export const en = {
  ...charts,
  ...common,
  ...controllers,
  ...entities,
  ...fields,
  ...network,
  ...pages,
  ...people,
  ...playback,
  ...ports,
  ...ptz,
  ...servers,
  ...video,
  ...whatif,
  ...zones,
} as const;
