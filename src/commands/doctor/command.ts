#!/usr/bin/env node
import { readArguments, usage, UsageError, type Order } from './arguments.js';
import { diagnose, type Pair } from './diagnose.js';
import { post, preflight } from './exchange.js';
import { reportOf, textOf, type Report } from './report.js';

/** `npm run doctor -- URL`, and `npx pica-connect doctor URL` for who has the package alone. */

try {
  const order = readArguments(process.argv.slice(2));
  if (order) {
    const report = await examine(order);
    console.log(order.isJson ? JSON.stringify(report, undefined, 2) : textOf(report, hasColor()));
    process.exitCode = report.ok ? 0 : 1;
  } else {
    console.log(usage);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function examine(order: Order): Promise<Report> {
  const asAuthKit = await ask(order, order.authkitOrigin);
  const { pageOrigin } = order;
  const isOther = pageOrigin !== undefined && pageOrigin !== order.authkitOrigin;
  const isThere = asAuthKit.preflight.status !== undefined || asAuthKit.post.status !== undefined;
  const asPage = isOther && isThere ? await ask(order, pageOrigin) : undefined;
  const exchanges = [asAuthKit, asPage].flatMap((pair) =>
    pair ? [pair.preflight, pair.post] : [],
  );
  return reportOf(order, exchanges, diagnose(order, asAuthKit, asPage));
}

/** One after the other, as a browser does; the POST even where a browser would not go on, for what it shows. */
async function ask(order: Order, origin: string): Promise<Pair> {
  return { preflight: await preflight(order, origin), post: await post(order, origin) };
}

/** NO_COLOR and FORCE_COLOR are the terminal's to know; without one, FORCE_COLOR alone counts. */
function hasColor(): boolean {
  const { stdout, env } = process;
  if (stdout.isTTY) return stdout.hasColors();
  return Boolean(env.FORCE_COLOR) && env.FORCE_COLOR !== '0' && !env.NO_COLOR;
}
