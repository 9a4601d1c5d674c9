import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integrations } from '../../demo/sandbox/integrations.js';

test('there are more than 200 integrations', () => {
  assert.ok(integrations.length > 200, `${integrations.length}`);
});

test('no two integrations share a platform', () => {
  const platforms = integrations.map(({ platform }) => platform);
  assert.deepEqual(
    platforms.filter((platform, index) => platforms.indexOf(platform) !== index),
    [],
  );
});

test('no two integrations share a name', () => {
  const names = integrations.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});

test('no two integrations share a definition id', () => {
  assert.equal(new Set(integrations.map((entry) => entry.definitionId)).size, integrations.length);
});

test('every platform id is in kebab-case', () => {
  assert.deepEqual(
    integrations.filter(({ platform }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(platform)),
    [],
  );
});

for (const [platform, name] of [
  ['gmail', 'Gmail'],
  ['google-calendar', 'Google Calendar'],
  ['slack', 'Slack'],
  ['hubspot', 'HubSpot'],
  ['notion', 'Notion'],
  ['openai', 'OpenAI'],
] as const) {
  test(`${name} has the platform id ${platform}`, () => {
    assert.equal(integrations.find((entry) => entry.platform === platform)?.name, name);
  });
}
