import { Button, Modal, Radio, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import { api, take } from "../../api/client";
import type { FoundDevice } from "../../api/types";
import { useCan } from "../../app/session";
import { EntityLink } from "../../parts/EntityLink";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import { AddOnvif } from "./AddOnvif";
import styles from "./AddCamera.module.css";

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
  const navigate = useNavigate();
  const [address, setAddress] = useState("");
  return (
    <AddOnvif
      address={address}
      addressField={
        <>
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
        </>
      }
      onAdded={(entity) => {
        onClose();
        void navigate(`/cameras/${entity.replace("camera:", "")}`);
      }}
      onCancel={onClose}
      other={<Link to="/cameras/new/edit">{t("addcamera.bystream")}</Link>}
    />
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
