/** Waits until the next frame has been painted. */
export function frame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      // A message comes after the frame that it was sent in, which a timeout may not.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        resolve();
      };
      port2.postMessage(null);
    });
  });
}

/** Milliseconds from right after a frame, with nothing to be collected, until the next one after `act`. */
export async function time(act: () => void): Promise<number> {
  for (let index = 0; index < 3; index += 1) await frame();
  // Nobody pays for what another left behind.
  (globalThis as { gc?: () => void }).gc?.();
  await frame();
  const began = performance.now();
  act();
  await frame();
  return performance.now() - began;
}
