import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync, readFileSync } from 'node:fs';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const baselines = new URL('baselines/', import.meta.url);
const results = new URL('../../.test-results/visual/', import.meta.url);

/** Whether the pictures are written anew instead of compared. */
export const isUpdate = process.env.BASELINES_UPDATE === 'true';

/** How far a color may be off, from 0 to 1; pixels on the edges of letters are not counted. */
const threshold = 0.15;
/** The part of the pixels that may be off, and a number of them that always may. */
const tolerance = { part: 0.0002, pixels: 30 };

/** Compares a picture with the one that was looked at, and keeps both where they differ. */
export function compare(name: string, picture: Buffer): void {
  const file = new URL(`${name}.png`, baselines);
  const actual = PNG.sync.read(picture);
  const { width, height } = actual;
  if (isUpdate || !existsSync(file)) {
    assert.ok(isUpdate, `There is no baseline for ${name}: npm test -- visual --update`);
    mkdirSync(baselines, { recursive: true });
    // Without its alpha channel, and packed as well as it goes: it is kept in the repository.
    const packed = PNG.sync.write(actual, {
      colorType: 2,
      deflateLevel: 9,
      deflateStrategy: 0,
      filterType: 0,
    });
    writeFileSync(file, packed.length < picture.length ? packed : picture);
    return;
  }
  const expected = PNG.sync.read(readFileSync(file));
  mkdirSync(results, { recursive: true });
  const keep = (what: string, content: Buffer) => {
    writeFileSync(new URL(`${name}.${what}.png`, results), content);
  };
  if (expected.width !== width || expected.height !== height) {
    keep('actual', picture);
    assert.fail(`${name} is ${width} × ${height}, and was ${expected.width} × ${expected.height}`);
  }
  const diff = new PNG({ width, height });
  const off = pixelmatch(expected.data, actual.data, diff.data, width, height, { threshold });
  if (off <= Math.max(tolerance.pixels, width * height * tolerance.part)) return;
  keep('actual', picture);
  keep('diff', PNG.sync.write(diff));
  assert.fail(`${name} differs in ${off} pixels: .test-results/visual/${name}.diff.png`);
}
