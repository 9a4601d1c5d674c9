import { readPageDefaults } from '../connect/page-defaults.js';
import { setLocaleLoader } from '../localization/registry.js';
import { localeLoader } from './load-locale.js';
import { findOwnModule } from './own-module.js';
import { prefetchOpening } from './prefetch-opening.js';
import './set-global.js';

/* The ES module with chunks, for `<script type="module">`: `dist/pica-connect.js`. */

export * from '../index.js';

const ownScript = findOwnModule((src) => src === import.meta.url);
if (ownScript) readPageDefaults(ownScript);

setLocaleLoader(localeLoader((name) => import(/* @vite-ignore */ `./locales/${name}.js`)));

prefetchOpening(ownScript);
