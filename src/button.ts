import { define } from './define.js';
import { PicaConnectButton } from './pica-connect-button.js';

define('pica-connect-button', PicaConnectButton);

export { PicaConnectButton };
export { configure, type PageDefaults } from './page-defaults.js';
