import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { browserFiles } from './browser-files.js';

const hostedPage = new URL('./hosted-page/', import.meta.url);
const consentPage = new URL('./consent-page/', import.meta.url);

/** `/authkit` and the files of both pages. For the sandbox in the browser they are built as static files. */
export function pages() {
  const page = readFileSync(new URL('page.html', hostedPage), 'utf8');

  return new Hono()
    .get('/authkit', (c) => {
      // Any site may frame AuthKit's page.
      c.header('content-security-policy', 'frame-ancestors *');
      return c.html(page);
    })
    .route('/hosted-page', browserFiles(hostedPage))
    .route('/consent-page', browserFiles(consentPage));
}
