import { PicaError } from '../errors.js';

/** The error for a part of this package that could not be loaded. */
export const filesUnavailable = (cause: unknown): PicaError =>
  new PicaError('files-unavailable', 'A part of pica-connect could not be loaded.', {
    hint: 'Reload the page. Put all files of one version on your server, and keep those of the version before: pages that are open may still need them.',
    cause,
  });
