import { define } from './connect/define.js';
import { PicaConnectionsList } from './connections-list/connections-list.js';

define('pica-connections-list', PicaConnectionsList);

export { PicaConnectionsList };
export { configure, type PageDefaults } from './connect/page-defaults.js';
