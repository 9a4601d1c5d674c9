/*
 * The entry of `npm run bench`. Benchmarks of their own, such as `backend`, start here. The cases are in run.ts.
 */
export {};

switch (process.argv[2] ?? '') {
  case 'backend':
    await import('./backend.js');
    break;
  case 'modules':
    await import('./modules.js');
    break;
  case 'readme':
    await import('./readme.js');
    break;
  case 'publish':
    process.argv.splice(2, 1, '--keep');
    await import('./run.js');
    await import('./readme.js');
    break;
  default:
    await import('./run.js');
}
