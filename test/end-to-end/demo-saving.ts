import assert from 'node:assert/strict';
import type { DemoPage } from './demo-page.js';
import type { DemoFixture } from './demo-fixture.js';

export function defineSavingTests(fixture: DemoFixture): void {
  fixture.it('a refused save leaves the button "unsaved"', async (demo) => {
    await refuseSaves(demo);
    await demo.connect('Gmail');
    const element = demo.page.locator('pica-connect-button[status="unsaved"]');
    await element.getByText('not saved').waitFor();
  });

  fixture.it('a refused save fires a pica-error with its cause and connection', async (demo) => {
    await refuseSaves(demo);
    await demo.connect('Gmail');
    const { detail } = await demo.event('pica-error');
    const { error } = detail as {
      error: { code: string; cause: { message: string }; connection: { platform: string } };
    };
    assert.equal(error.code, 'save-failed');
    assert.equal(error.cause.message, 'The disk is full.');
    assert.equal(error.connection.platform, 'gmail');
  });

  fixture.it('a refused save is shown to the user with its reason', async (demo) => {
    await refuseSaves(demo);
    await demo.connect('Gmail');
    await demo.page.getByRole('alert').getByText('The disk is full.').waitFor();
    await demo.items.getByText('Not saved').waitFor();
  });

  fixture.it('a refused connection can be saved later', async (demo) => {
    await refuseSaves(demo);
    await demo.connect('Gmail');
    await demo.button('Save again').waitFor();
    await demo.page.unroute('**/api/connections');
    await demo.button('Save again').click();
    await demo.items.getByText('Connected', { exact: true }).waitFor();
    assert.equal((await demo.rows()).length, 1);
    await demo.page.locator('pica-connect-button[status="unsaved"]').waitFor({ state: 'detached' });
  });

  fixture.it('the button shows that it is saving until the server answers', async (demo) => {
    let answer = () => {};
    await demo.page.route('**/api/connections', async (route) => {
      if (route.request().method() === 'POST') await new Promise<void>((go) => (answer = go));
      await route.continue();
    });
    const popup = await demo.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Allow' }).click();
    await demo.page.locator('pica-connect-button[status="saving"]').waitFor();
    assert.deepEqual(await demo.rows(), []);
    answer();
    await demo.closeWith('Done');
    await demo.items.getByText('Gmail').waitFor();
  });
}

/** Answers saves like a server whose disk is full. */
async function refuseSaves(demo: DemoPage): Promise<void> {
  await demo.page.route('**/api/connections', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 507, json: { message: 'The disk is full.' } })
      : route.continue(),
  );
}
