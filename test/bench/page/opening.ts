/** Nothing measured here takes this long. */
const timeoutMs = 30_000;

let clickedAt: number | undefined;
let isLoaded = false;

document.addEventListener(
  'click',
  ({ timeStamp }) => {
    clickedAt = timeStamp;
  },
  { capture: true },
);
addEventListener('message', ({ data }: MessageEvent<{ puppet?: string } | null>) => {
  if (data?.puppet === 'loaded') isLoaded = true;
});

/**
 * Milliseconds from the click until AuthKit is visible: the first frame in which its iframe is shown and its page has
 * loaded. The test's AuthKit page reports its load by message.
 */
export function untilVisible(): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const check = (now: number) => {
      if (clickedAt !== undefined && isLoaded && isVisible())
        resolve(performance.now() - clickedAt);
      else if (now - startedAt > timeoutMs) reject(new Error('AuthKit did not become visible.'));
      else requestAnimationFrame(check);
    };
    requestAnimationFrame(check);
  });
}

function isVisible(): boolean {
  const frame = document.querySelector('#event-link');
  if (!frame?.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
  const { width, height, left, top } = frame.getBoundingClientRect();
  return width > 100 && height > 100 && left < innerWidth && top < innerHeight;
}
