import { expect } from '@open-wc/testing';
import {
  addStranger,
  authkitFrame,
  createBare,
  longEnough,
  modalDialog,
  mountButton,
  openAuthKit,
  recordEvents,
} from './fixtures.js';
import { authkit, otherOrigin } from './servers/origins.js';
import { puppetUrl, uniqueName } from './servers/puppet-client.js';

/*
 * A file of its own: a policy that a page has got cannot be taken off it again. It allows frames of
 * AuthKit's stand-in and no requests to it; `otherOrigin` is where AuthKit is forbidden.
 */
before(() => {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = `frame-src ${authkit}; connect-src 'self' ws: wss:`;
  document.head.append(policy);
});

describe("the page's Content-Security-Policy", () => {
  it("that forbids AuthKit's frame is authkit-blocked, with what to add", async () => {
    for (let opening = 0; opening < 2; opening += 1) {
      const button = await mountButton({ baseUrl: puppetUrl(uniqueName(), otherOrigin) });
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

  it('is nothing that AuthKit alone would tell', async () => {
    const told: string[] = [];
    createBare({
      baseUrl: puppetUrl(uniqueName(), otherOrigin),
      onError: () => told.push('error'),
      onClose: () => told.push('close'),
    }).open();
    await longEnough();
    expect(told).to.deep.equal([]);
    expect(authkitFrame()).to.not.equal(null);
  });

  it('that forbids to ask whether AuthKit is there closes no honest page', async () => {
    const button = await mountButton();
    const { names } = recordEvents(button);
    await openAuthKit(button);
    await longEnough();
    expect(names).to.deep.equal(['pica-open']);
    expect(button.status).to.equal('open');
  });

  it("that forbids another frame of the page's own is none of AuthKit's business", async () => {
    const button = await mountButton();
    const { names } = recordEvents(button);
    await openAuthKit(button);
    const violated = new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', resolve, { once: true });
    });
    void addStranger(otherOrigin).catch(() => undefined);
    await violated;
    expect(names).to.deep.equal(['pica-open']);
  });
});
