import { TextInput } from "@mantine/core";

import { t } from "../text/t";

/** Why somebody does something: it goes into the audit log. */
export function Reason({
  value,
  onChange,
  placeholder = t("reason.placeholder"),
  required = true,
  focus = false,
}: {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  required?: boolean;
  /** True: the field is where a dialog begins. */
  focus?: boolean;
}) {
  return (
    <TextInput
      label={t("reason.label")}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={500}
      required={required}
      data-autofocus={focus || undefined}
    />
  );
}
