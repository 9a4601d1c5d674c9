import assert from 'node:assert/strict';
import type { LumenPage } from './lumen-page.js';
import type { Stage } from './stage.js';

/** Ways to end without a connection. */
export function testLeaving(stage: Stage): void {
  stage.it('Deny in the popup connects nothing and says so', async (lumen) => {
    const popup = await lumen.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Deny' }).click();
    await lumen.shows('The access to Gmail was denied.');
    await lumen.leaveBy('Close');
    assert.equal(await errorCode(lumen), 'connection-failed');
    assert.deepEqual(await lumen.rows(), []);
  });

  stage.it('a popup that is closed connects nothing and says so', async (lumen) => {
    const popup = await lumen.openConsent('Gmail');
    await popup.close();
    await lumen.shows('was closed before access was allowed');
    assert.equal(await errorCode(lumen), 'connection-failed');
    assert.deepEqual(await lumen.rows(), []);
  });

  stage.it('after Deny the user can try again', async (lumen) => {
    const popup = await lumen.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Deny' }).click();
    await lumen.press('Try again');
    const [second] = await Promise.all([
      lumen.page.waitForEvent('popup'),
      lumen.press('Continue to Gmail'),
    ]);
    await second.getByRole('button', { name: 'Allow' }).click();
    await lumen.shows('Gmail is connected');
  });

  stage.it('leaving AuthKit closes it', async (lumen) => {
    await lumen.button('Connect Gmail').click();
    await lumen.leaveBy('Close AuthKit');
    assert.deepEqual((await lumen.event('pica-close')).detail, {
      connection: null,
      reason: 'user',
    });
  });

  stage.it('the page can be used again after AuthKit has been left', async (lumen) => {
    await lumen.button('Connect Gmail').click();
    await lumen.leaveBy('Close AuthKit');
    await lumen.connect('Slack');
    await lumen.items.getByText('Slack').waitFor();
  });

  stage.it('focus is back on the button after AuthKit has closed', async (lumen) => {
    await lumen.button('Connect Gmail').click();
    await lumen.leaveBy('Close AuthKit');
    const focused = await lumen.page.evaluate(() => document.activeElement?.textContent.trim());
    assert.equal(focused, 'Connect Gmail');
  });

  stage.it('Escape closes AuthKit', async (lumen) => {
    await lumen.button('Connect Gmail').click();
    await lumen.shows('Connect Gmail');
    await lumen.closeBy('Escape');
  });

  stage.it('the element has a way out of its own', async (lumen) => {
    await lumen.button('Connect Gmail').click();
    await lumen.shows('Connect Gmail');
    await lumen.page
      .locator('[data-pica-connect-modal]')
      .getByRole('button', { name: 'Close' })
      .click();
    await lumen.authkitCloses();
  });
}

async function errorCode(lumen: LumenPage): Promise<string> {
  const { detail } = await lumen.event('pica-error');
  return (detail as { error: { code: string } }).error.code;
}
