/**
 * What only a page with a fault needs, and whoever looks for one: long explanations, `check()`, and what
 * `debug` shows. It is loaded when it is first asked for; rejects where it cannot be.
 */
export const loadDiagnosis = () => import('./diagnosis/index.js');
