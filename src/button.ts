import { define } from './connect/define.js';
import { PicaConnectButton } from './connect-button/connect-button.js';

define('pica-connect-button', PicaConnectButton);

export { PicaConnectButton };
export { configure, type PageDefaults } from './connect/page-defaults.js';
