import { Checkbox, MultiSelect, PasswordInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";

import type { Field } from "../../api/fields";
import { useAll } from "../../api/hooks";
import type { Entity } from "../../api/types";
import { useZone } from "../../app/session";
import { REFERRING, type Kind } from "../../site/kinds";
import { fromField, toField } from "../../time/zone";
import { t, word } from "../../text/t";
import type { Draft } from "./form";

interface Props {
  field: Field;
  value: Draft[string];
  wrong: string | undefined;
  /** A secret that stands already. */
  isSet: boolean;
  onChange: (value: Draft[string]) => void;
}

function useOptions(kind: Kind): { value: string; label: string }[] {
  const query = useAll<Entity>(kind);
  return (query.data ?? []).map(({ id, name }) => ({ value: id, label: name === id ? id : `${name} (${id})` }));
}

function Reference({ field, value, wrong, onChange, kind }: Props & { kind: Kind }) {
  const data = useOptions(kind);
  const shared = {
    label: word("field", field.name),
    description: field.help,
    error: wrong,
    required: field.required,
    searchable: true,
    limit: 100,
    data,
  };
  if (Array.isArray(value)) return <MultiSelect {...shared} value={value} onChange={onChange} />;
  return (
    <Select {...shared} value={String(value) || null} onChange={(chosen) => onChange(chosen ?? "")} clearable={!field.required} />
  );
}

function Moment({ field, value, wrong, onChange }: Props) {
  const zone = useZone();
  const ms = Date.parse(String(value));
  return (
    <TextInput
      type="datetime-local"
      label={word("field", field.name)}
      description={t("form.moment", { zone })}
      error={wrong}
      value={Number.isFinite(ms) ? toField(ms, zone) : ""}
      onChange={(event) => {
        const read = fromField(event.currentTarget.value, zone);
        onChange(read === null ? "" : new Date(read).toISOString());
      }}
    />
  );
}

/** The input that fits a field of the API. */
export function FieldInput(props: Props) {
  const { field, value, wrong, isSet, onChange } = props;
  const kind = REFERRING[field.name];
  const label = word("field", field.name);
  const shared = { label, description: field.help, error: wrong, required: field.required };
  const text = typeof value === "string" ? value : "";
  if (kind) return <Reference {...props} kind={kind} />;
  if (["valid_from", "valid_to", "expires"].includes(field.name)) return <Moment {...props} />;
  if (field.secret) {
    return (
      <PasswordInput
        {...shared}
        description={isSet ? t("form.secret.set") : undefined}
        value={text}
        onChange={(e) => onChange(e.currentTarget.value)}
        autoComplete="new-password"
        maxLength={field.maxLength}
      />
    );
  }
  switch (field.type) {
    case "boolean":
      return (
        <Checkbox
          label={label}
          description={field.help}
          checked={value === true}
          onChange={(e) => onChange(e.currentTarget.checked)}
        />
      );
    case "enum":
      return (
        <Select
          {...shared}
          value={text}
          onChange={(chosen) => onChange(chosen ?? "")}
          data={(field.enum ?? []).map((item) => ({ value: item, label: word("choice", item) || t("value.none") }))}
          allowDeselect={false}
        />
      );
    case "list":
      return <TagsInput {...shared} value={Array.isArray(value) ? value : []} onChange={onChange} />;
    case "json":
      return (
        <Textarea
          {...shared}
          description={field.help ?? t("form.json.help")}
          value={text}
          onChange={(e) => onChange(e.currentTarget.value)}
          autosize
          minRows={3}
          maxRows={20}
          classNames={{ input: "mono" }}
          spellCheck={false}
        />
      );
    case "string":
      if (field.name === "description" || field.name === "icalendar") {
        return (
          <Textarea
            {...shared}
            value={text}
            onChange={(e) => onChange(e.currentTarget.value)}
            autosize
            minRows={field.name === "icalendar" ? 6 : 1}
            maxRows={20}
            maxLength={field.maxLength}
          />
        );
      }
      return (
        <TextInput
          {...shared}
          description={field.name === "id" ? t("form.id.help") : field.help}
          value={text}
          onChange={(e) => onChange(e.currentTarget.value)}
          maxLength={field.maxLength}
        />
      );
    default:
      return <TextInput {...shared} value={text} onChange={(e) => onChange(e.currentTarget.value)} inputMode="decimal" />;
  }
}
