import { expect } from '@open-wc/testing';
import type axe from 'axe-core';
import 'axe-core/axe.min.js';
import '../../src/locales/ar.js';
import type { PicaConnectionsList } from '../../src/classes.js';
import {
  exit,
  modalDialog,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  record,
  stage,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import { connection, integration, loadList } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextRequest,
  puppetControl,
  puppetUrl,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

/*
 * Runs axe on every view of the elements, in both color schemes and both directions. The right-to-left views are in
 * Arabic, so buttons are found by their action, not by their label.
 */

const connections = (['operational', 'degraded', 'failed', 'unknown'] as const).map((state) =>
  connection({
    key: state,
    platform: state,
    state,
    environment: state === 'failed' ? 'test' : 'live',
    name: `Me, ${state}`,
    createdAt: '2026-01-15T12:00:00Z',
  }),
);
const integrations = [
  { ...integration('notes', 'Notes', 'Writing'), description: 'Pages and lists.' },
  integration('mail', 'Mail', 'Messages'),
  integration('weather', 'Weather'),
  integration('chat', 'Chat', 'Messages'),
  integration('files', 'Files', 'Storage'),
];

const find = (list: PicaConnectionsList, selector: string): HTMLElement => {
  const found = list.shadowRoot?.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`There is no ${selector}`);
  return found;
};
const press = async (list: PicaConnectionsList, action: string): Promise<void> => {
  find(list, `[data-action="${action}"]`).click();
  await list.updateComplete;
};
const rendered = (element: Element, selector: string): Promise<void> =>
  until(() => Boolean(element.shadowRoot?.querySelector(selector)));

const failingEndpoint = (path: string) => ({ behaviour: [{ path, status: 500 }] });
const failSaves = (target: EventTarget): void => {
  target.addEventListener('pica-success', (event) => {
    (event as HTMLElementEventMap['pica-success']).waitUntil(Promise.reject(new Error('No')));
  });
};

/** Ends the pending save, because a page with one asks before it closes, even after the tests. */
let endSaving = (): void => {};

const disconnecting = async (answer: { hold: true } | { status: 500 }) => {
  const scope = uniqueName();
  await control(scope, {
    connections: { rows: connections.map((row) => ({ ...row })) },
    behaviour: [{ method: 'DELETE', path: 'connections/failed', ...answer }],
  });
  const list = await loadList(scope);
  await press(list, 'ask');
  await press(list, 'confirm');
  return list;
};

const search = async (query: string) => {
  const list = await mountList({ connections, integrations });
  const field = find(list, 'input') as HTMLInputElement;
  field.value = query;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await list.updateComplete;
};

const views: Record<string, () => Promise<unknown>> = {
  'the button': () => mountButton({ selectedConnection: 'Gmail' }),
  'the button, disabled': () => mountButton({ disabled: true }),
  'the button in a form': async () => {
    const button = await mountButton({ required: true, name: 'account', id: 'account' });
    button.insertAdjacentHTML('beforebegin', '<label for="account">Your account</label>');
    button.insertAdjacentHTML(
      'beforeend',
      '<svg slot="icon" viewBox="0 0 8 8" aria-hidden="true"><circle cx="4" cy="4" r="4" /></svg>Mail',
    );
    await button.updateComplete;
  },
  'the button, with AuthKit on its way': async () => {
    const name = uniqueName();
    await puppetControl(name, { hang: true });
    const button = await mountButton({}, name);
    void button.open();
    await until(() => modalDialog() !== null);
  },
  'the button, with AuthKit open': async () => openAuthKit(await mountButton()),
  'the button, saving': async () => {
    const button = await mountButton();
    button.addEventListener('pica-success', (event) => {
      event.waitUntil(new Promise<void>((resolve) => (endSaving = resolve)));
    });
    const { frame, closed } = await openAuthKit(button);
    succeed(frame);
    exit(frame);
    await closed;
    await rendered(button, '[part="spinner"]');
  },
  'the button, unsaved': async () => {
    const button = await mountButton();
    failSaves(button);
    const { frame, closed } = await openAuthKit(button);
    succeed(frame);
    exit(frame);
    await closed;
    await rendered(button, '.link');
  },
  'the button with debug': async () => {
    const button = await mountButton({ debug: true, tokenUrl: null });
    await button.open();
    await rendered(button, '.debug li');
  },
  'connections in every state': () => mountList({ connections, integrations }),
  'the question before disconnecting': async () => {
    await press(await mountList({ connections }), 'ask');
  },
  'a connection that is being disconnected': async () => {
    await rendered(await disconnecting({ hold: true }), 'li[aria-busy="true"]');
  },
  'a connection that could not be disconnected': async () => {
    await rendered(await disconnecting({ status: 500 }), '[role="alert"]');
  },
  'search that finds something': () => search('me'),
  'search that finds nothing': () => search('Zzyzx'),
  'connections on their way': async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', hold: true }] });
    await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
    await nextRequest(scope, { path: 'connections', state: 'held' });
  },
  'no connections': () => mountList({ connections: [] }),
  'connections that could not be loaded': async () => {
    const scope = uniqueName();
    await control(scope, failingEndpoint('connections'));
    const list = await mountList({ connectionsUrl: `${endpoints}/${scope}/connections` });
    await rendered(list, '[role="alert"]');
  },
  'connections that could not be loaded again': async () => {
    const scope = uniqueName();
    const list = await loadList(scope);
    await control(scope, failingEndpoint('connections'));
    await list.refresh();
    await rendered(list, '[role="alert"]');
  },
  'integrations that could not be loaded': async () => {
    const scope = uniqueName();
    await control(scope, failingEndpoint('integrations'));
    const list = await mountList({
      connections,
      integrationsUrl: `${endpoints}/${scope}/integrations`,
    });
    await rendered(list, '[role="alert"]');
  },
  'a list with something unsaved': async () => {
    const list = await mountList({
      integrations,
      tokenUrl: `${endpoints}/${uniqueName()}/token`,
      baseUrl: puppetUrl(uniqueName()),
    });
    failSaves(list);
    const closed = nextEvent('pica-close');
    await press(list, 'connect');
    const frame = await visibleFrame();
    succeed(frame, record('live::chat::new', { platform: 'chat' }));
    exit(frame);
    await closed;
    await rendered(list, '.notSaved');
  },
  'a list with debug': async () => {
    const list = await mountList({ debug: true, connections: [{} as never] });
    await rendered(list, '.debug li');
  },
};

/** Everything that axe's rules for WCAG 2.2 AA and its best practices report. */
const violations = async (): Promise<string[]> => {
  const modal = document.querySelector<HTMLElement>('[data-pica-connect-modal]');
  const { run } = (window as unknown as { axe: typeof axe }).axe;
  const results = await run(
    { include: modal ? [stage, modal] : [stage] },
    {
      // axe can't inspect AuthKit's page, which is on another origin.
      iframes: false,
      resultTypes: ['violations'],
      rules: { 'target-size': { enabled: true } },
    },
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
  );
};

/** Targets below the size of WCAG 2.5.8. axe accepts small targets with space around them, so this checks each. */
const smallTargets = (): string[] => {
  const roots = [...stage.children, document.querySelector('[data-pica-connect-modal]')];
  return roots
    .flatMap((host) => [...(host?.shadowRoot?.querySelectorAll('button, input, select') ?? [])])
    .filter((target) => target.checkVisibility() && !target.closest('[aria-hidden="true"]'))
    .map((target) => ({ target, box: target.getBoundingClientRect() }))
    .filter(({ box }) => Math.min(box.width, box.height) < 24)
    .map(({ target, box }) => `${target.outerHTML}: ${box.width} × ${box.height}`);
};

describe('axe', () => {
  afterEach(() => {
    endSaving();
    for (const name of ['style', 'lang', 'dir']) stage.removeAttribute(name);
  });

  for (const [view, show] of Object.entries(views)) {
    for (const scheme of ['light', 'dark']) {
      for (const [dir, lang] of Object.entries({ ltr: 'en', rtl: 'ar' })) {
        it(`finds no violation and no small target in ${view}, ${scheme}, ${dir}`, async () => {
          stage.style.cssText = `color-scheme: ${scheme}; background: Canvas; color: CanvasText`;
          Object.assign(stage, { dir, lang });
          await show();
          expect(await violations()).to.deep.equal([]);
          expect(smallTargets()).to.deep.equal([]);
        });
      }
    }
  }

  it('finds the violations of a broken list', async () => {
    const list = await mountList({ connections });
    list.style.setProperty('--pica-muted', '#eee');
    part(list, 'actions').querySelector('button')?.removeAttribute('aria-label');
    const [button] = list.shadowRoot?.querySelectorAll('button') ?? [];
    button?.replaceChildren();
    button?.style.setProperty('all', 'unset');
    const found = await violations();
    expect(found.some((violation) => violation.startsWith('color-contrast'))).to.equal(true);
    expect(found.some((one) => one.startsWith('button-name'))).to.equal(true);
    expect(smallTargets()).to.have.length(1);
  });
});
