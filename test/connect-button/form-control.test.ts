import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import { mount, nextEvent, openAuthKit, record, succeed, until } from '../fixtures/elements.js';
import { puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

const key = 'live::gmail::default::abc123';

/** Mounts a form that contains a button named "mailbox". */
const mountForm = async (attributes = '', wrap = (button: string) => button) => {
  const button = `<pica-connect-button name="mailbox" token-url="/token"
    base-url="${puppetUrl(uniqueName())}" ${attributes}></pica-connect-button>`;
  const form = mount(`<form>${wrap(button)}</form>`) as HTMLFormElement;
  const element = form.querySelector('pica-connect-button');
  if (!element) throw new Error('There is no button in the form');
  await element.updateComplete;
  return { form, button: element };
};

const submitted = (form: HTMLFormElement) => [...new FormData(form)];

const connect = async (button: PicaConnectButton) => {
  const { frame } = await openAuthKit(button);
  const successEvent = nextEvent('pica-success', button);
  succeed(frame, record(key));
  await successEvent;
  button.close();
};

describe('a button in a form', () => {
  it('submits nothing without a connection', async () => {
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
    let values: unknown;
    button.addEventListener('pica-success', () => (values = submitted(form)));
    await connect(button);
    expect(values).to.deep.equal([['mailbox', key]]);
  });

  it('submits nothing without a name', async () => {
    const { form, button } = await mountForm();
    button.name = '';
    await button.updateComplete;
    await connect(button);
    expect(submitted(form)).to.deep.equal([]);
  });

  it('starts with the value of its attribute', async () => {
    const { form } = await mountForm('value="live::slack::default::old"');
    expect(submitted(form)).to.deep.equal([['mailbox', 'live::slack::default::old']]);
  });

  it('dispatches input and change once for a connection', async () => {
    const { form, button } = await mountForm();
    const received: string[] = [];
    for (const name of ['input', 'change']) {
      form.addEventListener(name, (event) => received.push(event.type));
    }
    await connect(button);
    await connect(button);
    expect(received).to.deep.equal(['input', 'change']);
  });

  it('is valid without a connection unless it is required', async () => {
    const { form, button } = await mountForm();
    expect(form.checkValidity()).to.equal(true);
    button.required = true;
    await button.updateComplete;
    expect(form.checkValidity()).to.equal(false);
    expect(button.validity.valueMissing).to.equal(true);
    expect(button.validationMessage).to.equal('Connect an account first.');
    expect(button.matches(':invalid')).to.equal(true);
  });

  it('is valid with a connection if it is required', async () => {
    const { form, button } = await mountForm('required');
    expect(form.checkValidity()).to.equal(false);
    await connect(button);
    expect(form.checkValidity()).to.equal(true);
    expect(button.validationMessage).to.equal('');
  });

  it('gets the focus on submit if it is invalid', async () => {
    const { form, button } = await mountForm('required', (markup) => `<input /> ${markup}`);
    form.requestSubmit();
    await until(() => document.activeElement === button);
    expect(button.shadowRoot?.activeElement?.getAttribute('part')).to.equal('button');
  });

  it('is not validated while it is disabled', async () => {
    const { form, button } = await mountForm('required disabled');
    expect(button.willValidate).to.equal(false);
    expect(form.checkValidity()).to.equal(true);
  });

  it('is invalid with the page’s own message', async () => {
    const { form, button } = await mountForm();
    button.setCustomValidity('Only Gmail, please.');
    expect(form.checkValidity()).to.equal(false);
    expect(button.validationMessage).to.equal('Only Gmail, please.');
    button.setCustomValidity('');
    expect(form.checkValidity()).to.equal(true);
  });

  it('is empty after a reset of the form', async () => {
    const { form, button } = await mountForm('required');
    await connect(button);
    form.reset();
    expect(button.value).to.equal('');
    expect(submitted(form)).to.deep.equal([]);
    expect(form.checkValidity()).to.equal(false);
  });

  it('restores the value that the browser kept', async () => {
    const { form, button } = await mountForm('required');
    // Browsers call this after going back, and after a crash.
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

  it('is enabled again through its property', async () => {
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

  it('applies a property at once, like native controls', async () => {
    const { form, button } = await mountForm();
    button.required = true;
    expect(form.checkValidity()).to.equal(false);
    button.value = key;
    button.name = 'other';
    expect(form.checkValidity()).to.equal(true);
    expect(submitted(form)).to.deep.equal([['other', key]]);
  });

  it('keeps the connection when its value attribute changes', async () => {
    const { button } = await mountForm('value="old"');
    await connect(button);
    button.setAttribute('value', 'new');
    expect(button.value).to.equal(key);
  });

  it('drops the connection when the identity changes to another user', async () => {
    const { form, button } = await mountForm('identity="ada" name="account"');
    await connect(button);
    button.identity = 'grace';
    await button.updateComplete;
    expect(button.value).to.equal('');
    expect(submitted(form)).to.deep.equal([]);
  });

  it('drops the connection when the identity is removed', async () => {
    const { button } = await mountForm('identity="ada"');
    await connect(button);
    button.identity = null;
    await button.updateComplete;
    expect(button.value).to.equal('');
  });

  it('keeps the connection when the identity is set for the first time', async () => {
    const { button } = await mountForm();
    await connect(button);
    button.identity = 'ada';
    await button.updateComplete;
    expect(button.value).to.equal(key);
  });

  it('keeps a value that the page has set when identity changes', async () => {
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

  it('has its value before any listener of pica-success runs, even one on window', async () => {
    const { button } = await mountForm();
    let value = '';
    const onSuccess = () => (value = button.value);
    window.addEventListener('pica-success', onSuccess, { capture: true, once: true });
    await connect(button);
    expect(value).to.equal(key);
  });

  it('exposes its form and its labels', async () => {
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
    const descriptions = ids.map((id) => button.shadowRoot?.getElementById(id)?.textContent);
    expect(descriptions.join('')).to.equal('Your mailbox');
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

  it('opens AuthKit through click()', async () => {
    const { button } = await mountForm();
    button.click();
    await until(() => button.status === 'open');
  });

  it('never submits the form on click', async () => {
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
