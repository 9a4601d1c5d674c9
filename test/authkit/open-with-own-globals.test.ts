import { expect } from '@open-wc/testing';
import fc from 'fast-check';
import {
  createBare,
  mountButton,
  nextEvent,
  openAuthKit,
  recordEvents,
} from '../fixtures/elements.js';
import { engine } from '../fixtures/servers/origins.js';
import {
  nextPuppetMessage,
  puppetRequests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

const languages = {
  japanese: '日本語の会社',
  arabic: 'شركة ذات مسؤولية',
  emoji: '🦊 & Söhne «é» ﷽',
  'a lone surrogate': 'half \ud83d',
  'a null and quotes': '\0"\\\u2028\'',
};

describe('text in any language', () => {
  for (const [name, text] of Object.entries(languages)) {
    it(`reaches AuthKit unchanged: ${name}`, async () => {
      const button = await mountButton({
        modalTitle: text,
        companyName: text,
        imageUrl: `https://example.com/${text}`,
        tokenHeaders: { 'x-name': text.replace('\0', '') },
        selectedConnection: text,
      });
      void button.open();
      const expected = {
        title: text,
        companyName: text,
        imageUrl: `https://example.com/${text}`,
        linkHeaders: { 'x-name': text.replace('\0', '') },
        selectedConnection: text,
      };
      expect((await nextPuppetMessage('loaded')).data).to.deep.include(expected);
      expect((await nextPuppetMessage('received')).data).to.deep.include(expected);
    });
  }

  it('makes AuthKit alone throw before it creates a frame', () => {
    const authkit = createBare({ companyName: languages.japanese });
    expect(authkit.open).to.throw(DOMException).with.property('name', 'InvalidCharacterError');
    expect(document.querySelector('iframe')).to.equal(null);
  });

  it('reaches AuthKit unchanged: random strings', async function () {
    this.timeout(60_000);
    const seed = Date.now();
    console.info(`${engine}: seed ${String(seed)}`);
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    // Headers with these three characters are invalid, and are refused.
    const headerText = text.map((value) => value.replace(/[\0\r\n]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.array(headerText, { minLength: 20, maxLength: 20 }),
        async (modalTitle, companyName, values) => {
          const tokenHeaders = Object.fromEntries(
            values.map((value, index) => [`x-${String(index)}`, value]),
          );
          const button = await mountButton({ modalTitle, companyName, tokenHeaders });
          const closed = button.open();
          const { data } = await nextPuppetMessage('loaded');
          expect(data).to.deep.include({
            title: modalTitle,
            companyName,
            linkHeaders: tokenHeaders,
          });
          button.close();
          await closed;
          button.remove();
        },
      ),
      { numRuns: 50, seed },
    );
  });
});

describe('the globals that AuthKit uses while it opens', () => {
  it('are restored', async () => {
    const encode: unknown = Reflect.get(window, 'btoa');
    const append = document.body.appendChild.bind(document.body);
    const button = await mountButton();
    void button.open();
    expect(Reflect.get(window, 'btoa')).to.equal(encode);
    expect(Object.hasOwn(document.body, 'appendChild')).to.equal(false);
    expect(append(document.createElement('i')).parentElement).to.equal(document.body);
    document.querySelector('body > i')?.remove();
  });

  it('are restored if the page had replaced them', async () => {
    const { body } = document;
    const replacement = (node: Node) => Node.prototype.appendChild.call(body, node);
    body.appendChild = replacement as typeof body.appendChild;
    try {
      const button = await mountButton();
      void button.open();
      expect(Object.hasOwn(body, 'appendChild') && body.appendChild === replacement).to.equal(true);
    } finally {
      Reflect.deleteProperty(body, 'appendChild');
    }
  });

  it('are restored if AuthKit fails to start with connection-failed', async () => {
    const own = Object.getOwnPropertyDescriptor(window, 'btoa');
    const replacement = () => {
      throw new Error('a fault of the page');
    };
    window.btoa = replacement;
    try {
      const button = await mountButton();
      const { names, events } = recordEvents(button);
      expect(await button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('connection-failed');
      expect(Reflect.get(window, 'btoa')).to.equal(replacement);
      expect(Object.hasOwn(document.body, 'appendChild')).to.equal(false);
    } finally {
      if (own) Object.defineProperty(window, 'btoa', own);
    }
  });

  it('let AuthKit’s page be requested only once', async () => {
    const name = uniqueName();
    const button = await mountButton({}, name);
    const { frame } = await openAuthKit(button);
    expect(frame.closest('[data-pica-connect-modal]')).to.not.equal(null);
    const closeEvent = nextEvent('pica-close');
    button.close();
    await closeEvent;
    expect(await puppetRequests(name)).to.have.length(1);
  });
});
