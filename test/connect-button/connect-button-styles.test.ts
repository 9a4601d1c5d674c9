import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  exit,
  mount,
  mountButton,
  nextEvent,
  part,
  stage,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';

const styleOf = (button: PicaConnectButton) => getComputedStyle(part(button, 'button'));

/** An element's position and size. */
const boxOf = (element: Element): string => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return JSON.stringify({ x, y, width, height });
};

/** Mounts a button in a container, followed by text. */
const mountIn = async (
  container: string,
): Promise<{ button: PicaConnectButton; after: Element }> => {
  const parent = mount(container);
  const button = await mountButton({ selectedConnection: 'Gmail' });
  const after = document.createElement('span');
  after.textContent = 'after it';
  (parent.querySelector('td') ?? parent).append(button, after);
  await button.updateComplete;
  return { button, after };
};

const mountRequired = async (
  markup = '',
): Promise<{ form: HTMLFormElement; button: PicaConnectButton }> => {
  const form = mount(
    `<form><pica-connect-button required>Go</pica-connect-button>${markup}</form>`,
  );
  const button = form.querySelector('pica-connect-button');
  if (!button) throw new Error('There is no button');
  await button.updateComplete;
  return { form: form as HTMLFormElement, button };
};

describe('the button does not move when its status changes', () => {
  const containers = {
    'a line': '<p></p>',
    'a flex container': '<div style="display: flex; width: 300px"></div>',
    'a grid': '<div style="display: grid; grid-template-columns: auto 1fr"></div>',
    'a table cell': '<table><tr><td></td></tr></table>',
  };
  for (const [name, container] of Object.entries(containers)) {
    it(`in ${name}`, async () => {
      const { button, after } = await mountIn(container);
      const boxes = () => [button, part(button, 'button'), after].map(boxOf).join();
      const boxesByStatus: Record<string, string> = { idle: boxes() };
      new MutationObserver(() => {
        boxesByStatus[button.status] = boxes();
      }).observe(button, { attributes: true, attributeFilter: ['status'] });

      let finishSave!: () => void;
      button.addEventListener('pica-success', (event) => {
        event.waitUntil(new Promise<void>((resolve) => (finishSave = resolve)));
      });
      const closed = button.open();
      const frame = await visibleFrame();
      await until(() => 'open' in boxesByStatus);
      succeed(frame);
      await until(() => 'saving' in boxesByStatus);
      exit(frame);
      await closed;
      finishSave();
      await until(() => button.getAttribute('status') === 'idle');

      expect(Object.keys(boxesByStatus)).to.have.members(['idle', 'loading', 'open', 'saving']);
      expect([...new Set(Object.values(boxesByStatus))]).to.deep.equal([boxes()]);
    });
  }

  it('because a message below it does not make it wider', async () => {
    const button = await mountButton({ textContent: 'Go' });
    const { width } = button.getBoundingClientRect();
    button.addEventListener('pica-success', (event) => {
      event.waitUntil(Promise.reject(new Error('no')));
    });
    void button.open();
    succeed(await visibleFrame());
    await nextEvent('pica-error');
    await until(() => button.getAttribute('status') !== 'loading');
    button.close();
    await until(() => part(button, 'message').textContent !== '');
    expect(button.getBoundingClientRect().width).to.equal(width);
  });

  it('because the debug report is next to a button of unchanged width', async () => {
    const button = await mountButton();
    const { width } = part(button, 'button').getBoundingClientRect();
    button.debug = true;
    await until(() => button.shadowRoot?.querySelector('.controls') != null);
    expect(part(button, 'button').getBoundingClientRect().width).to.equal(width);
    expect(button.getBoundingClientRect().width).to.be.greaterThan(width);
  });
});

describe('the focus ring', () => {
  it('is shown for keyboard users, with the surface color on both sides', async () => {
    const button = await mountButton();
    expect(styleOf(button).outlineStyle).to.equal('none');
    const before = mount('<button>Before</button>');
    stage.prepend(before);
    (before as HTMLButtonElement).focus();
    await sendKeys({ press: 'Tab' });
    const { outlineStyle, outlineWidth, outlineOffset, boxShadow } = styleOf(button);
    expect([outlineStyle, outlineWidth, outlineOffset]).to.deep.equal(['solid', '2px', '2px']);
    expect(boxShadow).to.match(/ 0px 0px 0px 6px$/);
  });
});

describe('the quiet button', () => {
  it('swaps the colors of the filled one', async () => {
    const filled = styleOf(await mountButton());
    const quiet = styleOf(await mountButton({ appearance: 'quiet' }));
    expect(quiet.color).to.equal(filled.backgroundColor);
    expect(quiet.borderTopColor).to.equal(quiet.color);
    expect(quiet.backgroundColor).to.equal(filled.color);
  });

  it('has the size of the filled one', async () => {
    const filled = await mountButton();
    const quiet = await mountButton({ appearance: 'quiet' });
    expect(quiet.offsetWidth).to.equal(filled.offsetWidth);
    expect(quiet.offsetHeight).to.equal(filled.offsetHeight);
  });

  it('is set by the attribute, and filled again without it', async () => {
    const button = mount(
      '<pica-connect-button appearance="quiet">Go</pica-connect-button>',
    ) as PicaConnectButton;
    await button.updateComplete;
    const { backgroundColor: quiet } = styleOf(button);
    button.removeAttribute('appearance');
    await button.updateComplete;
    expect(styleOf(button).backgroundColor).not.to.equal(quiet);
  });
});

describe('a button that fails form validation', () => {
  const isRinged = (button: PicaConnectButton) => styleOf(button).boxShadow !== 'none';

  it('shows nothing before a form has validated it', async () => {
    const { button } = await mountRequired();
    expect(button.matches(':invalid')).to.equal(true);
    expect(part(button, 'message').textContent).to.equal('');
    expect(isRinged(button)).to.equal(false);
  });

  it('shows what is missing, and a ring', async () => {
    const { form, button } = await mountRequired();
    form.requestSubmit();
    await button.updateComplete;
    expect(part(button, 'message').textContent).to.equal(button.validationMessage);
    expect(isRinged(button)).to.equal(true);
  });

  it('has the ring without the focus too, until it has a value', async () => {
    const { button } = await mountRequired();
    expect(isRinged(button)).to.equal(false);
    button.checkValidity();
    await button.updateComplete;
    expect(isRinged(button)).to.equal(true);
    button.value = 'live::gmail::default::abc';
    await button.updateComplete;
    expect(isRinged(button)).to.equal(false);
  });

  it('shows its message until it has a value', async () => {
    const { form, button } = await mountRequired();
    form.requestSubmit();
    await button.updateComplete;
    button.value = 'live::gmail::default::abc';
    await button.updateComplete;
    expect(part(button, 'message').textContent).to.equal('');
    form.reset();
    await button.updateComplete;
    expect(part(button, 'message').textContent).to.equal('');
  });

  it('shows the page’s own message', async () => {
    const { button } = await mountRequired();
    button.setCustomValidity('Connect your work account.');
    button.reportValidity();
    await button.updateComplete;
    expect(part(button, 'message').textContent).to.equal('Connect your work account.');
  });
});

it('a button with a value matches :state(connected)', async () => {
  const { form, button } = await mountRequired();
  expect(button.matches(':state(connected)')).to.equal(false);
  button.value = 'live::gmail::default::abc';
  expect(button.matches(':state(connected)')).to.equal(true);
  form.reset();
  expect(button.matches(':state(connected)')).to.equal(false);
});
