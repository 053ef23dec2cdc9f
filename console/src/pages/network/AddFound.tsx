import { Button, PasswordInput, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { AddedDevice, Area, FoundDevice } from "../../api/types";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import styles from "./Network.module.css";

interface Props {
  device: FoundDevice;
  onAdded: (added: AddedDevice) => void;
  onCancel: () => void;
}

/** The form that makes a camera of a found device: what is known is filled in, the rest the person completes. */
export function AddFound({ device, onAdded, onCancel }: Props) {
  const { suggestion } = device;
  const queries = useQueryClient();
  const areas = useAll<Area>("area");
  const hint = useId();
  const [name, setName] = useState(suggestion.name);
  const [url, setUrl] = useState(suggestion.url);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [area, setArea] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const add = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    // An address that was left as suggested is not sent: the server then knows that nobody has completed it.
    const own = url.trim() === suggestion.url ? {} : { url: url.trim() };
    const body = { name: name.trim(), username: username.trim(), password, area, ...own };
    take(api.POST("/api/v1/network/devices/{id}/add", { params: { path: { id: device.id } }, body }))
      .then((added) => {
        void queries.invalidateQueries({ queryKey: ["list", "camera"] });
        onAdded(added);
      }, setError)
      .finally(() => setBusy(false));
  };

  return (
    <form className={styles.add} onSubmit={add} aria-label={t("found.add.form", { name: suggestion.name })}>
      <div className={styles.fields}>
        <TextInput
          label={t("found.add.name")}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          required
          ref={first}
        />
        <TextInput
          label={t("found.add.url")}
          value={url}
          onChange={(e) => setUrl(e.currentTarget.value)}
          required
          aria-describedby={hint}
          className={styles.url}
        />
        <TextInput
          label={t("found.add.username")}
          value={username}
          onChange={(e) => setUsername(e.currentTarget.value)}
          autoComplete="off"
        />
        <PasswordInput
          label={t("found.add.password")}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          autoComplete="new-password"
        />
        <Select
          label={t("found.add.area")}
          value={area}
          onChange={setArea}
          data={(areas.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
          clearable
        />
      </div>
      <p id={hint} className="dim">
        {suggestion.note}
      </p>
      {error ? <Failure error={error} /> : null}
      <div className="row">
        <Button type="submit" loading={busy} disabled={name.trim() === "" || url.trim() === ""}>
          {t("found.add.do")}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}
