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

/** Runs `act` right after a frame and garbage collection. Returns the milliseconds until the next frame. */
export async function time(act: () => void): Promise<number> {
  for (let index = 0; index < 3; index += 1) await frame();
  // A measurement must not include the garbage of the one before.
  (globalThis as { gc?: () => void }).gc?.();
  await frame();
  const startedAt = performance.now();
  act();
  await frame();
  return performance.now() - startedAt;
}
