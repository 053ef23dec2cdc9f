import { Tabs } from "@mantine/core";
import { useSearchParams } from "react-router";

import { t } from "../text/t";

/** Which part of an entity's page is shown: how it is now, or how it was. It stands in the address. */
export function useTab(): "now" | "history" {
  const [search] = useSearchParams();
  return search.get("tab") === "history" ? "history" : "now";
}

export function PageTabs() {
  const [, setSearch] = useSearchParams();
  const tab = useTab();
  return (
    <Tabs
      value={tab}
      onChange={(next) =>
        setSearch(
          (held) => {
            const search = new URLSearchParams(held);
            if (next === "history") search.set("tab", "history");
            else search.delete("tab");
            return search;
          },
          { replace: true },
        )
      }
      aria-label={t("history.tabs")}
    >
      <Tabs.List>
        <Tabs.Tab value="now">{t("history.tab.now")}</Tabs.Tab>
        <Tabs.Tab value="history">{t("history.tab.history")}</Tabs.Tab>
      </Tabs.List>
    </Tabs>
  );
}
