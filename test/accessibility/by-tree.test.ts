import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { CDPSession, Frame, Page } from 'playwright-core';
import { DemoFixture } from '../end-to-end/demo-fixture.js';
import { nodesOf, type AccessibilityNode } from './tree.js';

/*
 * The demo as a screen reader has it: what there is, is found in the accessibility tree by role and name, and
 * pressed there; by no selector, coordinate or key of ours.
 */

/** A node, and who to speak to about it. */
interface Found {
  node: AccessibilityNode;
  session: CDPSession;
}

/** A window, and the frames in it, by their accessibility trees. */
class Reader {
  readonly #known = new Map<Frame, CDPSession>();

  private constructor(readonly page: Page) {}

  static async of(page: Page): Promise<Reader> {
    await page.waitForLoadState();
    return new Reader(page);
  }

  /** Waits until there is such a node, in the page or a frame of it. */
  async find(role: string, name: string, description?: string): Promise<Found> {
    for (let attempt = 0; attempt < 400; attempt++) {
      for (const session of await this.#sessions()) {
        const nodes = await nodesOf(session).catch(() => []);
        const node = nodes.find(
          (one) =>
            !one.ignored &&
            one.role?.value === role &&
            one.name?.value === name &&
            (description === undefined || one.description?.value === description),
        );
        if (node) return { node, session };
      }
      await this.page.waitForTimeout(50);
    }
    throw new Error(`There is no ${role} "${name}" in the tree`);
  }

  /** Does to a button what a screen reader does for its user: its one action, which counts as the user's own. */
  async click(name: string): Promise<void> {
    const { node, session } = await this.find('button', name);
    const backendNodeId = node.backendDOMNodeId;
    const { object } = await session.send('DOM.resolveNode', { backendNodeId });
    const pressed = session.send('Runtime.callFunctionOn', {
      objectId: object.objectId ?? '',
      functionDeclaration: 'function () { this.click(); }',
      userGesture: true,
    });
    // What takes the button's own window or frame away leaves nobody to answer.
    pressed.catch(() => undefined);
  }

  /** AuthKit's page is of another origin, and so in a process and a tree of its own. */
  async #sessions(): Promise<CDPSession[]> {
    const context = this.page.context();
    const added = this.page.frames().filter((frame) => !this.#known.has(frame));
    for (const frame of added) {
      const session = await context.newCDPSession(frame).catch(() => undefined);
      if (session) this.#known.set(frame, session);
    }
    return this.page.frames().flatMap((frame) => this.#known.get(frame) ?? []);
  }
}

describe('by the accessibility tree alone', () => {
  const fixture = new DemoFixture();

  fixture.it('an account is connected, and disconnected', async (demo) => {
    const reader = await Reader.of(demo.page);
    await reader.click('Connect Gmail');
    await reader.find('dialog', 'Connect Gmail');
    const opened = demo.page.waitForEvent('popup');
    await reader.click('Continue to Gmail');
    const consent = await Reader.of(await opened);
    const closed = consent.page.waitForEvent('close');
    await consent.click('Allow');
    await closed;

    await reader.find('heading', 'Gmail is connected');
    await reader.click('Done');
    await demo.waitUntilClosed();

    await reader.click('Disconnect Gmail');
    await reader.find('button', 'Disconnect Gmail', 'Disconnect?');
    await reader.click('Disconnect Gmail');
    await reader.find('StaticText', 'Gmail was disconnected.');
    assert.deepEqual(await demo.rows(), []);
  });
});
