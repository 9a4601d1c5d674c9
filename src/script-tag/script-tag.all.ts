import '../locales/ar.js';
import '../locales/cs.js';
import '../locales/da.js';
import '../locales/de.js';
import '../locales/es.js';
import '../locales/fr.js';
import '../locales/he.js';
import '../locales/hi.js';
import '../locales/it.js';
import '../locales/ja.js';
import '../locales/ko.js';
import '../locales/nl.js';
import '../locales/pl.js';
import '../locales/pt-BR.js';
import '../locales/sv.js';
import '../locales/tr.js';
import '../locales/zh-CN.js';
import '../locales/zh-TW.js';
import './start.js';

/* The one-file build with every language: `dist/pica-connect.all.min.js`. */
