/** A camera's picture of now as the server decodes it: asked for while it is seen, and again each REFRESH_MS. */

/** Between two looks; the server gives the same picture while there is no newer key frame. */
export const REFRESH_MS = 30_000;

export function snapshotAddress(camera: string, width?: number): string {
  const base = `/api/v1/cameras/${encodeURIComponent(camera)}/snapshot`;
  return width === undefined ? base : `${base}?width=${width}`;
}

export function thumbnailAddress(camera: string, ms: number, width?: number): string {
  const at = `/api/v1/cameras/${encodeURIComponent(camera)}/thumbnail?at=${Math.round(ms * 1000)}`;
  return width === undefined ? at : `${at}&width=${width}`;
}

/** Fetches the picture; null where the server has none to give. */
export async function fetchPicture(address: string, signal: AbortSignal): Promise<Blob | null> {
  try {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-cache", signal });
    return answer.ok ? await answer.blob() : null;
  } catch {
    return null;
  }
}
