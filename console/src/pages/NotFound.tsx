import { Link } from "react-router";

import { Empty } from "../parts/States";
import { t } from "../text/t";

export function NotFound() {
  return <Empty what={t("notfound.what")} next={t("notfound.next")} action={<Link to="/">{t("nav.overview")}</Link>} />;
}
