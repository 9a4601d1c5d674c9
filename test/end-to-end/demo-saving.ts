import assert from 'node:assert/strict';
import type { LumenPage } from './lumen-page.js';
import type { Stage } from './stage.js';

export function testSaving(stage: Stage): void {
  stage.it('a refused save leaves the button "unsaved"', async (lumen) => {
    await refuseSaves(lumen);
    await lumen.connect('Gmail');
    const element = lumen.page.locator('pica-connect-button[status="unsaved"]');
    await element.getByText('not saved').waitFor();
  });

  stage.it('a refused save is a pica-error that names cause and connection', async (lumen) => {
    await refuseSaves(lumen);
    await lumen.connect('Gmail');
    const { detail } = await lumen.event('pica-error');
    const { error } = detail as {
      error: { code: string; cause: { message: string }; connection: { platform: string } };
    };
    assert.equal(error.code, 'save-failed');
    assert.equal(error.cause.message, 'The disk is full.');
    assert.equal(error.connection.platform, 'gmail');
  });

  stage.it('a refused save is shown to the user with its reason', async (lumen) => {
    await refuseSaves(lumen);
    await lumen.connect('Gmail');
    await lumen.page.getByRole('alert').getByText('The disk is full.').waitFor();
    await lumen.items.getByText('Not saved').waitFor();
  });

  stage.it('what was refused can be saved later', async (lumen) => {
    await refuseSaves(lumen);
    await lumen.connect('Gmail');
    await lumen.button('Save again').waitFor();
    await lumen.page.unroute('**/api/connections');
    await lumen.button('Save again').click();
    await lumen.items.getByText('Connected', { exact: true }).waitFor();
    assert.equal((await lumen.rows()).length, 1);
    await lumen.page
      .locator('pica-connect-button[status="unsaved"]')
      .waitFor({ state: 'detached' });
  });

  stage.it('the button shows that it is saving until the server has answered', async (lumen) => {
    let answer = () => {};
    await lumen.page.route('**/api/connections', async (route) => {
      if (route.request().method() === 'POST') await new Promise<void>((go) => (answer = go));
      await route.continue();
    });
    const popup = await lumen.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Allow' }).click();
    await lumen.page.locator('pica-connect-button[status="saving"]').waitFor();
    assert.deepEqual(await lumen.rows(), []);
    answer();
    await lumen.leaveBy('Done');
    await lumen.items.getByText('Gmail').waitFor();
  });
}

/** As a server does that cannot store anything just now. */
async function refuseSaves(lumen: LumenPage): Promise<void> {
  await lumen.page.route('**/api/connections', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 507, json: { message: 'The disk is full.' } })
      : route.continue(),
  );
}
