import { describe, expect, it } from "vitest";

import { pictureName, recordedType, sameFamily, soundName } from "./codecs";

describe("codecs", () => {
  it("have names that people know", () => {
    expect(pictureName("hvc1.1.6.L93.B0,mp4a.40.2")).toBe("H.265");
    expect(pictureName("avc1.64001f")).toBe("H.264");
    expect(pictureName("mp4v.6C")).toBe("Motion JPEG");
    expect(pictureName("av01.0")).toBe("av01.0");
    expect(soundName("mp4a.40.2")).toBe("AAC");
    expect(soundName("the camera offers none")).toBeNull();
  });

  it("are asked for as the server plays them", () => {
    expect(recordedType("avc1.64001f")).toBe('video/mp4; codecs="avc1.64001f"');
    expect(recordedType("avc1.64001f,ulaw")).toBe('video/mp4; codecs="avc1.64001f,flac"');
    expect(recordedType("avc1.64001f,opus")).toBe('video/mp4; codecs="avc1.64001f,opus"');
  });

  it("are one film where the pictures' codec stays", () => {
    expect(sameFamily("avc1.64001f", "avc1.4d0029,mp4a.40.2")).toBe(true);
    expect(sameFamily("avc1.64001f", "hvc1.1.6.L93.B0")).toBe(false);
  });
});
