import { define } from './define.js';
import { PicaConnectionsList } from './pica-connections-list.js';

define('pica-connections-list', PicaConnectionsList);

export { PicaConnectionsList };
export { configure, type PageDefaults } from './page-defaults.js';
