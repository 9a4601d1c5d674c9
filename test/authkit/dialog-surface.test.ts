import { expect } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import {
  authkitFrame,
  modalButton,
  modalDialog,
  mount,
  mountButton,
  nextEvent,
  openAuthKit,
  openBare,
  stage,
  succeed,
  addedFrame,
  until,
} from '../fixtures/elements.js';
import { engine } from '../fixtures/servers/origins.js';
import { nextPuppetMessage, puppetControl, uniqueName } from '../fixtures/servers/puppet-client.js';

const center = (): [number, number] => [
  Math.round(window.innerWidth / 2),
  Math.round(window.innerHeight / 2),
];

/** Opens a modal dialog of the page. */
const openPageDialog = () => {
  const dialog = mount(
    '<dialog style="width: 100vw; height: 100vh; max-width: none; max-height: none"><p>The page</p></dialog>',
  ) as HTMLDialogElement;
  dialog.showModal();
  return dialog;
};

describe('the modal', () => {
  describe('above a modal dialog of the page', () => {
    it('shows AuthKit in front, where it accepts input', async () => {
      const dialog = openPageDialog();
      const button = await mountButton();
      dialog.append(button);
      const { frame } = await openAuthKit(button);
      expect(document.elementFromPoint(...center())).to.equal(frame);
      // The stand-in's page starts with its input.
      await sendKeys({ press: 'Tab' });
      await nextPuppetMessage('focused', frame);
      await sendKeys({ type: 'Gmail' });
      await until(() => typed.at(-1) === 'Gmail');
    });

    it('is needed, because AuthKit alone stays behind the dialog', async () => {
      const dialog = openPageDialog();
      await openBare();
      expect(document.elementFromPoint(...center())?.closest('dialog')).to.equal(dialog);
    });

    const typed: string[] = [];
    const onTyped = ({ data }: MessageEvent<{ puppet?: string; value?: string } | null>) => {
      if (data?.puppet === 'typed') typed.push(data.value ?? '');
    };
    before(() => {
      window.addEventListener('message', onTyped);
    });
    after(() => {
      window.removeEventListener('message', onTyped);
    });
  });

  it('is above a popover of the page', async () => {
    const popover = mount(
      '<div popover="manual" style="width: 100vw; height: 100vh">Menu</div>',
    ) as HTMLElement;
    popover.showPopover();
    const button = await mountButton();
    const { frame } = await openAuthKit(button);
    expect(document.elementFromPoint(...center())).to.equal(frame);
  });

  it('is needed, because AuthKit alone stays below a popover', async () => {
    const popover = mount(
      '<div popover="manual" style="width: 100vw; height: 100vh">Menu</div>',
    ) as HTMLElement;
    popover.showPopover();
    await openBare();
    expect(document.elementFromPoint(...center())).to.equal(popover);
  });

  it('is above a fullscreen element of the page', async function () {
    const button = await mountButton();
    const element = mount('<button style="font-size: 4em">Fullscreen</button>') as HTMLElement;
    let refusal: string | undefined;
    element.addEventListener('click', () => {
      element.requestFullscreen().catch((error: unknown) => (refusal = String(error)));
    });
    element.focus();
    await sendKeys({ press: 'Enter' });
    await until(() => document.fullscreenElement === element || refusal !== undefined);
    if (refusal !== undefined) {
      // An engine without a screen refuses. Log which one skipped the test.
      console.info(`${engine}: fullscreen was refused (${refusal})`);
      this.skip();
    }
    const { frame } = await openAuthKit(button);
    expect(document.elementFromPoint(...center())).to.equal(frame);
    await document.exitFullscreen();
  });

  describe('while it is open', () => {
    it('makes the page inert', async () => {
      const field = mount('<input aria-label="Behind" />') as HTMLInputElement;
      const button = await mountButton();
      await openAuthKit(button);
      field.focus();
      expect(document.activeElement).to.not.equal(field);
    });

    it('is needed, because AuthKit alone leaves the page usable', async () => {
      const field = mount('<input aria-label="Behind" />') as HTMLInputElement;
      await openBare();
      field.focus();
      expect(document.activeElement).to.equal(field);
    });

    it('stops the page from scrolling', async () => {
      const root = document.documentElement;
      root.style.overflow = 'scroll';
      const button = await mountButton();
      const { closed } = await openAuthKit(button);
      expect(getComputedStyle(root).overflow).to.equal('hidden');
      button.close();
      await closed;
      expect(getComputedStyle(root).overflow).to.equal('scroll');
      root.style.overflow = '';
    });

    describe('on a page with a scrollbar', () => {
      const root = document.documentElement;
      /** The tested engines use overlay scrollbars, so a classic one has to be simulated. */
      const setScrollbarWidth = (width: number) => {
        const value = window.innerWidth - width;
        Object.defineProperty(root, 'clientWidth', { value, configurable: true });
      };
      const paddingDuring = async () => {
        const { closed } = await openAuthKit(await mountButton());
        const { paddingInlineEnd } = getComputedStyle(root);
        modalButton('Close').click();
        await closed;
        return paddingInlineEnd;
      };
      afterEach(() => {
        Reflect.deleteProperty(root, 'clientWidth');
        root.removeAttribute('style');
      });

      it('reserves the width of a classic scrollbar, so that nothing moves', async () => {
        setScrollbarWidth(15);
        expect(await paddingDuring()).to.equal('15px');
        expect(getComputedStyle(root).paddingInlineEnd).to.equal('0px');
      });

      it('leaves the padding alone for an overlay scrollbar', async () => {
        setScrollbarWidth(0);
        root.style.paddingInlineEnd = '20px';
        expect(await paddingDuring()).to.equal('20px');
      });
    });

    it('leaves the page’s style sheets alone', async () => {
      const before = document.adoptedStyleSheets;
      const [first, later] = [new CSSStyleSheet(), new CSSStyleSheet()];
      document.adoptedStyleSheets = [first];
      try {
        const { closed } = await openAuthKit(await mountButton());
        expect(document.adoptedStyleSheets[0] === first).to.equal(true);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, later];
        modalButton('Close').click();
        await closed;
        const { adoptedStyleSheets: sheets } = document;
        expect(sheets.length === 2 && sheets[0] === first && sheets[1] === later).to.equal(true);
      } finally {
        document.adoptedStyleSheets = before;
      }
    });

    it('leaves the markup as it was', async () => {
      const before = document.documentElement.outerHTML;
      const button = await mountButton();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      button.remove();
      expect(document.documentElement.outerHTML).to.equal(before);
    });
  });

  describe('with its labels', () => {
    it('names the integration', async () => {
      const button = await mountButton({ selectedConnection: 'Gmail' });
      const { frame } = await openAuthKit(button);
      expect(frame.title).to.equal('Connect Gmail');
      expect(modalDialog()?.ariaLabel).to.equal('Connect Gmail');
    });

    it('has a tooltip where a button shows only an icon', async () => {
      await openAuthKit(await mountButton());
      const close = modalButton('Close');
      expect([close.textContent, close.title]).to.deep.equal(['✕', 'Close']);
    });

    it('is needed, because AuthKit alone has none', async () => {
      const { frame } = await openBare();
      expect(frame.title).to.equal('');
    });

    it('passes axe while AuthKit loads and when it is open', async () => {
      const name = uniqueName();
      await puppetControl(name, { delay: 300 });
      const button = await mountButton({}, name);
      void button.open();
      await addedFrame();
      const container = modalDialog()?.getRootNode() as ShadowRoot;
      await expect(container.host).to.be.accessible();
      await until(() => button.status === 'open');
      // axe can't inspect frames of other origins, and would wait until its timeout.
      await expect(container.host).to.be.accessible({ ignoredTags: ['frames'] });
    });
  });

  describe('moves the focus', () => {
    it('into AuthKit’s page', async () => {
      const button = await mountButton();
      button.focus();
      const { frame } = await openAuthKit(button);
      expect(document.activeElement).to.equal(frame);
    });

    it('unlike AuthKit alone, which leaves it on the page', async () => {
      const button = mount('<button>Connect</button>') as HTMLButtonElement;
      button.focus();
      await openBare();
      expect(document.activeElement).to.equal(button);
    });

    it('back to the element that had it', async () => {
      const field = mount('<input aria-label="Before" />') as HTMLInputElement;
      const button = await mountButton();
      field.focus();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      expect(document.activeElement).to.equal(field);
    });

    it('back to a link in an SVG', async () => {
      const map = mount('<svg><a href="#here" tabindex="0"><text y="20">Here</text></a></svg>');
      const link = map.querySelector('a');
      const button = await mountButton();
      link?.focus();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      expect(document.activeElement === link).to.equal(true);
    });

    it('to the button if the element that had it is gone', async () => {
      const field = mount('<input aria-label="Before" />') as HTMLInputElement;
      const button = await mountButton();
      field.focus();
      const { closed } = await openAuthKit(button);
      field.remove();
      button.close();
      await closed;
      expect(document.activeElement).to.equal(button);
    });

    it('to the button if no element had it', async () => {
      const button = await mountButton();
      (document.activeElement as HTMLElement).blur();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      expect(document.activeElement === button).to.equal(true);
    });

    it('to the body if the button is gone too', async () => {
      const button = await mountButton();
      button.focus();
      const { closed } = await openAuthKit(button);
      button.remove();
      await closed;
      expect(document.activeElement).to.equal(document.body);
    });
  });

  describe('can be closed', () => {
    /** Opens AuthKit with a page that never responds. */
    const openHanging = async () => {
      const name = uniqueName();
      await puppetControl(name, { hang: true });
      const button = await mountButton({}, name);
      const closed = button.open();
      await addedFrame();
      return { button, closed };
    };

    it('with a focused Cancel while AuthKit loads', async () => {
      await openHanging();
      const cancel = modalButton('Cancel');
      expect(cancel.checkVisibility()).to.equal(true);
      expect((cancel.getRootNode() as ShadowRoot).activeElement).to.equal(cancel);
      const closeEvent = nextEvent('pica-close');
      await sendKeys({ press: 'Enter' });
      expect((await closeEvent).detail.reason).to.equal('user');
    });

    it('while a progress indicator shows that AuthKit loads', async () => {
      await openHanging();
      const animations = modalDialog()?.getAnimations({ subtree: true }) ?? [];
      expect(animations.map(({ playState }) => playState)).to.deep.equal(['running']);
    });

    it('without Cancel once AuthKit is open', async () => {
      await openAuthKit(await mountButton());
      expect(modalButton('Cancel').checkVisibility()).to.equal(false);
    });

    it('with a click on Cancel', async () => {
      await openHanging();
      const { left, top, width, height } = modalButton('Cancel').getBoundingClientRect();
      const closeEvent = nextEvent('pica-close');
      await sendMouse({
        type: 'click',
        position: [Math.round(left + width / 2), Math.round(top + height / 2)],
      });
      expect((await closeEvent).detail.reason).to.equal('user');
    });

    it('with Escape', async () => {
      const { closed } = await openHanging();
      const closeEvent = nextEvent('pica-close');
      await sendKeys({ press: 'Escape' });
      expect((await closeEvent).detail.reason).to.equal('escape');
      expect(await closed).to.equal(null);
      expect(modalDialog()).to.equal(null);
    });

    it('with the browser’s back gesture', async () => {
      await openHanging();
      const closeEvent = nextEvent('pica-close');
      // Android's back gesture makes a close watcher dispatch a cancel event, then close.
      modalDialog()?.dispatchEvent(new Event('cancel', { cancelable: true }));
      expect((await closeEvent).detail.reason).to.equal('escape');
    });

    it('by a browser that closes its dialog', async () => {
      await openHanging();
      const closeEvent = nextEvent('pica-close');
      modalDialog()?.close();
      expect((await closeEvent).detail.reason).to.equal('escape');
    });

    it('with Close, by pointer and keyboard, once AuthKit is open', async () => {
      const button = await mountButton();
      await openAuthKit(button);
      const close = modalButton('Close');
      const { left, top, width, height } = close.getBoundingClientRect();
      expect(Math.min(width, height)).to.be.at.least(24);
      const [x, y] = [left + width / 2, top + height / 2];
      expect((close.getRootNode() as ShadowRoot).elementFromPoint(x, y)).to.equal(close);
      close.focus();
      const closeEvent = nextEvent('pica-close');
      await sendKeys({ press: 'Enter' });
      expect((await closeEvent).detail.reason).to.equal('user');
    });

    it('unlike AuthKit alone, whose frame covers everything', async () => {
      await openBare();
      expect(document.elementFromPoint(...center())).to.equal(authkitFrame());
      expect(stage.ownerDocument.querySelectorAll('dialog')).to.have.length(0);
    });
  });

  for (const appTheme of ['light', 'dark'] as const) {
    it(`has AuthKit’s colors with the app-theme ${appTheme}`, async () => {
      await openAuthKit(await mountButton({ appTheme }));
      const dialog = modalDialog();
      expect(dialog && getComputedStyle(dialog).colorScheme).to.equal(appTheme);
    });
  }

  it('accepts messages as soon as AuthKit’s page is visible', async () => {
    const button = await mountButton();
    void button.open();
    const frame = await addedFrame();
    await new Promise((resolve) => {
      frame.addEventListener('load', resolve, { once: true });
    });
    const connections = nextEvent('pica-success', button);
    succeed(frame);
    await connections;
  });

  it('keeps its layout, whatever the page’s CSS does', async () => {
    const style = document.createElement('style');
    style.textContent = `* { all: unset !important; display: block !important }
      dialog, button, div, iframe { width: 10px !important; height: 10px !important;
        max-width: 10px !important; position: static !important }`;
    document.head.append(style);
    try {
      const button = await mountButton();
      const { frame } = await openAuthKit(button);
      const { width, height } = frame.getBoundingClientRect();
      expect([width, height]).to.deep.equal([window.innerWidth, window.innerHeight]);
    } finally {
      style.remove();
    }
  });
});
