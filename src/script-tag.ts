import * as PicaConnect from './index.js';
import { fillPlaceholders } from './placeholders.js';

declare global {
  interface Window {
    PicaConnect?: typeof PicaConnect;
  }
}

// The copy that registered the elements keeps the name, so that its classes are the elements' own, and fills the
// placeholders.
if (!Object.hasOwn(window, 'PicaConnect')) {
  window.PicaConnect = PicaConnect;
  fillPlaceholders();
}
