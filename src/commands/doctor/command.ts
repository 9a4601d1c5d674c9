#!/usr/bin/env node
import { readArguments, usage, UsageError, type DoctorOptions } from './arguments.js';
import { diagnose, type Pair } from './diagnose.js';
import { createReport, formatReport, type Report } from './report.js';
import { sendPost, sendPreflight } from './requests.js';

/** Runs as `npm run doctor -- URL`, and as `npx pica-connect doctor URL` outside the repository. */

try {
  const options = readArguments(process.argv.slice(2));
  if (options) {
    const report = await examine(options);
    console.log(
      options.isJson ? JSON.stringify(report, undefined, 2) : formatReport(report, hasColor()),
    );
    process.exitCode = report.ok ? 0 : 1;
  } else {
    console.log(usage);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function examine(options: DoctorOptions): Promise<Report> {
  const asAuthKit = await send(options, options.authkitOrigin);
  const { pageOrigin } = options;
  const isOther = pageOrigin !== undefined && pageOrigin !== options.authkitOrigin;
  const isThere = asAuthKit.preflight.status !== undefined || asAuthKit.post.status !== undefined;
  const asPage = isOther && isThere ? await send(options, pageOrigin) : undefined;
  const exchanges = [asAuthKit, asPage].flatMap((pair) =>
    pair ? [pair.preflight, pair.post] : [],
  );
  return createReport(options, exchanges, diagnose(options, asAuthKit, asPage));
}

/** Sends both requests in order, as a browser does. Sends the POST even if the preflight fails, for what it shows. */
async function send(options: DoctorOptions, origin: string): Promise<Pair> {
  return { preflight: await sendPreflight(options, origin), post: await sendPost(options, origin) };
}

/** In a terminal, Node handles NO_COLOR and FORCE_COLOR. Elsewhere only FORCE_COLOR turns colors on. */
function hasColor(): boolean {
  const { stdout, env } = process;
  if (stdout.isTTY) return stdout.hasColors();
  return Boolean(env.FORCE_COLOR) && env.FORCE_COLOR !== '0' && !env.NO_COLOR;
}
