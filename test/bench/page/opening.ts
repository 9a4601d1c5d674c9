/** Milliseconds; nothing here takes this long. */
const patience = 20_000;

let clicked: number | undefined;
let isLoaded = false;

document.addEventListener(
  'click',
  ({ timeStamp }) => {
    clicked = timeStamp;
  },
  { capture: true },
);
addEventListener('message', ({ data }: MessageEvent<{ puppet?: string } | null>) => {
  if (data?.puppet === 'loaded') isLoaded = true;
});

/**
 * Milliseconds from the click until AuthKit can be seen: the first frame in which its iframe is visible and its
 * page has loaded, which the stand-in says itself.
 */
export function untilVisible(): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const look = (now: number) => {
      if (clicked !== undefined && isLoaded && isVisible()) resolve(performance.now() - clicked);
      else if (now - began > patience) reject(new Error('AuthKit cannot be seen.'));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

function isVisible(): boolean {
  const frame = document.querySelector('#event-link');
  if (!frame?.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
  const { width, height, left, top } = frame.getBoundingClientRect();
  return width > 100 && height > 100 && left < innerWidth && top < innerHeight;
}
