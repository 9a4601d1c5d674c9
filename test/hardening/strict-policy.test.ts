import { expect } from '@open-wc/testing';
import { exit, nextEvent, record, stage, succeed, until } from '../fixtures/elements.js';
import { authkit, endpoints, otherOrigin } from '../fixtures/servers/origins.js';
import {
  control,
  puppetControl,
  puppetUrl,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

/*
 * A page with Trusted Types, and with a Content-Security-Policy that allows only what it lists. It runs in a frame,
 * because the test runner doesn't work under such a policy. demo/docs/security.md documents these directives, so change
 * both together.
 */
const nonce = 'cjRuZDBt';
const logos = otherOrigin;
const strict = {
  'default-src': "'none'",
  'script-src': `'nonce-${nonce}'`,
  'frame-src': authkit,
  'connect-src': `${endpoints} ${authkit}`,
  'img-src': logos,
  'require-trusted-types-for': "'script'",
  'trusted-types': 'lit-html pica-connect',
};
type Policy = Partial<Record<keyof typeof strict | 'style-src', string>>;

type HostWindow = Window & typeof globalThis & { violations: string[]; faults: string[] };

interface Host {
  window: HostWindow;
  document: Document;
  button: HTMLElementTagNameMap['pica-connect-button'];
  list: HTMLElementTagNameMap['pica-connections-list'];
}

/** Serves the page's data: two connections, and a logo for one of them. */
const serveData = async (): Promise<string> => {
  const name = uniqueName();
  const image = uniqueName();
  await puppetControl(image, {
    headers: { 'content-type': 'image/svg+xml' },
    body: '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="8"/></svg>',
  });
  const [gmail, slack] = ['gmail', 'slack'].map((platform) => ({
    ...record(`test::${platform}::default::1`),
    platform,
    environment: 'test',
  }));
  await control(name, {
    connections: { rows: [gmail ?? {}, { ...slack, state: 'failed' }] },
    integrations: {
      rows: [
        { platform: 'gmail', name: 'Gmail', image: puppetUrl(image, logos), category: 'Mail' },
      ],
    },
  });
  return name;
};

const openHost = async (policy?: Policy, lang = 'en'): Promise<Host> => {
  const name = await serveData();
  const root = `${endpoints}/${name}`;
  const content = Object.entries(policy ?? {}).map(([directive, value]) => `${directive} ${value}`);
  const frame = document.createElement('iframe');
  frame.title = 'Host';
  frame.width = '800';
  frame.height = '600';
  frame.srcdoc = `<!doctype html>
    <html lang="${lang}">
      <head>
        ${policy ? `<meta http-equiv="Content-Security-Policy" content="${content.join('; ')}" />` : ''}
        <script nonce="${nonce}">
          violations = [];
          faults = [];
          addEventListener('error', (event) => {
            faults.push(event.message);
            event.preventDefault();
          });
          document.addEventListener('securitypolicyviolation', (event) => {
            violations.push(event.effectiveDirective);
          });
        </script>
        <script nonce="${nonce}" src="${location.origin}/dist/pica-connect.min.js" defer></script>
      </head>
      <body>
        <pica-connect-button token-url="${root}/token" base-url="${puppetUrl(name)}" selected-connection="Gmail"></pica-connect-button>
        <pica-connections-list connections-url="${root}/connections" integrations-url="${root}/integrations"></pica-connections-list>
      </body>
    </html>`;
  stage.append(frame);
  await nextEvent('load', frame);
  const inner = frame.contentDocument;
  const [button] = inner?.getElementsByTagName('pica-connect-button') ?? [];
  const [list] = inner?.getElementsByTagName('pica-connections-list') ?? [];
  if (!inner || !button || !list) throw new Error('The page has not loaded');
  return { window: frame.contentWindow as HostWindow, document: inner, button, list };
};

const queryShadow = (root: Element, selector: string): HTMLElement | null =>
  root.shadowRoot?.querySelector<HTMLElement>(selector) ?? null;

const logo = ({ list }: Host) => queryShadow(list, 'img') as HTMLImageElement | null;

const hasLoaded = (host: Host) =>
  logo(host)?.complete === true && queryShadow(host.list, '[part~="item"]');

/** Clicks the button, and waits until AuthKit can be used. */
const open = async ({ document, button }: Host): Promise<HTMLIFrameElement> => {
  queryShadow(button, 'button')?.click();
  await until(() => button.status === 'open');
  const frame = document.querySelector<HTMLIFrameElement>('iframe#event-link');
  if (!frame) throw new Error('AuthKit has added no frame');
  return frame;
};

/** Waits for violations, which browsers report with a delay, and expects no others. */
const expectViolations = async ({ window }: Host, directives: string[]): Promise<void> => {
  await until(() => window.violations.length > 0);
  expect([...new Set(window.violations)]).to.deep.equal(directives);
};

/** Every computed style of every element, including those in shadow trees. */
const computedStyles = (root: ParentNode): string[] =>
  [...root.querySelectorAll('*')].flatMap((element) => {
    const style = element.ownerDocument.defaultView?.getComputedStyle(element);
    const lines = [...(style ?? [])].map(
      (name) => `${element.localName} ${name}: ${style?.getPropertyValue(name) ?? ''}`,
    );
    return [...lines, ...(element.shadowRoot ? computedStyles(element.shadowRoot) : [])];
  });

describe('under a strict Content-Security-Policy with Trusted Types', () => {
  it('connecting an account works without a violation', async () => {
    const host = await openHost(strict);
    await until(() => Boolean(hasLoaded(host)));
    expect(logo(host)?.naturalWidth).to.be.above(0);

    const frame = await open(host);
    const successEvent = nextEvent('pica-success', host.document);
    succeed(frame);
    expect((await successEvent).detail.connection.platform).to.equal('gmail');
    const closed = nextEvent('pica-close', host.document);
    exit(frame);
    expect((await closed).detail.reason).to.equal('user');
    await until(() => !host.list.busy);

    expect(host.window.faults).to.deep.equal([]);
    // Violations are reported in order. If there is only this deliberate one, there were none before.
    expect(() => (host.document.body.innerHTML = '')).to.throw();
    await expectViolations(host, ['require-trusted-types-for']);
    expect(host.window.violations).to.have.length(1);
  });

  it("a language and the diagnosis are loaded from the script's folder", async () => {
    const host = await openHost(strict, 'de');
    await until(
      () => queryShadow(host.button, '[part="label"]')?.textContent.trim() === 'Gmail verbinden',
    );
    expect(host.window.violations).to.deep.equal([]);
    expect((await host.button.check()).map(({ code }) => code)).to.not.contain('check');
  });

  it('the elements and the modal look as they do without a policy', async () => {
    const styles: string[][] = [];
    for (const policy of [undefined, strict]) {
      const host = await openHost(policy);
      await until(() => Boolean(hasLoaded(host)));
      await open(host);
      styles.push(computedStyles(host.document.body));
      // Remove it, so that the next logo is inside the viewport and loads.
      stage.replaceChildren();
    }
    const [withoutPolicy = [], withPolicy = []] = styles;
    expect(withPolicy.length).to.be.above(10_000);
    expect(withPolicy).to.have.length(withoutPolicy.length);
    expect(withPolicy.filter((line, index) => line !== withoutPolicy[index])).to.deep.equal([]);
  });

  it('style-src has no effect', async () => {
    const host = await openHost({ ...strict, 'style-src': "'none'" });
    await open(host);
    const button = queryShadow(host.button, 'button');
    expect(button && host.window.getComputedStyle(button).borderRadius).to.not.equal('0px');
    expect(host.window.violations).to.deep.equal([]);
  });

  describe('without', () => {
    const without = (directive: keyof Policy): Policy =>
      Object.fromEntries(Object.entries(strict).filter(([name]) => name !== directive));

    it('frame-src, authkit-blocked names the directive to add', async () => {
      const host = await openHost(without('frame-src'));
      const errorEvent = nextEvent('pica-error', host.document);
      queryShadow(host.button, 'button')?.click();
      const { code, hint } = (await errorEvent).detail.error;
      expect(code).to.equal('authkit-blocked');
      expect(hint).to.contain(authkit);
      await expectViolations(host, ['frame-src']);
    });

    it('AuthKit’s origin in connect-src, AuthKit works despite a violation', async () => {
      const host = await openHost({ ...strict, 'connect-src': endpoints });
      succeed(await open(host));
      await nextEvent('pica-success', host.document);
      await expectViolations(host, ['connect-src']);
    });

    it('the token endpoint in connect-src, the first error names the directive', async () => {
      const host = await openHost({ ...strict, 'connect-src': authkit });
      const errorEvent = nextEvent('pica-error', host.button);
      queryShadow(host.button, 'button')?.click();
      const { code, message, hint } = (await errorEvent).detail.error;
      expect(code).to.equal('token-endpoint-unreachable');
      expect(message).to.contain('(connect-src)');
      expect(hint).to.contain(`Add ${endpoints} to connect-src`);
    });

    it('the host’s endpoints in connect-src, the list shows that it could not load', async () => {
      const host = await openHost({ ...strict, 'connect-src': authkit });
      await until(() => queryShadow(host.list, '[role="alert"]') !== null);
      await expectViolations(host, ['connect-src']);
    });

    it('img-src, a monogram replaces the logo', async () => {
      const host = await openHost(without('img-src'));
      await until(() => logo(host)?.hidden === true);
      expect(logo(host)?.parentElement?.textContent).to.contain('G');
      await expectViolations(host, ['img-src']);
    });

    it('pica-connect in trusted-types, strings stay English and check() reports only a missing file', async () => {
      const host = await openHost({ ...strict, 'trusted-types': 'lit-html' }, 'de');
      await expectViolations(host, ['trusted-types']);
      expect(queryShadow(host.button, '[part="label"]')?.textContent.trim()).to.equal(
        'Connect Gmail',
      );
      expect((await host.button.check()).map(({ code }) => code)).to.deep.equal(['check']);
      expect(host.window.faults).to.deep.equal([]);
    });

    it('lit-html in trusted-types, the elements are not defined', async () => {
      const host = await openHost({ ...strict, 'trusted-types': "'none'" });
      await until(() => host.window.faults.length > 0);
      await expectViolations(host, ['trusted-types']);
      expect(host.window.customElements.get('pica-connect-button')).to.equal(undefined);
    });
  });
});
