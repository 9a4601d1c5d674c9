import { PicaError } from '../errors.js';

/** The error for a part of this package that could not be loaded. */
export const filesUnavailable = (cause: unknown): PicaError =>
  new PicaError('files-unavailable', 'A part of pica-connect could not be loaded.', {
    hint: 'Retry, or reload the page. Copy all files of a version, and keep the previous version on your server: open pages still use it.',
    cause,
  });
