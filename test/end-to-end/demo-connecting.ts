import assert from 'node:assert/strict';
import type { Stage } from './stage.js';

export function testConnecting(stage: Stage): void {
  stage.it('consent in the popup becomes a row in the list', async (lumen) => {
    await lumen.connect('Gmail');
    await lumen.items.getByText('Gmail').waitFor();
    assert.equal(await lumen.items.count(), 1);
  });

  stage.it('consent in the popup becomes a row in the database', async (lumen) => {
    await lumen.connect('Gmail');
    const [row, ...others] = await lumen.rows();
    assert.deepEqual(others, []);
    assert.equal(row?.user_id, 'ada');
    assert.equal(row.platform, 'gmail');
    assert.equal(row.environment, 'test');
    assert.match(row.connection_key, /^test::gmail::default::\w+\|ada$/);
  });

  stage.it('the list shows the connection while AuthKit is still open', async (lumen) => {
    const popup = await lumen.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Allow' }).click();
    await lumen.shows('Gmail is connected');
    await lumen.page.locator('pica-connections-list [part="item"]').waitFor();
  });

  stage.it('the events come in their order', async (lumen) => {
    const loads = lumen.page.locator('[data-event="pica-load"]');
    await loads.waitFor();
    const popup = await lumen.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Allow' }).click();
    // It is saved and read again while AuthKit is still open.
    await loads.nth(1).waitFor();
    await lumen.leaveBy('Done');
    assert.deepEqual(await lumen.events(), [
      'pica-load',
      'pica-open',
      'pica-success',
      'pica-load',
      'pica-close',
    ]);
  });

  stage.it('a connection that needs an API key is made by a form', async (lumen) => {
    await lumen.button('Connect an account').click();
    await lumen.press('OpenAI');
    await lumen.authkit.getByLabel('API key').fill('a-good-key');
    await lumen.press('Connect OpenAI');
    await lumen.leaveBy('Done');
    await lumen.items.getByText('OpenAI').waitFor();
  });

  stage.it('an API key that is refused can be corrected', async (lumen) => {
    await lumen.button('Connect an account').click();
    await lumen.press('OpenAI');
    await lumen.authkit.getByLabel('API key').fill('wrong');
    await lumen.press('Connect OpenAI');
    await lumen.shows('The API key was refused.');
    await lumen.press('Try again');
    await lumen.authkit.getByLabel('API key').fill('a-good-key');
    await lumen.press('Connect OpenAI');
    await lumen.shows('OpenAI is connected');
  });

  stage.it('a connection keeps the name that the user gives it', async (lumen) => {
    await lumen.button('Connect an account').click();
    await lumen.press('OpenAI');
    await lumen.authkit.getByLabel('Name of this connection').fill('Équipe 日本');
    await lumen.authkit.getByLabel('API key').fill('a-good-key');
    await lumen.press('Connect OpenAI');
    await lumen.leaveBy('Done');
    await lumen.items.getByText('Équipe 日本').waitFor();
    assert.equal((await lumen.rows())[0]?.name, 'Équipe 日本');
  });

  stage.it('several accounts can be connected in one opening', async (lumen) => {
    await lumen.button('Connect an account').click();
    for (const integration of ['OpenAI', 'Exa']) {
      await lumen.press(integration);
      await lumen.authkit.getByLabel('API key').fill('a-good-key');
      await lumen.press(`Connect ${integration}`);
      await lumen.shows(`${integration} is connected`);
      if (integration === 'OpenAI') await lumen.press('Connect another');
    }
    await lumen.leaveBy('Done');
    await lumen.items.getByText('Exa').waitFor();
    assert.equal(await lumen.items.count(), 2);
  });

  stage.it('everything can be done with the keyboard alone', async (lumen) => {
    const { keyboard } = lumen.page;
    await lumen.button('Connect an account').focus();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await lumen.authkit.getByRole('button', { name: 'Continue to Gmail' }).waitFor();
    const [popup] = await Promise.all([lumen.page.waitForEvent('popup'), keyboard.press('Enter')]);
    await popup.getByRole('button', { name: 'Allow' }).focus();
    await Promise.all([popup.waitForEvent('close'), popup.keyboard.down('Enter')]);
    await lumen.shows('Gmail is connected');
    await lumen.closeBy('Enter');
    await lumen.items.getByText('Gmail').waitFor();
  });

  stage.it('one user does not see what the other has connected', async (lumen) => {
    await lumen.connect('Gmail');
    await lumen.items.waitFor();
    await lumen.signIn('grace');
    await lumen.page.locator('[slot="empty"]').waitFor();
    assert.equal(await lumen.items.count(), 0);
    assert.deepEqual(await lumen.rows(), []);
  });
}
