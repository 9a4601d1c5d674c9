import {
  check,
  diagnoseFrame,
  diagnoseName,
  diagnoseToken,
  showReport,
} from '../../diagnosis/index.js';
import type * as Diagnosis from '../../diagnosis/index.js';

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.chunk')] = {
  check,
  diagnoseFrame,
  diagnoseName,
  diagnoseToken,
  showReport,
} satisfies typeof Diagnosis;
