import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync, readFileSync } from 'node:fs';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const baselines = new URL('baselines/', import.meta.url);
const results = new URL('../../.test-results/visual/', import.meta.url);

/** Whether new baselines are written instead of compared. */
export const isUpdate = process.env.BASELINES_UPDATE === 'true';

/** Accepted difference of a pixel's color, from 0 to 1. pixelmatch ignores antialiased edges. */
const colorThreshold = 0.15;
/** Accepted number of different pixels: this share of all pixels, or this number if it is larger. */
const tolerance = { share: 0.0002, pixels: 30 };

/** Compares a picture with its reviewed baseline. If they differ, writes the picture and the diff to results. */
export function compare(name: string, picture: Buffer): void {
  const file = new URL(`${name}.png`, baselines);
  const actual = PNG.sync.read(picture);
  const { width, height } = actual;
  if (isUpdate || !existsSync(file)) {
    assert.ok(isUpdate, `There is no baseline for ${name}: npm test -- visual --update`);
    mkdirSync(baselines, { recursive: true });
    // The file is committed, so it has no alpha channel and the strongest compression.
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
  const writeResult = (kind: 'actual' | 'diff', content: Buffer) => {
    writeFileSync(new URL(`${name}.${kind}.png`, results), content);
  };
  if (expected.width !== width || expected.height !== height) {
    writeResult('actual', picture);
    assert.fail(`${name} is ${width} × ${height}, and was ${expected.width} × ${expected.height}`);
  }
  const diff = new PNG({ width, height });
  const differentPixels = pixelmatch(expected.data, actual.data, diff.data, width, height, {
    threshold: colorThreshold,
  });
  if (differentPixels <= Math.max(tolerance.pixels, width * height * tolerance.share)) return;
  writeResult('actual', picture);
  writeResult('diff', PNG.sync.write(diff));
  assert.fail(
    `${name} differs in ${differentPixels} pixels: .test-results/visual/${name}.diff.png`,
  );
}
