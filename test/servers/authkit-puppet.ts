import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { openCors } from './cors.js';
import type { PuppetControl, PuppetRequest } from './protocol.js';

/**
 * Runs inside the stand-in's page: sends what the test says, reports all else. It is turned into
 * source text, so it may use nothing from outside itself.
 */
const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>AuthKit puppet</title>
  </head>
  <body>
    <label>Text <input id="text" /></label>
    <button id="button" type="button">Button</button>
    <script>
      const report = (message) => parent.postMessage(message, '*');
      const text = document.getElementById('text');
      const button = document.getElementById('button');
      const encoded = new URL(location.href).searchParams.get('data');

      addEventListener('message', ({ data }) => {
        if (data?.puppet === 'say') parent.postMessage(data.message, '*');
        else if (data?.puppet === 'reload') location.reload();
        else if (data?.puppet === 'focus') text.focus();
        else report({ puppet: 'received', data });
      });
      addEventListener('keydown', ({ key }) => report({ puppet: 'key', key }));
      addEventListener('focusin', ({ target }) => report({ puppet: 'focused', id: target.id }));
      text.addEventListener('input', () => report({ puppet: 'typed', value: text.value }));
      button.addEventListener('click', () => report({ puppet: 'clicked' }));
      addEventListener('load', () => {
        const data = encoded === null ? null : JSON.parse(atob(encoded));
        report({ puppet: 'loaded', url: location.href, data });
      });
    </script>
  </body>
</html>
`;

interface Environment {
  Bindings: HttpBindings;
}

/** A stand-in for AuthKit's hosted page. `name` is any string that the test makes up. */
export const createAuthkitPuppet = (): Hono<Environment> => {
  const controls = new Map<string, PuppetControl>();
  const requests = new Map<string, PuppetRequest[]>();
  const app = new Hono<Environment>();
  const record = ({ req, env }: Context<Environment>, name: string) => {
    const request = {
      method: req.method,
      url: req.url,
      headers: req.header(),
      port: env.incoming.socket.remotePort ?? 0,
    };
    requests.set(name, [...(requests.get(name) ?? []), request]);
  };

  app.use('/control/:name', openCors({ preflight: 'here' }));
  app.post('/control/:name', async (context) => {
    controls.set(context.req.param('name'), await context.req.json<PuppetControl>());
    return context.body(null, 204);
  });

  app.use('/requests/:name', openCors({ preflight: 'here' }));
  app.get('/requests/:name', (context) =>
    context.json(requests.get(context.req.param('name')) ?? []),
  );

  app.get('/favicon.ico', (context) => {
    record(context, 'favicon.ico');
    return context.text('There is none', 404);
  });

  app.get('/authkit/:name', async (context) => {
    const name = context.req.param('name');
    const { delay, status = 200, headers, hang, body = page } = controls.get(name) ?? {};
    record(context, name);
    if (hang) await new Promise(() => undefined);
    if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
    return new Response(body, {
      status,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        ...headers,
      },
    });
  });
  return app;
};
