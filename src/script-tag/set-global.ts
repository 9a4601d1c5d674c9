import * as PicaConnect from '../index.js';

declare global {
  interface Window {
    PicaConnect?: typeof PicaConnect;
  }
}

// The first copy of the package keeps the name: it has registered the elements, so its classes are theirs. hasOwn(),
// because an element with the id PicaConnect is an inherited property of the window.
if (!Object.hasOwn(window, 'PicaConnect')) window.PicaConnect = PicaConnect;
