import assert from 'node:assert/strict';
import type { Backend } from '../../demo/app/backend/server.js';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The metrics of a backend, as Prometheus would read them. */
export interface Scrape {
  text: string;
  samples: Sample[];
  names: Set<string>;
  /** Metric → `counter`, `gauge` or `histogram`. */
  types: Map<string, string>;
  /** The value of `pica_connect_{name}` with these labels, or undefined if there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

export async function scrape({ metricsOrigin = '' }: Backend): Promise<Scrape> {
  const response = await fetch(`${metricsOrigin}/metrics`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, metric, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (metric && type) types.set(metric, type);
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    assert.ok(name, `Not a sample: ${line}`);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    samples.push({
      name,
      labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
      value: Number(value),
    });
  }
  return {
    ...{ text, samples, types },
    names: new Set(samples.map(({ name }) => name)),
    value: (name, wanted = {}) =>
      samples.find(
        (sample) =>
          sample.name === `pica_connect_${name}` &&
          Object.entries(wanted).every(([label, value]) => sample.labels[label] === value),
      )?.value,
  };
}
