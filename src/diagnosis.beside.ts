import type * as Diagnosis from './diagnosis/index.js';
import { importBeside } from './beside.js';

/** As in diagnosis.ts, for the one-file build: from a file that lies beside it. */
export const loadDiagnosis = () => importBeside<typeof Diagnosis>('pica-connect.diagnosis.js');
