import { describe, expect, it } from "vitest";

import { FIELDS } from "../../api/fields";
import { draftOf, fitting, readDraft } from "./form";

const cameras = FIELDS.cameras ?? [];

describe("form", () => {
  it("asks a camera that publishes for no address, and sends none that was typed before", () => {
    const draft = { ...draftOf(cameras, null), name: "Roof", driver: "rtmp", url: "rtsp://192.0.2.1/" };
    expect(fitting(cameras, draft).some((field) => field.name === "url")).toBe(false);
    const read = readDraft(cameras, draft, null);
    expect("body" in read ? [read.body.url, read.body.driver] : null).toEqual(["", "rtmp"]);
  });

  it("asks a recording of the server's disk whether it is repeated, and for no user", () => {
    const names = (url: string): string[] => fitting(cameras, { ...draftOf(cameras, null), url }).map((field) => field.name);
    expect(names("file:lobby/night.mp4")).toContain("repeat");
    expect(names("file:lobby/night.mp4")).not.toContain("username");
    expect(names("rtsp://192.0.2.1/")).toContain("username");
    expect(names("rtsp://192.0.2.1/")).not.toContain("repeat");
  });

  it("asks for what is required and says nothing about what has a default", () => {
    const read = readDraft(cameras, draftOf(cameras, null), null);
    expect(Object.keys("wrong" in read ? read.wrong : {}).sort()).toEqual(["name", "url"]);
  });

  it("makes the document that was typed", () => {
    const draft = {
      ...draftOf(cameras, null),
      name: " Gate ",
      url: "rtsp://10.0.0.5/1",
      retention_days: "7,5",
      password: "secret",
    };
    const read = readDraft(cameras, draft, null);
    expect("body" in read && read.body).toMatchObject({
      name: "Gate",
      url: "rtsp://10.0.0.5/1",
      retention_days: 7.5,
      password: "secret",
      area: null,
      record: true,
    });
    expect("body" in read && "id" in read.body).toBe(false);
  });

  it("sends only what changed, and never a secret that was not typed", () => {
    const held = {
      id: "gate",
      name: "Gate",
      url: "rtsp://a/1",
      retention_days: 30,
      record: true,
      enabled: true,
      tags: [],
      transport: "tcp",
      password_set: true,
    };
    const before = draftOf(cameras, held);
    const read = readDraft(cameras, { ...before, record: false }, before);
    expect(read).toEqual({ body: { record: false } });
  });

  it("refuses a limit that is not met, by its field", () => {
    const draft = { ...draftOf(cameras, null), name: "a", url: "rtsp://a/1", retention_days: "0" };
    const read = readDraft(cameras, draft, null);
    expect("wrong" in read && Object.keys(read.wrong)).toEqual(["retention_days"]);
  });
});
