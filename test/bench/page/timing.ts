/** What is measured next, by name. Each step leaves the page as the next one needs it. */
export type Steps = Record<string, () => void>;

let steps: Steps = {};

/** Sets the steps that follow. */
export function setSteps(next: Steps): void {
  steps = next;
}

/** Waits until the next frame has been painted. */
export function frame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      // A message arrives after the frame in which it was sent. A timeout might not.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        resolve();
      };
      port2.postMessage(null);
    });
  });
}

/** Waits until the page is idle, and collects its garbage: a measurement must not include that of the one before. */
export async function settle(): Promise<void> {
  for (let index = 0; index < 3; index += 1) await frame();
  (globalThis as { gc?: () => void }).gc?.();
  await frame();
}

/** Takes a step, and waits for the next frame. */
export async function take(step: string): Promise<void> {
  const act = steps[step];
  if (!act) throw new Error(`There is no step ${step}.`);
  act();
  await frame();
}
