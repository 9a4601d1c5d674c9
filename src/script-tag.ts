import * as PicaConnect from './index.js';

declare global {
  interface Window {
    PicaConnect?: typeof PicaConnect;
  }
}

// The copy that registered the elements keeps the name, so that its classes are the elements' own.
window.PicaConnect ??= PicaConnect;
