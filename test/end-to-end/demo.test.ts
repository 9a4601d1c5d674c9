import { describe } from 'node:test';
import { defineConnectingTests } from './demo-connecting.js';
import { defineClosingTests } from './demo-closing.js';
import { defineAppearanceTests } from './demo-appearance.js';
import { defineSavingTests } from './demo-saving.js';
import { DemoFixture } from './demo-fixture.js';
import { defineTestMessageTests } from './demo-test-messages.js';

describe('the demo in Chromium', () => {
  const fixture = new DemoFixture();
  describe('connecting', () => defineConnectingTests(fixture));
  describe('closing AuthKit without a connection', () => defineClosingTests(fixture));
  describe('saving', () => defineSavingTests(fixture));
  describe('test messages', () => defineTestMessageTests(fixture));
  describe('appearance and sign-in', () => defineAppearanceTests(fixture));
});
