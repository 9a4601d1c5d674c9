import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import { mount, nextEvent, openAuthKit, record, succeed, until } from '../fixtures/elements.js';
import { puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

const key = 'live::gmail::default::abc123';

/** A form with a button in it that is named "mailbox". */
const mountForm = async (attributes = '', around = (button: string) => button) => {
  const button = `<pica-connect-button name="mailbox" token-url="/token"
    base-url="${puppetUrl(uniqueName())}" ${attributes}></pica-connect-button>`;
  const form = mount(`<form>${around(button)}</form>`) as HTMLFormElement;
  const element = form.querySelector('pica-connect-button');
  if (!element) throw new Error('There is no button in the form');
  await element.updateComplete;
  return { form, button: element };
};

const submitted = (form: HTMLFormElement) => [...new FormData(form)];

const connect = async (button: PicaConnectButton) => {
  const { frame } = await openAuthKit(button);
  const heard = nextEvent('pica-success', button);
  succeed(frame, record(key));
  await heard;
  button.close();
};

describe('a button in a form', () => {
  it('submits nothing before there is a connection', async () => {
    const { form } = await mountForm();
    expect(submitted(form)).to.deep.equal([]);
  });

  it("submits the connection's key under its name", async () => {
    const { form, button } = await mountForm();
    await connect(button);
    expect(button.value).to.equal(key);
    expect(submitted(form)).to.deep.equal([['mailbox', key]]);
  });

  it('has its value when a listener of pica-success submits the form', async () => {
    const { form, button } = await mountForm();
    let seen: unknown;
    button.addEventListener('pica-success', () => (seen = submitted(form)));
    await connect(button);
    expect(seen).to.deep.equal([['mailbox', key]]);
  });

  it('submits nothing without a name', async () => {
    const { form, button } = await mountForm();
    button.name = '';
    await button.updateComplete;
    await connect(button);
    expect(submitted(form)).to.deep.equal([]);
  });

  it('begins with the value of its attribute', async () => {
    const { form } = await mountForm('value="live::slack::default::old"');
    expect(submitted(form)).to.deep.equal([['mailbox', 'live::slack::default::old']]);
  });

  it('dispatches input and change, once for a connection', async () => {
    const { form, button } = await mountForm();
    const heard: string[] = [];
    for (const name of ['input', 'change']) {
      form.addEventListener(name, (event) => heard.push(event.type));
    }
    await connect(button);
    await connect(button);
    expect(heard).to.deep.equal(['input', 'change']);
  });

  it('is valid without a connection, unless it is required', async () => {
    const { form, button } = await mountForm();
    expect(form.checkValidity()).to.equal(true);
    button.required = true;
    await button.updateComplete;
    expect(form.checkValidity()).to.equal(false);
    expect(button.validity.valueMissing).to.equal(true);
    expect(button.validationMessage).to.equal('Connect an account first.');
    expect(button.matches(':invalid')).to.equal(true);
  });

  it('that is required is valid once there is a connection', async () => {
    const { form, button } = await mountForm('required');
    expect(form.checkValidity()).to.equal(false);
    await connect(button);
    expect(form.checkValidity()).to.equal(true);
    expect(button.validationMessage).to.equal('');
  });

  it('that is invalid gets the focus when the form is sent', async () => {
    const { form, button } = await mountForm('required', (markup) => `<input /> ${markup}`);
    form.requestSubmit();
    await until(() => document.activeElement === button);
    expect(button.shadowRoot?.activeElement?.getAttribute('part')).to.equal('button');
  });

  it('that is disabled is not asked for its validity', async () => {
    const { form, button } = await mountForm('required disabled');
    expect(button.willValidate).to.equal(false);
    expect(form.checkValidity()).to.equal(true);
  });

  it("is invalid in the host's own words", async () => {
    const { form, button } = await mountForm();
    button.setCustomValidity('Only Gmail, please.');
    expect(form.checkValidity()).to.equal(false);
    expect(button.validationMessage).to.equal('Only Gmail, please.');
    button.setCustomValidity('');
    expect(form.checkValidity()).to.equal(true);
  });

  it('is empty after the form was reset', async () => {
    const { form, button } = await mountForm('required');
    await connect(button);
    form.reset();
    expect(button.value).to.equal('');
    expect(submitted(form)).to.deep.equal([]);
    expect(form.checkValidity()).to.equal(false);
  });

  it('restores what the browser fills in again', async () => {
    const { form, button } = await mountForm('required');
    // As browsers do, after going back or a crash.
    (
      button as unknown as { formStateRestoreCallback: (value: string) => void }
    ).formStateRestoreCallback(key);
    expect(submitted(form)).to.deep.equal([['mailbox', key]]);
    expect(form.checkValidity()).to.equal(true);
  });

  it('is disabled by a fieldset around it, and enabled again', async () => {
    const { form, button } = await mountForm('', (markup) => `<fieldset>${markup}</fieldset>`);
    const fieldset = form.querySelector('fieldset');
    const inner = button.shadowRoot?.querySelector('button');
    if (fieldset) fieldset.disabled = true;
    await button.updateComplete;
    expect(inner?.disabled).to.equal(true);
    expect(await button.open()).to.equal(null);
    expect(button.disabled).to.equal(false);
    if (fieldset) fieldset.disabled = false;
    await button.updateComplete;
    expect(inner?.disabled).to.equal(false);
  });

  it('is enabled again by its property', async () => {
    const { button } = await mountForm();
    const inner = button.shadowRoot?.querySelector('button');
    button.disabled = true;
    await button.updateComplete;
    expect(inner?.disabled).to.equal(true);
    expect(button.hasAttribute('disabled')).to.equal(true);
    button.disabled = false;
    void button.open();
    expect(button.status).to.equal('loading');
    await button.updateComplete;
    expect(inner?.disabled).to.equal(false);
  });

  it('takes up a property at once, as native controls do', async () => {
    const { form, button } = await mountForm();
    button.required = true;
    expect(form.checkValidity()).to.equal(false);
    button.value = key;
    button.name = 'other';
    expect(form.checkValidity()).to.equal(true);
    expect(submitted(form)).to.deep.equal([['other', key]]);
  });

  it('keeps what was connected when its attribute changes', async () => {
    const { button } = await mountForm('value="old"');
    await connect(button);
    button.setAttribute('value', 'new');
    expect(button.value).to.equal(key);
  });

  it('gives up what another user has connected', async () => {
    const { form, button } = await mountForm('identity="ada" name="account"');
    await connect(button);
    button.identity = 'grace';
    await button.updateComplete;
    expect(button.value).to.equal('');
    expect(submitted(form)).to.deep.equal([]);
  });

  it('gives up what was connected when its user signs out', async () => {
    const { button } = await mountForm('identity="ada"');
    await connect(button);
    button.identity = null;
    await button.updateComplete;
    expect(button.value).to.equal('');
  });

  it('keeps what was connected when the page says whose it is', async () => {
    const { button } = await mountForm();
    await connect(button);
    button.identity = 'ada';
    await button.updateComplete;
    expect(button.value).to.equal(key);
  });

  it('keeps what the page has given it when identity changes', async () => {
    const { button } = await mountForm('identity="ada" value="old"');
    button.identity = 'grace';
    await button.updateComplete;
    expect(button.value).to.equal('old');
  });

  it('keeps the newest connection when an older one is saved again', async () => {
    const { button } = await mountForm();
    let count = 0;
    button.addEventListener('pica-success', (event) => {
      count += 1;
      if (count === 1) event.waitUntil(Promise.reject(new Error('full')));
    });
    await connect(button);
    await until(() => button.status === 'unsaved');
    const { frame } = await openAuthKit(button);
    succeed(frame, record('live::gmail::default::newest'));
    await until(() => count === 2);
    button.close();
    button.retrySave();
    expect(count).to.equal(3);
    expect(button.value).to.equal('live::gmail::default::newest');
  });

  it('has its value before any listener hears of it, wherever that is', async () => {
    const { button } = await mountForm();
    let seen = '';
    const onSuccess = () => (seen = button.value);
    window.addEventListener('pica-success', onSuccess, { capture: true, once: true });
    await connect(button);
    expect(seen).to.equal(key);
  });

  it('knows its form and its labels', async () => {
    const { form, button } = await mountForm(
      'id="mailbox"',
      (markup) => `<label>Mail ${markup}</label>`,
    );
    expect(button.form).to.equal(form);
    expect([...button.labels]).to.deep.equal([form.querySelector('label')]);
  });

  it('is described by its label', async () => {
    const { button } = await mountForm(
      'id="mailbox"',
      (markup) => `<label for="mailbox">Your mailbox</label> ${markup}`,
    );
    const inner = button.shadowRoot?.querySelector('button');
    const ids = (inner?.getAttribute('aria-describedby') ?? '').split(' ');
    const texts = ids.map((id) => button.shadowRoot?.getElementById(id)?.textContent);
    expect(texts.join('')).to.equal('Your mailbox');
  });

  it('opens AuthKit when its label is clicked', async () => {
    const { form, button } = await mountForm(
      'id="mailbox"',
      (markup) => `<label for="mailbox">Your mailbox</label> ${markup}`,
    );
    form.querySelector('label')?.click();
    expect(button.status).to.equal('loading');
    await until(() => button.status === 'open');
  });

  it('opens AuthKit by click()', async () => {
    const { button } = await mountForm();
    button.click();
    await until(() => button.status === 'open');
  });

  it('never submits the form by being clicked', async () => {
    const { form, button } = await mountForm();
    let isSubmitted = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      isSubmitted = true;
    });
    button.shadowRoot?.querySelector('button')?.click();
    await until(() => button.status === 'open');
    expect(isSubmitted).to.equal(false);
  });
});
