import { Button, Modal, PasswordInput, Radio, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Area, FoundDevice, ProbedCamera, ProbedStream } from "../../api/types";
import { useCan } from "../../app/session";
import { EntityLink } from "../../parts/EntityLink";
import { Mark } from "../../parts/Mark";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import styles from "./AddCamera.module.css";

const WRONG_CLOCK = 5;
const SEARCHING_MS = 1000;

/** Adds a camera by its address and password: asks it over ONVIF, shows what it says, and makes it a camera of the site. */
export function AddCamera({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("addcamera.title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      <Steps onClose={onClose} />
    </Modal>
  );
}

function Steps({ onClose }: { onClose: () => void }) {
  const [address, setAddress] = useState("");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [found, setFound] = useState<ProbedCamera | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const proof = { address: address.trim(), username: username.trim(), password };

  const ask = (): void => {
    setBusy(true);
    setError(null);
    take(api.POST("/api/v1/cameras/probe", { body: proof }))
      .then(setFound, setError)
      .finally(() => setBusy(false));
  };

  if (found) return <Chosen found={found} proof={proof} onBack={() => setFound(null)} onClose={onClose} />;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <Nearby onChoose={setAddress} chosen={address} />
      <TextInput
        label={t("addcamera.address")}
        description={t("addcamera.address.help")}
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
        required
        data-autofocus
        autoComplete="off"
        spellCheck={false}
      />
      <div className={styles.two}>
        <TextInput
          label={t("addcamera.username")}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="off"
        />
        <PasswordInput
          label={t("addcamera.password")}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
        />
      </div>
      {error ? <Failure error={error} /> : null}
      <div className="row">
        <Button type="submit" loading={busy} disabled={address.trim() === ""}>
          {t("addcamera.ask")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <span className="grow" />
        <Link to="/cameras/new/edit">{t("addcamera.bystream")}</Link>
      </div>
    </form>
  );
}

/** Cameras that a search of the network found; one of them fills in the address. */
function Nearby({ onChoose, chosen }: { onChoose: (address: string) => void; chosen: string }) {
  const can = useCan();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const may = can("network.read");
  const query = useQuery({
    queryKey: ["found-devices"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/devices", { signal })),
    enabled: may,
    refetchInterval: (state) => (state.state.data?.search.running ? SEARCHING_MS : false),
  });
  if (!may) return null;
  const cameras = (query.data?.items ?? []).filter((device) => device.found.includes("onvif") && device.kind === "camera");
  const place = (device: FoundDevice): string => device.services[0] ?? device.address;
  const searching = query.data?.search.running ?? false;
  const search = (): void => {
    setError(null);
    take(api.POST("/api/v1/network/search", { body: {} }))
      .then(() => queries.invalidateQueries({ queryKey: ["found-devices"] }))
      .catch(setError);
  };
  return (
    <fieldset className={styles.nearby}>
      <legend>{t("addcamera.found")}</legend>
      {cameras.length === 0 ? (
        <p className="dim">{searching ? t("addcamera.searching") : t("addcamera.found.none")}</p>
      ) : (
        <ul>
          {cameras.map((device) => (
            <li key={device.id}>
              <Radio
                checked={chosen === place(device)}
                onChange={() => onChoose(place(device))}
                label={[device.name, [device.maker, device.model].filter(Boolean).join(" "), device.address]
                  .filter(Boolean)
                  .join(", ")}
              />
              {device.site.map((reference) => (
                <EntityLink key={reference} to={reference} />
              ))}
            </li>
          ))}
        </ul>
      )}
      {can("network.search") ? (
        <Button variant="default" size="compact-sm" loading={searching} onClick={search}>
          {t("addcamera.search")}
        </Button>
      ) : null}
      {error ? <Failure error={error} /> : null}
    </fieldset>
  );
}

function size(stream: ProbedStream): string {
  const picture = stream.width > 0 ? `${stream.width} × ${stream.height}` : "";
  const pace = stream.fps > 0 ? t("addcamera.fps", { fps: stream.fps }) : "";
  return [stream.codec.toUpperCase(), picture, pace].filter(Boolean).join(", ");
}

interface ChosenProps {
  found: ProbedCamera;
  proof: { address: string; username: string; password: string };
  onBack: () => void;
  onClose: () => void;
}

function Chosen({ found, proof, onBack, onClose }: ChosenProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const areas = useAll<Area>("area");
  const [name, setName] = useState(found.name);
  const [area, setArea] = useState<string | null>(null);
  const [profile, setProfile] = useState(found.chosen);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const add = (): void => {
    setBusy(true);
    setError(null);
    const body = { ...proof, name: name.trim(), area, profile, fingerprint: found.onvif_fingerprint };
    take(api.POST("/api/v1/cameras/add", { body }))
      .then((added) => {
        void queries.invalidateQueries({ queryKey: ["list", "camera"] });
        onClose();
        void navigate(`/cameras/${added.entity.replace("camera:", "")}`);
      }, setError)
      .finally(() => setBusy(false));
  };

  const has = [
    found.ptz ? t("addcamera.has.ptz") : "",
    found.events ? t("addcamera.has.events") : "",
    found.inputs > 0 ? t("addcamera.has.inputs", { n: found.inputs }) : "",
    found.relays > 0 ? t("addcamera.has.relays", { n: found.relays }) : "",
  ].filter(Boolean);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <dl className="facts">
        <dt>{t("addcamera.device")}</dt>
        <dd>
          {[found.manufacturer, found.model].filter(Boolean).join(" ") || t("value.none")}
          <div className="dim">{t("addcamera.serial", { serial: found.serial || "–", firmware: found.firmware || "–" })}</div>
        </dd>
        <dt>{t("addcamera.has")}</dt>
        <dd>{has.length > 0 ? has.join(", ") : t("addcamera.has.none")}</dd>
        {Math.abs(found.clock_offset) > WRONG_CLOCK ? (
          <>
            <dt>{t("control.clock")}</dt>
            <dd>
              <Mark severity={1} label={t("severity.notice")} />{" "}
              {t(found.clock_offset > 0 ? "control.clock.ahead" : "control.clock.behind", {
                seconds: Math.round(Math.abs(found.clock_offset)),
              })}
            </dd>
          </>
        ) : null}
        {found.onvif_fingerprint ? (
          <>
            <dt>{t("addcamera.certificate")}</dt>
            <dd>
              {t("addcamera.certificate.own")}
              <div className={`mono ${styles.fingerprint ?? ""}`}>{found.onvif_fingerprint}</div>
            </dd>
          </>
        ) : null}
        {found.site.length > 0 ? (
          <>
            <dt>{t("addcamera.site")}</dt>
            <dd>
              {found.site.map((reference) => (
                <div key={reference}>
                  <EntityLink to={reference} />
                </div>
              ))}
            </dd>
          </>
        ) : null}
      </dl>
      <Radio.Group label={t("addcamera.stream")} value={profile} onChange={setProfile}>
        {found.streams.map((stream) => (
          <Radio
            key={stream.profile}
            value={stream.profile}
            mt={4}
            label={`${stream.name}: ${size(stream) || stream.url}`}
            description={<span className="mono">{stream.url}</span>}
          />
        ))}
      </Radio.Group>
      {found.streams.length === 0 ? <p>{t("addcamera.stream.none")}</p> : null}
      <div className={styles.two}>
        <TextInput label={t("found.add.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} required />
        <Select
          label={t("found.add.area")}
          value={area}
          onChange={setArea}
          data={(areas.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
          clearable
        />
      </div>
      {error ? <Failure error={error} /> : null}
      <div className="row">
        <Button type="submit" loading={busy} disabled={name.trim() === "" || profile === ""}>
          {t("addcamera.add")}
        </Button>
        <Button variant="default" onClick={onBack}>
          {t("addcamera.back")}
        </Button>
      </div>
    </form>
  );
}
