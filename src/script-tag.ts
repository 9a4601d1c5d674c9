import * as PicaConnect from './index.js';
import { ownScript } from './own-script.js';
import { readPageDefaults } from './page-defaults.js';
import { fillPlaceholders } from './placeholders.js';

declare global {
  interface Window {
    PicaConnect?: typeof PicaConnect;
  }
}

if (ownScript) readPageDefaults(ownScript);

// The copy that registered the elements keeps the name, so that its classes are the elements' own, and fills the
// placeholders.
if (!Object.hasOwn(window, 'PicaConnect')) {
  window.PicaConnect = PicaConnect;
  fillPlaceholders();
}
