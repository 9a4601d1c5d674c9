/*
 * npm run bench -- backend: what is measured in another way than by the cases of run.ts. Everything else goes there.
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
