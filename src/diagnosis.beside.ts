import type * as Diagnosis from './diagnosis/index.js';
import { loadSibling } from './script-tag/import-sibling.js';

/** As in diagnosis.ts, for the one-file build: from a file that lies beside it. */
export const loadDiagnosis = () => loadSibling<typeof Diagnosis>('diagnosis');
