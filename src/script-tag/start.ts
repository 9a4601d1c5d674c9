import { readPageDefaults } from '../connect/page-defaults.js';
import { ownScript } from './own-script.js';
import { upgradePlaceholders } from './placeholders.js';
import './set-global.js';

if (ownScript) readPageDefaults(ownScript);
upgradePlaceholders(ownScript?.getAttribute('data-placeholders') ?? null);
