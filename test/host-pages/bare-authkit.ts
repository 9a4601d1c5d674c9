import type { useAuthKit } from '@picahq/authkit';
import type { Page } from 'playwright-core';

type Props = Parameters<typeof useAuthKit>[0];

interface WindowWithAuthKit {
  useAuthKit: typeof useAuthKit;
}

/**
 * Opens `@picahq/authkit` alone, as its guide shows, in a page that loads `/bare.js`. `allow` is set on its
 * frame in the task that creates the frame, right after open().
 */
export async function openBareAuthKit(page: Page, props: Props, allow?: string): Promise<void> {
  await page.waitForFunction(() => 'useAuthKit' in window);
  await page.evaluate(
    ([options, value]) => {
      (window as unknown as WindowWithAuthKit).useAuthKit(options).open();
      const frame = document.querySelector<HTMLIFrameElement>('#event-link');
      if (frame && value !== undefined) frame.allow = value;
    },
    [props, allow] as const,
  );
}
