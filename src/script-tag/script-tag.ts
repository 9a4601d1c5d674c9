import { setLocaleLoader } from '../localization/registry.js';
import { loadLocale } from './load-locale.js';
import './start.js';

/* The one-file build: `dist/pica-connect.min.js`. */

setLocaleLoader(loadLocale);
