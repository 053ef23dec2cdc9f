import { useRouteError } from "react-router";

import { Failure } from "../parts/States";

/** A page that failed: the frame stays. A bundle that a new version replaced is fetched by a reload. */
export function RouteError() {
  return <Failure error={useRouteError()} retry={() => location.reload()} />;
}
