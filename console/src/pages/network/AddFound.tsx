import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";

import { api, take } from "../../api/client";
import type { AddedDevice, FoundDevice } from "../../api/types";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import { AddOnvif, AreaSelect, Credentials, type Proof } from "../cameras/AddOnvif";
import styles from "./Network.module.css";

interface Props {
  device: FoundDevice;
  onAdded: (added: AddedDevice) => void;
  onCancel: () => void;
}

/** Makes a camera of a found device: what speaks ONVIF is asked for its streams, of others the person knows the address. */
export function AddFound({ device, onAdded, onCancel }: Props) {
  const place = device.services[0] ?? (device.suggestion.onvif ? device.address : undefined);
  const [byStream, setByStream] = useState(false);
  if (place === undefined || byStream) return <ByStream device={device} onAdded={onAdded} onCancel={onCancel} />;
  return (
    <AddOnvif
      address={place}
      onAdded={(entity) => onAdded({ entity, next: t("addcamera.added") })}
      onCancel={onCancel}
      other={
        <Button variant="subtle" onClick={() => setByStream(true)}>
          {t("addcamera.bystream")}
        </Button>
      }
    />
  );
}

function ByStream({ device, onAdded, onCancel }: Props) {
  const { suggestion } = device;
  const queries = useQueryClient();
  const hint = useId();
  const [name, setName] = useState(suggestion.name);
  const [url, setUrl] = useState("");
  const [who, setWho] = useState<Proof>({ username: "", password: "" });
  const [area, setArea] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const add = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = { name: name.trim(), url: url.trim(), username: who.username.trim(), password: who.password, area };
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
          placeholder={t("found.add.url.like", { address: device.address })}
          aria-describedby={hint}
          className={styles.url}
        />
        <Credentials value={who} onChange={setWho} />
        <AreaSelect value={area} onChange={setArea} />
      </div>
      <p id={hint} className="dim">
        {suggestion.onvif ? t("found.add.bystream") : suggestion.note}
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
