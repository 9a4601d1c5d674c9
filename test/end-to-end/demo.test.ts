import { describe } from 'node:test';
import { testConnecting } from './connecting.js';
import { testLeaving } from './leaving.js';
import { testLooks } from './looks.js';
import { testSaving } from './saving.js';
import { Stage } from './stage.js';
import { testUsing } from './using.js';

describe('the demo in Chromium', () => {
  const stage = new Stage();
  describe('connecting', () => testConnecting(stage));
  describe('not connecting', () => testLeaving(stage));
  describe('saving', () => testSaving(stage));
  describe('using', () => testUsing(stage));
  describe('the page', () => testLooks(stage));
});
