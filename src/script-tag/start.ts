import * as PicaConnect from '../index.js';
import { ownScript } from './own-script.js';
import { readPageDefaults } from '../connect/page-defaults.js';
import { fillPlaceholders } from './placeholders.js';

declare global {
  interface Window {
    PicaConnect?: typeof PicaConnect;
  }
}

// The copy that registered the elements keeps the name, so that its classes are the elements' own. An element with this
// id is no property of the window itself.
if (!Object.hasOwn(window, 'PicaConnect')) window.PicaConnect = PicaConnect;

if (ownScript) readPageDefaults(ownScript);
fillPlaceholders(ownScript?.getAttribute('data-placeholders') ?? null);
