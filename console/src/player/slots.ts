/** A browser opens six connections to a server at most; recordings take three, so that pages and thumbnails still load. */

const MOST = 3;
let taken = 0;
const waiting: (() => void)[] = [];

/** Resolves to what gives the place back, in the order in which it was asked. */
export async function slot(signal: AbortSignal): Promise<() => void> {
  if (taken >= MOST) {
    await new Promise<void>((enter, leave) => {
      const gone = (): void => {
        waiting.splice(waiting.indexOf(go), 1);
        leave(new DOMException("", "AbortError"));
      };
      const go = (): void => {
        signal.removeEventListener("abort", gone);
        enter();
      };
      if (signal.aborted) {
        leave(new DOMException("", "AbortError"));
        return;
      }
      waiting.push(go);
      signal.addEventListener("abort", gone, { once: true });
    });
  } else taken += 1;
  let given = false;
  return () => {
    if (given) return;
    given = true;
    const next = waiting.shift();
    if (next) next();
    else taken -= 1;
  };
}
