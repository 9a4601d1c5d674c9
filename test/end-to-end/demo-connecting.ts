import assert from 'node:assert/strict';
import type { DemoFixture } from './demo-fixture.js';

export function defineConnectingTests(fixture: DemoFixture): void {
  fixture.it('consent in the popup becomes a row in the list', async (demo) => {
    await demo.connect('Gmail');
    await demo.items.getByText('Gmail').waitFor();
    assert.equal(await demo.items.count(), 1);
  });

  fixture.it('consent in the popup becomes a row in the database', async (demo) => {
    await demo.connect('Gmail');
    const [row, ...others] = await demo.rows();
    assert.deepEqual(others, []);
    assert.equal(row?.user_id, 'ada');
    assert.equal(row.platform, 'gmail');
    assert.equal(row.environment, 'test');
    assert.match(row.connection_key, /^test::gmail::default::\w+\|ada$/);
  });

  fixture.it('the list shows the connection while AuthKit is still open', async (demo) => {
    const popup = await demo.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Allow' }).click();
    await demo.waitForText('Gmail is connected');
    await demo.page.locator('pica-connections-list [part="item"]').waitFor();
  });

  fixture.it('the events come in their order', async (demo) => {
    const loads = demo.page.locator('[data-event="pica-load"]');
    await loads.waitFor();
    const popup = await demo.openConsent('Gmail');
    await popup.getByRole('button', { name: 'Allow' }).click();
    // It is saved and read again while AuthKit is still open.
    await loads.nth(1).waitFor();
    await demo.closeWith('Done');
    assert.deepEqual(await demo.events(), [
      'pica-load',
      'pica-open',
      'pica-success',
      'pica-load',
      'pica-close',
    ]);
  });

  fixture.it('a connection that needs an API key is made by a form', async (demo) => {
    await demo.button('Connect an account').click();
    await demo.clickInAuthkit('OpenAI');
    await demo.authkit.getByLabel('API key').fill('a-good-key');
    await demo.clickInAuthkit('Connect OpenAI');
    await demo.closeWith('Done');
    await demo.items.getByText('OpenAI').waitFor();
  });

  fixture.it('an API key that is refused can be corrected', async (demo) => {
    await demo.button('Connect an account').click();
    await demo.clickInAuthkit('OpenAI');
    await demo.authkit.getByLabel('API key').fill('wrong');
    await demo.clickInAuthkit('Connect OpenAI');
    await demo.waitForText('The API key was refused.');
    await demo.clickInAuthkit('Try again');
    await demo.authkit.getByLabel('API key').fill('a-good-key');
    await demo.clickInAuthkit('Connect OpenAI');
    await demo.waitForText('OpenAI is connected');
  });

  fixture.it('a connection keeps the name that the user gives it', async (demo) => {
    await demo.button('Connect an account').click();
    await demo.clickInAuthkit('OpenAI');
    await demo.authkit.getByLabel('Name of this connection').fill('Équipe 日本');
    await demo.authkit.getByLabel('API key').fill('a-good-key');
    await demo.clickInAuthkit('Connect OpenAI');
    await demo.closeWith('Done');
    await demo.items.getByText('Équipe 日本').waitFor();
    assert.equal((await demo.rows())[0]?.name, 'Équipe 日本');
  });

  fixture.it('several accounts can be connected in one opening', async (demo) => {
    await demo.button('Connect an account').click();
    for (const integration of ['OpenAI', 'Exa']) {
      await demo.clickInAuthkit(integration);
      await demo.authkit.getByLabel('API key').fill('a-good-key');
      await demo.clickInAuthkit(`Connect ${integration}`);
      await demo.waitForText(`${integration} is connected`);
      if (integration === 'OpenAI') await demo.clickInAuthkit('Connect another');
    }
    await demo.closeWith('Done');
    await demo.items.getByText('Exa').waitFor();
    assert.equal(await demo.items.count(), 2);
  });

  fixture.it('everything can be done with the keyboard alone', async (demo) => {
    const { keyboard } = demo.page;
    await demo.button('Connect an account').focus();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await demo.authkit.getByRole('button', { name: 'Continue to Gmail' }).waitFor();
    const [popup] = await Promise.all([demo.page.waitForEvent('popup'), keyboard.press('Enter')]);
    await popup.getByRole('button', { name: 'Allow' }).focus();
    await Promise.all([popup.waitForEvent('close'), popup.keyboard.down('Enter')]);
    await demo.waitForText('Gmail is connected');
    await demo.closeWithKey('Enter');
    await demo.items.getByText('Gmail').waitFor();
  });

  fixture.it('one user does not see what the other has connected', async (demo) => {
    await demo.connect('Gmail');
    await demo.items.waitFor();
    await demo.signIn('grace');
    await demo.page.locator('[slot="empty"]').waitFor();
    assert.equal(await demo.items.count(), 0);
    assert.deepEqual(await demo.rows(), []);
  });
}
