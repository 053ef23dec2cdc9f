import { Button, PasswordInput, Radio, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Area, ProbedCamera, ProbedStream } from "../../api/types";
import { EntityLink } from "../../parts/EntityLink";
import { Mark } from "../../parts/Mark";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import styles from "./AddCamera.module.css";

const WRONG_CLOCK = 5;
/** What the list of second streams says for "none". */
const NONE = "";

/** Who the camera is asked as. */
export interface Proof {
  username: string;
  password: string;
}

/** User and password of a camera. */
export function Credentials({
  value,
  onChange,
  first,
}: {
  value: Proof;
  onChange: (value: Proof) => void;
  first?: RefObject<HTMLInputElement | null>;
}) {
  return (
    <>
      <TextInput
        ref={first}
        label={t("addcamera.username")}
        value={value.username}
        onChange={(event) => onChange({ ...value, username: event.currentTarget.value })}
        autoComplete="off"
      />
      <PasswordInput
        label={t("addcamera.password")}
        value={value.password}
        onChange={(event) => onChange({ ...value, password: event.currentTarget.value })}
        autoComplete="new-password"
      />
    </>
  );
}

/** Area of what is added. */
export function AreaSelect({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  const areas = useAll<Area>("area");
  return (
    <Select
      label={t("found.add.area")}
      value={value}
      onChange={onChange}
      data={(areas.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
      clearable
    />
  );
}

interface Props {
  address: string;
  /** Where a person gives the address; left out where it is known. */
  addressField?: ReactNode;
  onAdded: (entity: string) => void;
  onCancel: () => void;
  /** What else a person may do instead. */
  other: ReactNode;
}

/** Adds a camera by its address and password: asks it over ONVIF, shows what it says, and makes it a camera of the site. */
export function AddOnvif({ address, addressField, onAdded, onCancel, other }: Props) {
  const [who, setWho] = useState<Proof>({ username: "", password: "" });
  const [found, setFound] = useState<ProbedCamera | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const proof = { address: address.trim(), username: who.username.trim(), password: who.password };

  const ask = (): void => {
    setBusy(true);
    setError(null);
    take(api.POST("/api/v1/cameras/probe", { body: proof }))
      .then(setFound, setError)
      .finally(() => setBusy(false));
  };

  if (found) return <Chosen found={found} proof={proof} onBack={() => setFound(null)} onAdded={onAdded} />;
  return (
    <form
      className={styles.form}
      aria-label={t("addcamera.title")}
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      {addressField ?? <p className="mono dim">{address}</p>}
      <div className={styles.two}>
        <Credentials value={who} onChange={setWho} {...(addressField ? {} : { first })} />
      </div>
      {error ? <Failure error={error} /> : null}
      <div className="row">
        <Button type="submit" loading={busy} disabled={address.trim() === ""}>
          {t("addcamera.ask")}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t("action.cancel")}
        </Button>
        <span className="grow" />
        {other}
      </div>
    </form>
  );
}

function size(stream: ProbedStream): string {
  const picture = stream.width > 0 ? `${stream.width} × ${stream.height}` : "";
  const pace = stream.fps > 0 ? t("addcamera.fps", { fps: stream.fps }) : "";
  return [stream.codec.toUpperCase(), picture, pace].filter(Boolean).join(", ");
}

/** What a camera says of itself. */
function Said({ found }: { found: ProbedCamera }) {
  const has = [
    found.ptz ? t("addcamera.has.ptz") : "",
    found.events ? t("addcamera.has.events") : "",
    found.inputs > 0 ? t("addcamera.has.inputs", { n: found.inputs }) : "",
    found.relays > 0 ? t("addcamera.has.relays", { n: found.relays }) : "",
  ].filter(Boolean);
  return (
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
  );
}

interface ChosenProps {
  found: ProbedCamera;
  proof: Proof & { address: string };
  onBack: () => void;
  onAdded: (entity: string) => void;
}

function Chosen({ found, proof, onBack, onAdded }: ChosenProps) {
  const queries = useQueryClient();
  const [name, setName] = useState(found.name);
  const [area, setArea] = useState<string | null>(null);
  const [profile, setProfile] = useState(found.chosen);
  const [sub, setSub] = useState(found.sub);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const add = (): void => {
    setBusy(true);
    setError(null);
    const second = sub === profile ? NONE : sub;
    const body = { ...proof, name: name.trim(), area, profile, sub: second, fingerprint: found.onvif_fingerprint };
    take(api.POST("/api/v1/cameras/add", { body }))
      .then((added) => {
        void queries.invalidateQueries({ queryKey: ["list", "camera"] });
        onAdded(added.entity);
      }, setError)
      .finally(() => setBusy(false));
  };

  return (
    <form
      className={styles.form}
      aria-label={t("addcamera.title")}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Said found={found} />
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
      {found.streams.length > 1 ? (
        <Select
          label={t("addcamera.sub")}
          description={t("addcamera.sub.help")}
          value={sub === profile ? NONE : sub}
          onChange={(value) => setSub(value ?? NONE)}
          data={[
            { value: NONE, label: t("addcamera.sub.none") },
            ...found.streams
              .filter((stream) => stream.profile !== profile)
              .map((stream) => ({ value: stream.profile, label: `${stream.name}: ${size(stream) || stream.url}` })),
          ]}
          allowDeselect={false}
        />
      ) : null}
      <div className={styles.two}>
        <TextInput label={t("found.add.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} required />
        <AreaSelect value={area} onChange={setArea} />
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
