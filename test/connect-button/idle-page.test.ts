import { expect } from '@open-wc/testing';
import '../../src/locales/de.js';
import { hover, intentDelayPassed, mountButton } from '../fixtures/elements.js';

/** What the elements have called or created, except for what the test runner does. */
const used: string[] = [];

const watched = [
  ...['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback', 'fetch'],
  ...['MutationObserver', 'ResizeObserver', 'IntersectionObserver', 'PerformanceObserver'],
];

const record = (name: string) => {
  if (new Error().stack?.includes('/src/')) used.push(name);
};

for (const name of watched.filter((one) => one in window)) {
  const original = Reflect.get(window, name) as (...args: unknown[]) => unknown;
  const proxy = new Proxy(original, {
    apply(target, _self, args: unknown[]): unknown {
      record(name);
      return Reflect.apply(target, window, args);
    },
    construct(target, args: unknown[]) {
      record(name);
      return Reflect.construct(target, args) as object;
    },
  });
  Reflect.set(window, name, proxy);
}

describe('a page with 50 buttons that nobody touches', () => {
  it('sets no timer, sends no request, and has one observer, for languages', async () => {
    const buttons = await Promise.all(
      Array.from({ length: 50 }, () =>
        mountButton({ selectedConnection: 'Gmail', preload: 'page' }),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve));
    expect(buttons[49]?.shadowRoot?.querySelector('button')?.disabled).to.equal(false);
    expect(used).to.deep.equal(['MutationObserver']);
  });

  it('starts its timer when somebody is about to click', async () => {
    const button = await mountButton({ tokenCheck: 'off' });
    used.length = 0;
    hover(button);
    await intentDelayPassed();
    expect(used).to.include('setTimeout');
  });
});
