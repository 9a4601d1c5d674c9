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
 * A file of its own: a policy that a page has got cannot be taken off it again. It allows frames of
 * AuthKit's stand-in and no requests to it; `otherOrigin` is where AuthKit is forbidden.
 */
before(() => {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  // With the test runner's own socket named in full: "ws:" alone lets WebKitGTK 2.50 ask at http anywhere.
  policy.content = `frame-src ${authkit}; connect-src 'self' ws://${location.host}`;
  document.head.append(policy);
});

describe("the page's Content-Security-Policy", () => {
  it("that forbids AuthKit's frame is authkit-blocked, with what to add", async () => {
    for (let opening = 0; opening < 2; opening += 1) {
      const button = await mountButton({
        baseUrl: puppetUrl(uniqueName(), otherOrigin),
        // The policy forbids that too, and which of the two is told first is not settled.
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

  it('is not reported by AuthKit alone', async () => {
    const told: string[] = [];
    createBare({
      baseUrl: puppetUrl(uniqueName(), otherOrigin),
      onError: () => told.push('error'),
      onClose: () => told.push('close'),
    }).open();
    await longerThanAnyTimeout();
    expect(told).to.deep.equal([]);
    expect(authkitFrame()).to.not.equal(null);
  });

  it('that forbids the probe of AuthKit closes no working page', async () => {
    const button = await mountButton({ tokenCheck: 'off' });
    const { names } = recordEvents(button);
    await openAuthKit(button);
    await longerThanAnyTimeout();
    expect(names).to.deep.equal(['pica-open']);
    expect(button.status).to.equal('open');
  });

  it('that forbids another frame of the page does not affect AuthKit', async () => {
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

  it('that forbids the token request is reported, with what to add', async () => {
    const button = await mountButton();
    const told = nextEvent('pica-error', button);
    await openAuthKit(button);
    const { error } = (await told).detail;
    expect(error.code).to.equal('token-endpoint-unreachable');
    expect(error.message).to.contain('connect-src');
    expect(error.hint).to.contain(`${endpoints} to connect-src`);
    expect(button.status).to.equal('open');
  });
});
