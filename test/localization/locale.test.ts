import { expect } from '@open-wc/testing';
import '../../src/locales/ar.js';
import '../../src/locales/de.js';
import '../../src/locales/he.js';
import '../../src/locales/pl.js';
import '../../src/locales/pt-BR.js';
import '../../src/locales/sv.js';
import '../../src/locales/zh-CN.js';
import '../../src/locales/zh-TW.js';
import {
  modalButton,
  modalDialog,
  mount,
  mountButton,
  part,
  stage,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import {
  button as buttonOf,
  connection,
  hasButton,
  nameOf,
  rows,
  announcement,
} from '../fixtures/list.js';
import type { PicaConnectButton, PicaConnectionsList } from '../../src/classes.js';
import { labelOf, buttonIn, untilLabelIs, html } from '../fixtures/translated-button.js';

// All elements share one observer for `lang`, which this counts.
let observers = 0;
window.MutationObserver = class extends MutationObserver {
  constructor(callback: MutationCallback) {
    super(callback);
    observers += 1;
  }
};

const listIn = async (
  lang: string,
  properties: Partial<PicaConnectionsList>,
): Promise<PicaConnectionsList> => {
  const list = document.createElement('pica-connections-list');
  list.lang = lang;
  Object.assign(list, properties);
  stage.append(list);
  await list.updateComplete;
  return list;
};

describe('the language of an element', () => {
  it('is the page’s language', async () => {
    html.lang = 'de';
    expect(labelOf(await mountButton())).to.equal('Verbinden');
  });

  it('is its own lang rather than the page’s', async () => {
    html.lang = 'pl';
    const button = mount('<pica-connect-button lang="de"></pica-connect-button>');
    await (button as PicaConnectButton).updateComplete;
    expect(labelOf(button as PicaConnectButton)).to.equal('Verbinden');
  });

  it('is the lang of its nearest ancestor', async () => {
    html.lang = 'pl';
    expect(labelOf(await buttonIn('de'))).to.equal('Gmail verbinden');
  });

  it('is found across shadow trees', async () => {
    const host = mount('<div lang="de"><div></div></div>');
    const root = (host.firstElementChild ?? host).attachShadow({ mode: 'open' });
    root.innerHTML = '<p><pica-connect-button></pica-connect-button></p>';
    const button = root.querySelector('pica-connect-button');
    if (!button) throw new Error('There is no button');
    await button.updateComplete;
    expect(labelOf(button)).to.equal('Verbinden');
    host.setAttribute('lang', 'pl');
    await untilLabelIs(button, 'Połącz');
    root.querySelector('p')?.setAttribute('lang', 'sv');
    await untilLabelIs(button, 'Anslut');
  });

  it('follows the page’s lang', async () => {
    const button = await mountButton();
    expect(labelOf(button)).to.equal('Connect');
    html.lang = 'de';
    await untilLabelIs(button, 'Verbinden');
    html.removeAttribute('lang');
    await untilLabelIs(button, 'Connect');
  });

  it('follows the lang of its ancestors, and its own', async () => {
    const button = await buttonIn('de');
    stage.lang = 'sv';
    button.parentElement?.setAttribute('lang', 'pl');
    await untilLabelIs(button, 'Połącz z Gmail');
    button.parentElement?.removeAttribute('lang');
    await untilLabelIs(button, 'Anslut Gmail');
    button.lang = 'de';
    await untilLabelIs(button, 'Gmail verbinden');
  });

  it('follows the element when it is moved', async () => {
    const button = await buttonIn('de');
    const { parentElement } = await buttonIn('pl');
    parentElement?.append(button);
    await untilLabelIs(button, 'Połącz z Gmail');
  });

  it('is still followed after all elements were removed and one is back', async () => {
    const button = await buttonIn('de');
    stage.replaceChildren();
    stage.append(button);
    await untilLabelIs(button, 'Connect Gmail');
    stage.lang = 'pl';
    await untilLabelIs(button, 'Połącz z Gmail');
  });

  it('is followed by one observer for all elements', async () => {
    observers = 0;
    for (let count = 0; count < 20; count += 1) await buttonIn('de');
    expect(observers).to.be.at.most(1);
  });

  for (const [lang, label] of [
    ['de-AT', 'Verbinden'],
    ['DE-ch', 'Verbinden'],
    ['de_DE', 'Verbinden'],
    ['pt-BR', 'Conectar'],
    ['pt', 'Conectar'],
    ['pt-PT', 'Conectar'],
    ['zh-TW', '連結'],
    ['zh-HK', '連結'],
    ['zh-Hant', '連結'],
    ['zh', '连接'],
    ['zh-CN', '连接'],
    ['zh-Hans-SG', '连接'],
    ['iw', 'חיבור'],
    ['en-GB', 'Connect'],
    // Not available, or not loaded.
    ['nb', 'Connect'],
    ['fi', 'Connect'],
    ['fr', 'Connect'],
    // Explicitly unknown, or invalid.
    ['', 'Connect'],
    ['x-pirate', 'Connect'],
    ['deutsch, bitte', 'Connect'],
  ] as const) {
    it(`"${lang}" gives the label "${label}"`, async () => {
      html.lang = 'sv';
      const button = await mountButton({ lang });
      expect(labelOf(button)).to.equal(label);
    });
  }

  /** The lang of the nearest element in the shadow tree that has one. */
  const markedLang = (element: Element | null | undefined) =>
    element?.closest('[lang]')?.getAttribute('lang');

  it('is marked on its strings, because it may differ from the page’s', async () => {
    const button = await buttonIn('fi');
    const text = () => part(button, 'label').querySelector('bdi');
    expect(markedLang(text())).to.equal('en');
    button.lang = 'de-AT';
    await untilLabelIs(button, 'Gmail verbinden');
    expect(markedLang(text())).to.equal('de-AT');
  });

  it('is not marked on the page’s own label', async () => {
    const button = await buttonIn('fi');
    button.textContent = 'Yhdistä';
    await button.updateComplete;
    const slot = button.shadowRoot?.querySelector('slot:not([name])');
    expect(slot !== null && markedLang(slot)).to.equal(undefined);
  });

  it('is marked on all strings of a list', async () => {
    const list = await listIn('fi', { connections: [connection()] });
    const { shadowRoot } = list;
    for (const selector of ['h2', '[part="state"]', '[data-action="ask"]', '[role="status"]']) {
      expect(markedLang(shadowRoot?.querySelector(selector)), selector).to.equal('en');
    }
    list.connections = [];
    await list.updateComplete;
    expect(markedLang(shadowRoot?.querySelector('slot[name="empty"] bdi'))).to.equal('en');
  });

  it('changes when its strings are loaded later', async () => {
    const button = await buttonIn('nl');
    expect(labelOf(button)).to.equal('Connect Gmail');
    await import('../../src/locales/nl.js');
    await untilLabelIs(button, 'Gmail koppelen');
  });

  it('is used for the validation message', async () => {
    const button = await mountButton({ required: true });
    html.lang = 'de';
    await until(() => button.validationMessage === 'Bitte zuerst ein Konto verbinden.');
  });

  it('is used for the dialog around AuthKit, with its direction', async () => {
    const button = await mountButton({ lang: 'he' });
    const closed = button.open();
    await until(() => modalDialog() !== null);
    expect(modalButton('ביטול').textContent).to.equal('ביטול');
    const container = document.querySelector<HTMLElement>('[data-pica-connect-modal]');
    expect(container?.lang).to.equal('he');
    expect(container?.dir).to.equal('rtl');
    expect(modalDialog()?.ariaLabel).to.equal('חיבור חשבון');
    await visibleFrame();
    modalButton('סגירה').click();
    await closed;
  });

  it('is English from left to right in the dialog if it is not available', async () => {
    const button = await mountButton({ lang: 'fa' });
    const closed = button.open();
    await until(() => modalDialog() !== null);
    const container = document.querySelector<HTMLElement>('[data-pica-connect-modal]');
    expect(container?.lang).to.equal('en');
    expect(container?.dir).to.equal('ltr');
    modalButton('Cancel').click();
    await closed;
  });

  it('is used for the debug report', async () => {
    const button = await mountButton({ debug: true, lang: 'de', tokenUrl: null });
    await button.open();
    const { shadowRoot } = button;
    await until(() => shadowRoot?.querySelector('.debug button') !== null);
    const reportText = () => shadowRoot?.querySelector('.debug')?.textContent;
    await until(() => reportText()?.includes('1 von 1') ?? false);
    expect(reportText()).to.contain('1 von 1 sind nicht in Ordnung.').and.contain('Alles prüfen');
    button.lang = 'pl';
    await until(() => reportText()?.includes('Sprawdź wszystko') ?? false);
  });
});

describe('the language of the list', () => {
  it('is used for its strings and the names of its buttons', async () => {
    const list = await listIn('de', {
      connections: [connection({ name: 'ada@example.org', state: 'failed', environment: 'test' })],
    });
    expect(list.shadowRoot?.querySelector('h2')?.textContent).to.equal('Verbindungen');
    expect(part(list, 'state').textContent).to.equal('Muss neu verbunden werden');
    expect(hasButton(list, 'Neu verbinden: Gmail, ada@example.org')).to.equal(true);
    buttonOf(list, 'Trennen: Gmail, ada@example.org').click();
    await list.updateComplete;
    expect(list.shadowRoot?.textContent).to.contain('Wirklich trennen?');
  });

  it('is used for its times', async () => {
    const createdAt = new Date(Date.now() - 3 * 24 * 3_600_000).toISOString();
    const list = await listIn('de-AT', { connections: [connection({ createdAt })] });
    const time = list.shadowRoot?.querySelector('time');
    const exact = new Intl.DateTimeFormat('de-AT', { dateStyle: 'long', timeStyle: 'short' });
    expect(time?.textContent).to.equal('Verbunden: vor 3 Tagen');
    expect(time?.title).to.equal(exact.format(Date.parse(createdAt)));
    list.lang = 'pl';
    await until(() => time?.textContent === 'Połączono 3 dni temu');
  });

  it('is English for times if it is English for strings', async () => {
    const createdAt = new Date(Date.now() - 3 * 24 * 3_600_000).toISOString();
    const list = await listIn('fi', { connections: [connection({ createdAt })] });
    expect(list.shadowRoot?.querySelector('time')?.textContent).to.equal('Connected 3 days ago');
  });

  it('determines the order of names', async () => {
    const connections = ['zoho', 'oelib', 'notion'].map((platform) =>
      connection({ key: `live::${platform}::1`, platform }),
    );
    const integrations = [{ platform: 'oelib', name: 'Öbib' }];
    const list = await listIn('de', { connections, integrations });
    expect(rows(list).map(nameOf)).to.deep.equal(['Notion', 'Öbib', 'Zoho']);
    list.lang = 'sv';
    await until(() => rows(list).map(nameOf).join() === 'Notion,Zoho,Öbib');
  });

  const search = async (list: PicaConnectionsList, text: string) => {
    const field = list.shadowRoot?.querySelector('input');
    if (!field) throw new Error('There is no search field');
    field.value = text;
    field.dispatchEvent(new Event('input'));
    await list.updateComplete;
  };
  /** Connections to search: each number occurs as often as its search should find. */
  const numbered = [1, 2, 2, 5, 5, 5, 5, 5, 3, 3, 3].map((number, index) =>
    connection({ key: `live::gmail::${index}`, name: `n${number}` }),
  );

  it('determines plural forms', async () => {
    const list = await listIn('pl', { connections: numbered });
    for (const [text, expected] of [
      ['n1', 'Znaleziono 1 pozycję'],
      ['n2', 'Znaleziono 2 pozycje'],
      ['n3', 'Znaleziono 3 pozycje'],
      ['n5', 'Znaleziono 5 pozycji'],
      ['n6', 'Znaleziono 0 pozycji'],
    ] as const) {
      await search(list, text);
      expect(announcement(list)).to.equal(expected);
    }
    expect(list.shadowRoot?.textContent).to.contain('Brak wyników dla „n6”.');
  });

  it('determines the plural forms and numerals of Arabic', async () => {
    const list = await listIn('ar', { connections: numbered });
    for (const [text, expected] of [
      ['n1', 'نتيجة واحدة'],
      ['n2', 'نتيجتان'],
      ['n5', `${new Intl.NumberFormat('ar').format(5)} نتائج`],
      ['n', `${new Intl.NumberFormat('ar').format(11)} نتيجة`],
      ['n6', 'لا توجد نتائج'],
    ] as const) {
      await search(list, text);
      expect(announcement(list)).to.equal(expected);
    }
  });
});
