import { expect } from '@open-wc/testing';
import { mountButton, part, until } from '../fixtures/elements.js';

/** Counts the calls of observe() on all observers. */
let observeCalls = 0;
window.MutationObserver = class extends MutationObserver {
  override observe(target: Node, options?: MutationObserverInit): void {
    observeCalls += 1;
    super.observe(target, options);
  }
};

describe('a page with only English strings', () => {
  it('observes no change of lang until another language is loaded', async () => {
    const html = document.documentElement;
    const button = await mountButton({ selectedConnection: 'Gmail' });
    html.lang = 'de';
    await button.updateComplete;
    expect(observeCalls).to.equal(0);

    html.lang = 'en';
    await import('../../src/locales/de.js');
    await button.updateComplete;
    expect(part(button, 'label').textContent).to.equal('Connect Gmail');
    html.lang = 'de';
    await until(() => part(button, 'label').textContent === 'Gmail verbinden');
    html.lang = 'en';
    await until(() => part(button, 'label').textContent === 'Connect Gmail');
  });
});
