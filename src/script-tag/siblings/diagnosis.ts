import {
  examine,
  explainFrame,
  explainName,
  explainToken,
  showReport,
} from '../../diagnosis/index.js';
import type * as Diagnosis from '../../diagnosis/index.js';

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.sibling')] = {
  examine,
  explainFrame,
  explainName,
  explainToken,
  showReport,
} satisfies typeof Diagnosis;
