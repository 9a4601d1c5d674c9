import assert from 'node:assert/strict';
import type { DemoPage } from './demo-page.js';
import type { DemoFixture } from './demo-fixture.js';

export function defineClosingTests(fixture: DemoFixture): void {
  fixture.it('Deny in the popup connects nothing, and AuthKit says so', async (demo) => {
    const popup = await demo.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Deny' }).click();
    await demo.waitForText('The access to Gmail was denied.');
    await demo.closeWith('Close');
    assert.equal(await errorCode(demo), 'connection-failed');
    assert.deepEqual(await demo.rows(), []);
  });

  fixture.it('closing the popup connects nothing, and AuthKit says so', async (demo) => {
    const popup = await demo.openConsent('Gmail');
    await popup.close();
    await demo.waitForText('was closed before access was allowed');
    assert.equal(await errorCode(demo), 'connection-failed');
    assert.deepEqual(await demo.rows(), []);
  });

  fixture.it('the user can try again after Deny', async (demo) => {
    const popup = await demo.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Deny' }).click();
    await demo.clickInAuthkit('Try again');
    const [second] = await Promise.all([
      demo.page.waitForEvent('popup'),
      demo.clickInAuthkit('Continue to Gmail'),
    ]);
    await second.getByRole('button', { name: 'Allow' }).click();
    await demo.waitForText('Gmail is connected');
  });

  fixture.it('the close button in AuthKit closes it', async (demo) => {
    await demo.button('Connect Gmail').click();
    await demo.closeWith('Close AuthKit');
    assert.deepEqual((await demo.event('pica-close')).detail, {
      connection: null,
      reason: 'user',
    });
  });

  fixture.it('the page can be used again after AuthKit has closed', async (demo) => {
    await demo.button('Connect Gmail').click();
    await demo.closeWith('Close AuthKit');
    await demo.connect('Slack');
    await demo.items.getByText('Slack').waitFor();
  });

  fixture.it('the button has focus again after AuthKit has closed', async (demo) => {
    await demo.button('Connect Gmail').click();
    await demo.closeWith('Close AuthKit');
    const focused = await demo.page.evaluate(() => document.activeElement?.textContent.trim());
    assert.equal(focused, 'Connect Gmail');
  });

  fixture.it('Escape closes AuthKit', async (demo) => {
    await demo.button('Connect Gmail').click();
    await demo.waitForText('Connect Gmail');
    await demo.closeWithKey('Escape');
  });

  fixture.it('the modal has a close button of its own', async (demo) => {
    await demo.button('Connect Gmail').click();
    await demo.waitForText('Connect Gmail');
    await demo.page
      .locator('[data-pica-connect-modal]')
      .getByRole('button', { name: 'Close' })
      .click();
    await demo.waitUntilClosed();
  });
}

async function errorCode(demo: DemoPage): Promise<string> {
  const { detail } = await demo.event('pica-error');
  return (detail as { error: { code: string } }).error.code;
}
