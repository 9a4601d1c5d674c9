import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { CDPSession, Frame, Page } from 'playwright-core';
import { DemoFixture } from '../end-to-end/demo-fixture.js';
import { nodesOf, type AccessibilityNode } from './accessibility-tree.js';

/*
 * Uses the demo as a screen reader does: it finds elements in the accessibility tree by role and name, and presses
 * them there, without selectors, coordinates or keys.
 */

/** A node, and the session of the frame that it is in. */
interface FoundNode {
  node: AccessibilityNode;
  session: CDPSession;
}

/** Reads the accessibility trees of a window and of the frames in it. */
class ScreenReader {
  readonly #sessionByFrame = new Map<Frame, CDPSession>();

  private constructor(readonly page: Page) {}

  static async of(page: Page): Promise<ScreenReader> {
    await page.waitForLoadState();
    return new ScreenReader(page);
  }

  /** Waits for a node in the page or in one of its frames. */
  async find(role: string, name: string, description?: string): Promise<FoundNode> {
    for (let attempt = 0; attempt < 400; attempt++) {
      for (const session of await this.#sessions()) {
        const nodes = await nodesOf(session).catch(() => []);
        const node = nodes.find(
          (candidate) =>
            !candidate.ignored &&
            candidate.role?.value === role &&
            candidate.name?.value === name &&
            (description === undefined || candidate.description?.value === description),
        );
        if (node) return { node, session };
      }
      await this.page.waitForTimeout(50);
    }
    throw new Error(`There is no ${role} "${name}" in the tree`);
  }

  /** Presses a button as a screen reader does: the click counts as a user gesture. */
  async click(name: string): Promise<void> {
    const { node, session } = await this.find('button', name);
    const backendNodeId = node.backendDOMNodeId;
    const { object } = await session.send('DOM.resolveNode', { backendNodeId });
    const response = session.send('Runtime.callFunctionOn', {
      objectId: object.objectId ?? '',
      functionDeclaration: 'function () { this.click(); }',
      userGesture: true,
    });
    // If the click closes the button's window or frame, the response never arrives.
    response.catch(() => undefined);
  }

  /** AuthKit's page has another origin, so Chromium gives it its own process and accessibility tree. */
  async #sessions(): Promise<CDPSession[]> {
    const context = this.page.context();
    const added = this.page.frames().filter((frame) => !this.#sessionByFrame.has(frame));
    for (const frame of added) {
      const session = await context.newCDPSession(frame).catch(() => undefined);
      if (session) this.#sessionByFrame.set(frame, session);
    }
    return this.page.frames().flatMap((frame) => this.#sessionByFrame.get(frame) ?? []);
  }
}

describe('through the accessibility tree alone', () => {
  const fixture = new DemoFixture();

  fixture.it('an account can be connected and disconnected', async (demo) => {
    const reader = await ScreenReader.of(demo.page);
    await reader.click('Connect Gmail');
    await reader.find('dialog', 'Connect Gmail');
    const opened = demo.page.waitForEvent('popup');
    await reader.click('Continue to Gmail');
    const consent = await ScreenReader.of(await opened);
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
