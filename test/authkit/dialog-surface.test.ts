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
  theFrame,
  until,
} from '../fixtures/elements.js';
import { engine } from '../fixtures/servers/origins.js';
import { nextPuppetMessage, puppetControl, uniqueName } from '../fixtures/servers/puppet-client.js';

const center = (): [number, number] => [
  Math.round(window.innerWidth / 2),
  Math.round(window.innerHeight / 2),
];

/** A modal dialog of the page's own, opened before AuthKit. */
const openPageDialog = () => {
  const dialog = mount(
    '<dialog style="width: 100vw; height: 100vh; max-width: none; max-height: none"><p>The page</p></dialog>',
  ) as HTMLDialogElement;
  dialog.showModal();
  return dialog;
};

describe('the modal', () => {
  describe("above a modal dialog of the page's own", () => {
    it('has AuthKit in front, where it can be typed into', async () => {
      const dialog = openPageDialog();
      const button = await mountButton();
      dialog.append(button);
      const { frame } = await openAuthKit(button);
      expect(document.elementFromPoint(...center())).to.equal(frame);
      // The stand-in's page begins with its input.
      await sendKeys({ press: 'Tab' });
      await nextPuppetMessage('focused', frame);
      await sendKeys({ type: 'Gmail' });
      await until(() => typed.at(-1) === 'Gmail');
    });

    it('is behind it with AuthKit alone', async () => {
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

  it("is above a popover of the page's own", async () => {
    const popover = mount(
      '<div popover="manual" style="width: 100vw; height: 100vh">Menu</div>',
    ) as HTMLElement;
    popover.showPopover();
    const button = await mountButton();
    const { frame } = await openAuthKit(button);
    expect(document.elementFromPoint(...center())).to.equal(frame);
  });

  it("is below a popover of the page's own with AuthKit alone", async () => {
    const popover = mount(
      '<div popover="manual" style="width: 100vw; height: 100vh">Menu</div>',
    ) as HTMLElement;
    popover.showPopover();
    await openBare();
    expect(document.elementFromPoint(...center())).to.equal(popover);
  });

  it("is above an element of the page's own in fullscreen", async function () {
    const button = await mountButton();
    const screen = mount('<button style="font-size: 4em">Fullscreen</button>') as HTMLElement;
    let refusal: string | undefined;
    screen.addEventListener('click', () => {
      screen.requestFullscreen().catch((error: unknown) => (refusal = String(error)));
    });
    screen.focus();
    await sendKeys({ press: 'Enter' });
    await until(() => document.fullscreenElement === screen || refusal !== undefined);
    if (refusal !== undefined) {
      // An engine that has no screen to fill refuses; which one that is, is said here.
      console.info(`${engine}: fullscreen was refused (${refusal})`);
      this.skip();
    }
    const { frame } = await openAuthKit(button);
    expect(document.elementFromPoint(...center())).to.equal(frame);
    await document.exitFullscreen();
  });

  describe('for the page behind', () => {
    it('makes it inert', async () => {
      const field = mount('<input aria-label="Behind" />') as HTMLInputElement;
      const button = await mountButton();
      await openAuthKit(button);
      field.focus();
      expect(document.activeElement).to.not.equal(field);
    });

    it('leaves it in use with AuthKit alone', async () => {
      const field = mount('<input aria-label="Behind" />') as HTMLInputElement;
      await openBare();
      field.focus();
      expect(document.activeElement).to.equal(field);
    });

    it('keeps it from scrolling, and lets it afterwards', async () => {
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

    describe('has a scrollbar', () => {
      const root = document.documentElement;
      /** The engines here lay theirs over the page; elsewhere it takes up room. */
      const takesUp = (width: number) => {
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

      it('that takes up room: keeps that free, so that nothing jumps', async () => {
        takesUp(15);
        expect(await paddingDuring()).to.equal('15px');
        expect(getComputedStyle(root).paddingInlineEnd).to.equal('0px');
      });

      it('that takes up none: leaves its padding alone', async () => {
        takesUp(0);
        root.style.paddingInlineEnd = '20px';
        expect(await paddingDuring()).to.equal('20px');
      });
    });

    it('leaves its style sheets as they are', async () => {
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

    it('takes no more room and leaves nothing behind', async () => {
      const before = document.documentElement.outerHTML;
      const button = await mountButton();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      button.remove();
      expect(document.documentElement.outerHTML).to.equal(before);
    });
  });

  describe('its labels', () => {
    it('say what is connected', async () => {
      const button = await mountButton({ selectedConnection: 'Gmail' });
      const { frame } = await openAuthKit(button);
      expect(frame.title).to.equal('Connect Gmail');
      expect(modalDialog()?.ariaLabel).to.equal('Connect Gmail');
    });

    it('are said by a tooltip where there is only a sign', async () => {
      await openAuthKit(await mountButton());
      const close = modalButton('Close');
      expect([close.textContent, close.title]).to.deep.equal(['✕', 'Close']);
    });

    it('are missing with AuthKit alone', async () => {
      const { frame } = await openBare();
      expect(frame.title).to.equal('');
    });

    it('pass axe, on the way and when AuthKit is there', async () => {
      const name = uniqueName();
      await puppetControl(name, { delay: 300 });
      const button = await mountButton({}, name);
      void button.open();
      const container = modalDialog()?.getRootNode() as ShadowRoot;
      await expect(container.host).to.be.accessible();
      await until(() => button.status === 'open');
      // axe cannot look into a page of another origin, and waits for it in vain.
      await expect(container.host).to.be.accessible({ ignoredTags: ['frames'] });
    });
  });

  describe('its focus', () => {
    it("goes into AuthKit's page", async () => {
      const button = await mountButton();
      button.focus();
      const { frame } = await openAuthKit(button);
      expect(document.activeElement).to.equal(frame);
    });

    it('stays on the page with AuthKit alone', async () => {
      const button = mount('<button>Connect</button>') as HTMLButtonElement;
      button.focus();
      await openBare();
      expect(document.activeElement).to.equal(button);
    });

    it('comes back to where it was', async () => {
      const field = mount('<input aria-label="Before" />') as HTMLInputElement;
      const button = await mountButton();
      field.focus();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      expect(document.activeElement).to.equal(field);
    });

    it('comes back to a link in an SVG', async () => {
      const map = mount('<svg><a href="#here" tabindex="0"><text y="20">Here</text></a></svg>');
      const link = map.querySelector('a');
      const button = await mountButton();
      link?.focus();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      expect(document.activeElement === link).to.equal(true);
    });

    it('comes back to the button when what had it is gone', async () => {
      const field = mount('<input aria-label="Before" />') as HTMLInputElement;
      const button = await mountButton();
      field.focus();
      const { closed } = await openAuthKit(button);
      field.remove();
      button.close();
      await closed;
      expect(document.activeElement).to.equal(button);
    });

    it('comes to the button when nothing had it', async () => {
      const button = await mountButton();
      (document.activeElement as HTMLElement).blur();
      const { closed } = await openAuthKit(button);
      button.close();
      await closed;
      expect(document.activeElement === button).to.equal(true);
    });

    it('goes nowhere when all of that is gone', async () => {
      const button = await mountButton();
      button.focus();
      const { closed } = await openAuthKit(button);
      button.remove();
      await closed;
      expect(document.activeElement).to.equal(document.body);
    });
  });

  describe('its exits', () => {
    /** AuthKit's page is on its way and never arrives. */
    const openHanging = async () => {
      const name = uniqueName();
      await puppetControl(name, { hang: true });
      const button = await mountButton({}, name);
      return { button, closed: button.open() };
    };

    it('include a focused Cancel until AuthKit is there', async () => {
      await openHanging();
      const cancel = modalButton('Cancel');
      expect(cancel.checkVisibility()).to.equal(true);
      expect((cancel.getRootNode() as ShadowRoot).activeElement).to.equal(cancel);
      const heard = nextEvent('pica-close');
      await sendKeys({ press: 'Enter' });
      expect((await heard).detail.reason).to.equal('user');
    });

    it('have a progress indicator beside them while AuthKit loads', async () => {
      await openHanging();
      const animations = modalDialog()?.getAnimations({ subtree: true }) ?? [];
      expect(animations.map(({ playState }) => playState)).to.deep.equal(['running']);
    });

    it('no longer include Cancel once AuthKit is there', async () => {
      await openAuthKit(await mountButton());
      expect(modalButton('Cancel').checkVisibility()).to.equal(false);
    });

    it('include a click on Cancel', async () => {
      await openHanging();
      const { left, top, width, height } = modalButton('Cancel').getBoundingClientRect();
      const heard = nextEvent('pica-close');
      await sendMouse({
        type: 'click',
        position: [Math.round(left + width / 2), Math.round(top + height / 2)],
      });
      expect((await heard).detail.reason).to.equal('user');
    });

    it('include Escape', async () => {
      const { closed } = await openHanging();
      const heard = nextEvent('pica-close');
      await sendKeys({ press: 'Escape' });
      expect((await heard).detail.reason).to.equal('escape');
      expect(await closed).to.equal(null);
      expect(modalDialog()).to.equal(null);
    });

    it("include the browser's back gesture", async () => {
      await openHanging();
      const heard = nextEvent('pica-close');
      // What a close watcher does at Android's back gesture: a cancel event, then close.
      modalDialog()?.dispatchEvent(new Event('cancel', { cancelable: true }));
      expect((await heard).detail.reason).to.equal('escape');
    });

    it('include a dialog that the browser closed by itself', async () => {
      await openHanging();
      const heard = nextEvent('pica-close');
      modalDialog()?.close();
      expect((await heard).detail.reason).to.equal('escape');
    });

    it('include a Close once AuthKit is there, for pointer and keyboard', async () => {
      const button = await mountButton();
      await openAuthKit(button);
      const close = modalButton('Close');
      const { left, top, width, height } = close.getBoundingClientRect();
      expect(Math.min(width, height)).to.be.at.least(24);
      const [x, y] = [left + width / 2, top + height / 2];
      expect((close.getRootNode() as ShadowRoot).elementFromPoint(x, y)).to.equal(close);
      close.focus();
      const heard = nextEvent('pica-close');
      await sendKeys({ press: 'Enter' });
      expect((await heard).detail.reason).to.equal('user');
    });

    it('are missing with AuthKit alone: its frame covers everything', async () => {
      await openBare();
      expect(document.elementFromPoint(...center())).to.equal(authkitFrame());
      expect(stage.ownerDocument.querySelectorAll('dialog')).to.have.length(0);
    });
  });

  for (const appTheme of ['light', 'dark'] as const) {
    it(`has AuthKit's colors: ${appTheme}`, async () => {
      await openAuthKit(await mountButton({ appTheme }));
      const dialog = modalDialog();
      expect(dialog && getComputedStyle(dialog).colorScheme).to.equal(appTheme);
    });
  }

  it("believes AuthKit's page from the moment in which it shows it", async () => {
    const button = await mountButton();
    void button.open();
    const frame = theFrame();
    await new Promise((resolve) => {
      frame.addEventListener('load', resolve, { once: true });
    });
    const made = nextEvent('pica-success', button);
    succeed(frame);
    await made;
  });

  it("keeps its form whatever the page's CSS does", async () => {
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
