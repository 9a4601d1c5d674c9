import { describe } from 'node:test';
import { testConnecting } from './demo-connecting.js';
import { testLeaving } from './demo-leaving.js';
import { testLooks } from './demo-appearance.js';
import { testSaving } from './demo-saving.js';
import { Stage } from './stage.js';
import { testUsing } from './demo-using.js';

describe('the demo in Chromium', () => {
  const stage = new Stage();
  describe('connecting', () => testConnecting(stage));
  describe('not connecting', () => testLeaving(stage));
  describe('saving', () => testSaving(stage));
  describe('using', () => testUsing(stage));
  describe('the page', () => testLooks(stage));
});
