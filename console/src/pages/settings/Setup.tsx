import { Button, Checkbox, Select, Stepper, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { useSigned } from "../../app/session";
import { forgetStatuses } from "../../live/status";
import { PageHead, Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import { Password } from "./Password";
import { zones } from "./SiteForm";

const NEXT = [
  ["/cameras/new/edit", "setup.next.camera"],
  ["/controllers", "setup.next.controller"],
  ["/endpoints/new/edit", "setup.next.endpoint"],
  ["/users/new/edit", "setup.next.user"],
] as const;

/** The first-run wizard: from the demo to the real site. */
export function Setup() {
  const { session, refresh } = useSigned();
  const queries = useQueryClient();
  const [step, setStep] = useState(session.site.demo ? 0 : 2);
  const [name, setName] = useState("");
  const [zone, setZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone || session.site.timezone);
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const finish = (): void => {
    setBusy(true);
    setError(null);
    take(api.POST("/api/v1/setup/finish", { body: { site_name: name.trim(), timezone: zone, keep_demo: false } }))
      .then(() => {
        forgetStatuses();
        void queries.invalidateQueries();
        refresh();
        setStep(2);
      }, setError)
      .finally(() => setBusy(false));
  };

  return (
    <>
      <PageHead title={t("setup.title")} />
      <div style={{ maxWidth: 640 }}>
        <Stepper active={step} size="xs" mb="md">
          <Stepper.Step label={t("setup.step.site")} />
          <Stepper.Step label={t("setup.step.demo")} />
          <Stepper.Step label={t("setup.step.next")} />
        </Stepper>
        {step === 0 ? (
          <Panel title={t("setup.step.site")}>
            <form
              className="stack"
              onSubmit={(event) => {
                event.preventDefault();
                setStep(1);
              }}
            >
              <TextInput
                label={t("setup.name")}
                description={t("setup.name.help")}
                value={name}
                onChange={(e) => setName(e.currentTarget.value)}
                maxLength={120}
                required
              />
              <Select
                label={t("setup.zone")}
                description={t("setup.zone.help")}
                value={zone}
                onChange={(value) => setZone(value ?? "UTC")}
                data={zones()}
                searchable
                allowDeselect={false}
                limit={60}
              />
              <Button type="submit" disabled={name.trim() === ""} style={{ alignSelf: "flex-start" }}>
                {t("action.next")}
              </Button>
            </form>
          </Panel>
        ) : null}
        {step === 1 ? (
          <Panel title={t("setup.step.demo")}>
            <div className="stack">
              <p style={{ margin: 0 }}>{t("setup.demo.what", { name: name.trim(), zone })}</p>
              <Checkbox checked={sure} onChange={(e) => setSure(e.currentTarget.checked)} label={t("setup.demo.sure")} />
              {error ? <Failure error={error} /> : null}
              <div className="row">
                <Button variant="default" onClick={() => setStep(0)}>
                  {t("action.back")}
                </Button>
                <Button onClick={finish} disabled={!sure} loading={busy}>
                  {t("setup.finish")}
                </Button>
              </div>
            </div>
          </Panel>
        ) : null}
        {step === 2 ? (
          <div className="stack">
            <Panel title={t("setup.step.next")} flush>
              <table className="plain">
                <tbody>
                  {NEXT.map(([path, text]) => (
                    <tr key={path}>
                      <td>
                        <Link to={path}>{t(text)}</Link>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Panel>
            <Password />
          </div>
        ) : null}
      </div>
    </>
  );
}
