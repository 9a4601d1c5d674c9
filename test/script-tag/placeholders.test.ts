import { expect } from '@open-wc/testing';
import { PicaConnectButton, PicaConnectionsList } from '../../src/classes.js';
import { part, stage, until } from '../fixtures/elements.js';
import {
  scriptPath,
  scriptTag,
  defaultScript,
  gmail,
  openPage,
  getElement,
  buttonIn,
  nextTask,
} from '../fixtures/cms-page.js';

const clickButton = async (root: ParentNode): Promise<void> => {
  part(await buttonIn(root), 'button').click();
};

/** Records the codes of errors from now on. */
const recordErrorCodes = (target: EventTarget): string[] => {
  const codes: string[] = [];
  target.addEventListener('pica-error', (event) => {
    codes.push((event as HTMLElementEventMap['pica-error']).detail.error.code);
  });
  return codes;
};

describe('a placeholder', () => {
  it('becomes the button that it names, with its attributes and label', async () => {
    const { body } = await openPage(
      '<div data-pica-connect="button" data-token-url="/token" data-selected-connection="Gmail">Mail</div>',
    );
    const button = await buttonIn(getElement(body, 'div'));
    // The full URL, because that is what was checked.
    expect(button.tokenUrl).to.equal(`${location.origin}/token`);
    expect(button.selectedConnection).to.equal('Gmail');
    expect(button.textContent).to.equal('Mail');
    expect(part(button, 'button').checkVisibility()).to.equal(true);
  });

  it('becomes a list', async () => {
    const { body } = await openPage(
      '<div data-pica-connect="list" data-connections-url="/own/list/connections"><h2 slot="heading">Yours</h2></div>',
    );
    const list = getElement(body, 'div > pica-connections-list') as PicaConnectionsList;
    await list.updateComplete;
    expect(list.connectionsUrl).to.equal(`${location.origin}/own/list/connections`);
    expect(getElement(list, 'h2').assignedSlot?.name).to.equal('heading');
  });

  it('passes on all attributes of both elements except four', async () => {
    const { body } = await openPage('');
    const withheld = ['identity', 'name', 'required', 'value'];
    for (const [kind, { observedAttributes }] of [
      ['button', PicaConnectButton],
      ['list', PicaConnectionsList],
    ] as const) {
      const data = observedAttributes.map((name) => `data-${name}="1"`).join(' ');
      body.innerHTML = `<div data-pica-connect="${kind}" ${data} data-onclick="alert()" data-id="x" title="t"></div>`;
      await nextTask();
      const [element] = getElement(body, 'div').children;
      for (const name of observedAttributes) {
        expect(element?.hasAttribute(name), name).to.equal(!withheld.includes(name));
      }
      for (const name of ['onclick', 'id', 'title', 'pica-connect']) {
        expect(element?.hasAttribute(name), name).to.equal(false);
      }
    }
  });

  it('sets boolean attributes, except with the value "false"', async () => {
    const { body } = await openPage(
      '<div data-pica-connect="button" data-debug="" data-disabled="false" data-show-name-input="true"></div>',
    );
    const { debug, disabled, showNameInput } = await buttonIn(body);
    expect([debug, disabled, showNameInput]).to.deep.equal([true, false, true]);
  });

  it('keeps its id, class, style, language, direction and listeners', async () => {
    const { body } = await openPage(
      '<div data-pica-connect="button" id="mail" class="cta" style="margin: 1px" lang="de" dir="rtl">Verbinden</div>',
      '',
    );
    const placeholder = getElement(body, '#mail');
    const codes = recordErrorCodes(placeholder);
    const tag = Object.assign(body.ownerDocument.createElement('script'), { src: scriptPath });
    tag.dataset.placeholders = '';
    body.append(tag);
    await until(() => placeholder.querySelector('pica-connect-button') !== null);
    expect(body.contains(placeholder)).to.equal(true);
    expect(placeholder.className).to.equal('cta');
    expect(placeholder.style.margin).to.equal('1px');
    expect([placeholder.lang, placeholder.dir]).to.deep.equal(['de', 'rtl']);
    await clickButton(placeholder);
    await until(() => codes.length > 0);
    expect(codes).to.deep.equal(['token-url-missing']);
  });

  it('is not a form field unless a script gives its button a name', async () => {
    const { body, window } = await openPage(
      '<form><p>Mail <span data-pica-connect="button" data-name="mail" data-required=""></span></p></form>',
    );
    const button = await buttonIn(body);
    const form = getElement(body, 'form') as HTMLFormElement;
    expect(form.checkValidity()).to.equal(true);
    button.value = 'live::gmail::1';
    expect([...new window.FormData(form)]).to.deep.equal([]);
    button.name = 'mail';
    expect(new window.FormData(form).get('mail')).to.equal('live::gmail::1');
  });

  for (const attribute of ['slot', 'data-slot']) {
    it(`keeps an icon with ${attribute}, even if a CMS has wrapped the label in a paragraph`, async () => {
      const { body } = await openPage(
        `<div data-pica-connect="button">\n<p><img ${attribute}="icon" alt=""> Connect <b>mail</b></p>\n</div>`,
      );
      const button = await buttonIn(getElement(body, 'div'));
      expect(getElement(button, 'img').assignedSlot?.name).to.equal('icon');
      expect(button.textContent.trim()).to.equal('Connect mail');
      expect(body.querySelector('p')).to.equal(null);
    });
  }

  for (const [description, head, foot = ''] of [
    ['in the head', defaultScript],
    ['deferred', scriptTag('', 'defer')],
    ['async', scriptTag('', 'async')],
    ['as a module', scriptTag('', 'type="module"')],
    ['at the end', '', defaultScript],
    ['loaded twice', defaultScript, defaultScript],
    ['loaded twice, as different kinds', scriptTag('', 'defer'), defaultScript],
    [
      'loaded twice, once without data-placeholders',
      `<script src="${scriptPath}"></script>`,
      defaultScript,
    ],
  ] as const) {
    it(`is filled once, with its whole label, by a script ${description}`, async () => {
      const { body } = await openPage(
        `<div data-pica-connect="button">Connect <b>mail</b></div>${foot}`,
        head,
      );
      await until(() => body.querySelector('pica-connect-button') !== null);
      await nextTask();
      expect(body.querySelectorAll('pica-connect-button').length).to.equal(1);
      expect((await buttonIn(body)).textContent).to.equal('Connect mail');
    });
  }

  it('is filled if it is inserted later, at any depth', async () => {
    const { body } = await openPage('');
    body.insertAdjacentHTML('beforeend', gmail);
    body.insertAdjacentHTML('beforeend', `<section><ul><li>${gmail}</li></ul></section>`);
    await nextTask();
    expect(body.querySelectorAll('div > pica-connect-button').length).to.equal(2);
  });

  it('is filled if its attribute is added later', async () => {
    const { body } = await openPage('<div>Mail</div>');
    getElement(body, 'div').dataset.picaConnect = 'button';
    await nextTask();
    expect((await buttonIn(body)).textContent).to.equal('Mail');
  });

  it('passes on changed attributes, and leaves the others alone', async () => {
    const { body } = await openPage(
      '<div data-pica-connect="button" data-token-url="/a" data-selected-connection="Gmail"></div>',
    );
    const button = await buttonIn(body);
    button.tokenUrl = '/by-script';
    const { dataset } = getElement(body, 'div');
    dataset.selectedConnection = 'Slack';
    dataset.disabled = '';
    await nextTask();
    expect([button.selectedConnection, button.disabled]).to.deep.equal(['Slack', true]);
    expect(button.tokenUrl).to.equal('/by-script');
    delete dataset.disabled;
    await nextTask();
    expect(button.disabled).to.equal(false);
  });

  it('gets a new element if its label changes', async () => {
    const { body } = await openPage(gmail);
    getElement(body, 'div').textContent = 'Verbinden';
    await nextTask();
    const button = await buttonIn(body);
    expect(button.textContent).to.equal('Verbinden');
    expect(button.selectedConnection).to.equal('Gmail');
  });

  it('can be copied, saved and loaded together with its element', async () => {
    const { body } = await openPage(gmail);
    const placeholder = getElement(body, 'div');
    body.append(placeholder.cloneNode(true));
    body.insertAdjacentHTML('beforeend', `<div>${placeholder.outerHTML}</div>`);
    await nextTask();
    expect(body.querySelectorAll('[data-pica-connect]').length).to.equal(3);
    expect(body.querySelectorAll('pica-connect-button').length).to.equal(3);
  });

  it('can contain the button in the list’s empty slot', async () => {
    const { body } = await openPage(
      '<div data-pica-connect="list"><div data-slot="empty">None. <span data-pica-connect="button">Add</span></div></div>',
    );
    const list = getElement(body, 'div > pica-connections-list');
    expect(getElement(list, 'div').slot).to.equal('empty');
    expect((await buttonIn(list)).textContent).to.equal('Add');
  });

  for (const markup of [
    '<a data-pica-connect="button" href="#gone" id="it" class="w-button">Connect</a>',
    '<button data-pica-connect="button" type="submit" id="it" class="w-button">Connect</button>',
    '<span data-pica-connect="button" id="it" class="w-button">Connect</span>',
    '<p data-pica-connect="button" id="it" class="w-button">Connect</p>',
    '<div data-pica-connect="BUTTON" id="it" class="w-button">Connect</div>',
  ]) {
    it(`can be ${markup}, which only connects`, async () => {
      const { body, window } = await openPage(
        `<form onsubmit="warnings.push('submitted'); return false">${markup}</form>`,
      );
      const placeholder = getElement(body, '#it.w-button');
      const codes = recordErrorCodes(body);
      await clickButton(placeholder);
      await nextTask();
      expect(codes).to.deep.equal(['token-url-missing']);
      expect(window.location.hash).to.equal('');
      expect(window.warnings.filter((text) => text === 'submitted')).to.deep.equal([]);
      expect(placeholder.closest('a, button')).to.equal(null);
    });
  }

  it('with an unknown name stays text, with one warning each', async () => {
    const { body, window } = await openPage('<div data-pica-connect="buton">Connect</div>');
    body.insertAdjacentHTML('beforeend', '<div data-pica-connect="buton">Connect</div>');
    body.insertAdjacentHTML('beforeend', '<div data-pica-connect="constructor">Connect</div>');
    await nextTask();
    expect(body.querySelector('pica-connect-button')).to.equal(null);
    expect(window.warnings).to.deep.equal([
      'pica-connect: Write data-pica-connect="button" or data-pica-connect="list", not "buton".',
      'pica-connect: Write data-pica-connect="button" or data-pica-connect="list", not "constructor".',
    ]);
  });

  it('stays text in shadow trees, templates and editable content', async () => {
    const { body } = await openPage(
      `<section></section><template>${gmail}</template><div contenteditable>${gmail}</div>`,
    );
    const shadow = getElement(body, 'section').attachShadow({ mode: 'open' });
    shadow.innerHTML = gmail;
    body.insertAdjacentHTML('beforeend', gmail);
    // The mutation was recorded while it was in the document.
    if (body.lastElementChild) shadow.append(body.lastElementChild);
    await nextTask();
    const { content } = getElement(body, 'template') as HTMLTemplateElement;
    for (const root of [body, shadow, content]) {
      expect(root.querySelector('pica-connect-button')).to.equal(null);
    }
  });
});

describe('npm entries', () => {
  it('leave placeholders alone', async () => {
    stage.innerHTML = gmail;
    await nextTask();
    expect(stage.querySelector('pica-connect-button')).to.equal(null);
  });
});
