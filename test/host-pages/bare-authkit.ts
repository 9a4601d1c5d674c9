import type { useAuthKit } from '@picahq/authkit';
import type { Page } from 'playwright-core';

type Props = Parameters<typeof useAuthKit>[0];

interface BareWindow {
  useAuthKit: typeof useAuthKit;
}

/**
 * Opens `@picahq/authkit` alone, as its guide shows it, in a page that loads `/bare.js`. `allow` is
 * given to its frame as soon as there is one, in the same task.
 */
export async function openBare(page: Page, props: Props, allow?: string): Promise<void> {
  await page.waitForFunction(() => 'useAuthKit' in window);
  await page.evaluate(
    ([given, value]) => {
      (window as unknown as BareWindow).useAuthKit(given).open();
      const frame = document.querySelector<HTMLIFrameElement>('#event-link');
      if (frame && value !== undefined) frame.allow = value;
    },
    [props, allow] as const,
  );
}
