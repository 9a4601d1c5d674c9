import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  until,
} from '../fixtures/elements.js';
import { endpoints, hangsUp } from '../fixtures/servers/origins.js';
import { control, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

describe('debug', () => {
  const reportOf = (element: Element): string =>
    element.shadowRoot?.querySelector<HTMLElement>('.debug')?.innerText ?? '';

  const fail = async (button: PicaConnectButton) => {
    const errorEvent = nextEvent('pica-error', button);
    part(button, 'button').click();
    return (await errorEvent).detail.error;
  };

  /** Replaces the clipboard until the end of the test. */
  const replaceClipboard = (value: Partial<Clipboard> | undefined) => {
    Object.defineProperty(navigator, 'clipboard', { value, configurable: true });
  };
  afterEach(() => {
    Reflect.deleteProperty(navigator, 'clipboard');
  });

  const pressCopy = async (button: PicaConnectButton) => {
    await until(() => reportOf(button).includes('Copy'));
    const buttons = [
      ...(button.shadowRoot?.querySelectorAll<HTMLButtonElement>('.debug button') ?? []),
    ];
    buttons.find(({ textContent }) => textContent === 'Copy')?.click();
  };

  it('shows an error next to the button, with its hint and a link to its page', async () => {
    const button = await mountButton({ debug: true, tokenUrl: null });
    const error = await fail(button);
    await until(() => reportOf(button).includes('Copy'));
    expect(reportOf(button)).to.contain(error.message).and.to.contain(error.hint);
    const link = button.shadowRoot?.querySelector<HTMLAnchorElement>('.debug a');
    expect(link?.href).to.match(/\/demo\/docs\/errors\/token-url-missing\.md$/);
  });

  it('shows an error next to the list', async () => {
    const list = await mountList({ debug: true, connectionsUrl: `${hangsUp}/connections` });
    await until(() => reportOf(list).includes('load-failed'));
  });

  it('copies a report for tickets, without the page’s query and fragment', async () => {
    let copied = '';
    replaceClipboard({
      writeText: (text: string) => {
        copied = text;
        return Promise.resolve();
      },
    });
    history.replaceState(null, '', '#s3cr3t');
    const button = await mountButton({ debug: true, tokenUrl: null });
    const error = await fail(button);
    await pressCopy(button);
    await until(() => reportOf(button).includes('Copied'));
    history.replaceState(null, '', location.pathname + location.search);
    expect(copied).to.contain(`BAD token-url-missing: ${error.message} ${error.hint}`);
    expect(copied).to.contain(location.origin + location.pathname);
    expect(copied).to.not.contain('s3cr3t');
  });

  for (const [condition, clipboard] of [
    ['there is no clipboard, as on http pages', undefined],
    ['the browser refuses', { writeText: () => Promise.reject(new Error('no')) }],
  ] as const) {
    it(`shows that nothing was copied if ${condition}`, async () => {
      replaceClipboard(clipboard);
      const button = await mountButton({ debug: true, tokenUrl: null });
      await fail(button);
      await pressCopy(button);
      await until(() => reportOf(button).includes('Could not copy'));
    });
  }

  it('shows the number of failed checks', async () => {
    const button = await mountButton({ debug: true, tokenUrl: null });
    await fail(button);
    await until(() => reportOf(button).includes('Failed checks: 1 of 1.'));
  });

  it('shows a repeated error once', async () => {
    const list = await mountList({ debug: true, connectionsUrl: `${hangsUp}/connections` });
    await until(() => reportOf(list).includes('load-failed'));
    await list.refresh();
    await list.updateComplete;
    await until(() => reportOf(list).includes('Failed checks: 1 of 1.'));
  });

  it('runs all checks on click', async () => {
    const button = await mountButton({ debug: true });
    await until(() => reportOf(button).includes('Check everything'));
    button.shadowRoot?.querySelector<HTMLButtonElement>('.debug button')?.click();
    await until(() => reportOf(button).includes('No problems found.'));
    expect(reportOf(button)).to.contain('The token endpoint lists 3 integrations.');
  });

  it('sends no requests by itself', async () => {
    const scope = uniqueName();
    const button = await mountButton({ debug: true }, scope);
    await until(() => reportOf(button).includes('Check everything'));
    expect(await requests(scope)).to.deep.equal([]);
  });

  it('can be turned off while it loads, and on again', async () => {
    const button = await mountButton({ debug: true });
    button.debug = false;
    await button.updateComplete;
    button.debug = true;
    await until(() => reportOf(button).includes('Check everything'));
  });

  it('clears earlier errors when AuthKit is opened again', async () => {
    const button = await mountButton({ debug: true, tokenUrl: null });
    await fail(button);
    await until(() => reportOf(button).includes('token-url-missing'));
    button.tokenUrl = `${endpoints}/${uniqueName()}/token`;
    await openAuthKit(button);
    await until(() => !reportOf(button).includes('token-url-missing'));
  });

  it('can’t be turned on by visitors through the URL', async () => {
    history.replaceState(null, '', '#pica-debug');
    const button = await mountButton({ tokenUrl: null });
    await fail(button);
    await button.updateComplete;
    expect(button.debug).to.equal(false);
    expect(button.shadowRoot?.querySelector('.debug') === null).to.equal(true);
    history.replaceState(null, '', location.pathname + location.search);
  });

  it('shows markup from a server as text', async () => {
    const scope = uniqueName();
    await control(scope, {
      behaviour: [
        {
          path: 'token',
          method: 'POST',
          status: 500,
          body: { message: '<img src=x onerror=alert(1)>' },
        },
      ],
    });
    const button = await mountButton({ debug: true }, scope);
    await fail(button);
    await until(() => reportOf(button).includes('onerror'));
    expect(button.shadowRoot?.querySelector('.debug img') === null).to.equal(true);
  });
});
