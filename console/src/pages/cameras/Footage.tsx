import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import { useCan } from "../../app/session";
import { t } from "../../text/t";
import { FILE, type Draft } from "../entities/form";

interface Props {
  value: Draft[string] | undefined;
  onChoose: (url: string) => void;
}

/** Recordings of the server's disk, one of which fills in the address; nothing where the server allows none. */
export function Footage({ value, onChoose }: Props) {
  const can = useCan();
  const may = can("camera.create");
  const query = useQuery({
    queryKey: ["camera-files"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/files", { signal })),
    enabled: may,
    retry: false,
  });
  if (!may || !query.data?.allowed) return null;
  const names = query.data.items.map((one) => FILE + one.name);
  const chosen = typeof value === "string" && names.includes(value) ? value : null;
  return (
    <Select
      label={t("footage.choose")}
      description={query.data.more ? t("footage.more") : t("footage.about")}
      data={names.map((name) => ({ value: name, label: name.slice(FILE.length) }))}
      value={chosen}
      onChange={(name) => onChoose(name ?? "")}
      nothingFoundMessage={t("footage.none")}
      limit={100}
      searchable
      clearable
    />
  );
}
