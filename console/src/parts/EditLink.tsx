import { Button } from "@mantine/core";
import { Link } from "react-router";

import { useCan } from "../app/session";
import { PLURALS, type Kind } from "../site/kinds";
import { t } from "../text/t";
import { Icon } from "./Icon";

/** Leads to the form of an entity, for those who may change it. */
export function EditLink({ kind, id }: { kind: Kind; id: string }) {
  const can = useCan();
  if (!can(`${kind}.update`, { ref: `${kind}:${id}` })) return null;
  return (
    <Button component={Link} to={`/${PLURALS[kind]}/${id}/edit`} variant="default" leftSection={<Icon name="edit" size={14} />}>
      {t("action.edit")}
    </Button>
  );
}
