import { expect } from '@open-wc/testing';
import {
  addUnrelatedFrame,
  authkitFrame,
  createBare,
  longerThanAnyTimeout,
  modalDialog,
  mountButton,
  nextEvent,
  openAuthKit,
  recordEvents,
} from '../fixtures/elements.js';
import { authkit, endpoints, otherOrigin } from '../fixtures/servers/origins.js';
import { puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

/*
 * This needs its own file because a page can't remove its policy again. The policy allows frames of AuthKit's stand-in,
 * but no requests to it. It forbids AuthKit on `otherOrigin`.
 */
before(() => {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  // The test runner's socket needs its host: with only "ws:", WebKitGTK 2.50 allows requests to any http URL.
  policy.content = `frame-src ${authkit}; connect-src 'self' ws://${location.host}`;
  document.head.append(policy);
});

describe('a page whose Content-Security-Policy', () => {
  it('forbids AuthKit’s frame gets authkit-blocked, with the directive to add', async () => {
    for (let opening = 0; opening < 2; opening += 1) {
      const button = await mountButton({
        baseUrl: puppetUrl(uniqueName(), otherOrigin),
        // The policy forbids the token check too, and the order of the two reports isn't fixed.
        tokenCheck: 'off',
      });
      const { names, events } = recordEvents(button);
      expect(await button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.code).to.equal('authkit-blocked');
      expect(error.hint).to.contain(`frame-src ${otherOrigin}`);
      expect(error.hint).to.contain('child-src');
      expect(events[2]?.detail).to.have.property('reason', 'error');
      expect(modalDialog()).to.equal(null);
    }
  });

  it('forbids AuthKit’s frame gets no report from AuthKit alone', async () => {
    const calls: string[] = [];
    createBare({
      baseUrl: puppetUrl(uniqueName(), otherOrigin),
      onError: () => calls.push('error'),
      onClose: () => calls.push('close'),
    }).open();
    await longerThanAnyTimeout();
    expect(calls).to.deep.equal([]);
    expect(authkitFrame()).to.not.equal(null);
  });

  it('forbids the probe of AuthKit keeps a working AuthKit open', async () => {
    const button = await mountButton({ tokenCheck: 'off' });
    const { names } = recordEvents(button);
    await openAuthKit(button);
    await longerThanAnyTimeout();
    expect(names).to.deep.equal(['pica-open']);
    expect(button.status).to.equal('open');
  });

  it('forbids another frame keeps AuthKit open', async () => {
    const button = await mountButton({ tokenCheck: 'off' });
    const { names } = recordEvents(button);
    await openAuthKit(button);
    const violated = new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', resolve, { once: true });
    });
    void addUnrelatedFrame(otherOrigin).catch(() => undefined);
    await violated;
    expect(names).to.deep.equal(['pica-open']);
  });

  it('forbids the token request gets an error with the directive to add', async () => {
    const button = await mountButton();
    const errorEvent = nextEvent('pica-error', button);
    await openAuthKit(button);
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('token-endpoint-unreachable');
    expect(error.message).to.contain('connect-src');
    expect(error.hint).to.contain(`${endpoints} to connect-src`);
    expect(button.status).to.equal('open');
  });
});
