import { expect } from '@open-wc/testing';
import fc from 'fast-check';
import { longDate, timeAgo } from '../../src/connections-list/american-english.js';
import { nameComparer } from '../../src/connections-list/compare-names.js';

/*
 * American English is written here without Intl, whose first use is slow. What users see must not depend on that.
 */
describe('American English without Intl', () => {
  it('tells relative times as Intl.RelativeTimeFormat does', () => {
    const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
    expect(timeAgo(0, 'second')).to.equal(format.format(-0, 'second'));
    for (const unit of ['minute', 'hour', 'day', 'month', 'year'] as const) {
      for (let count = 1; count < 100; count += 1) {
        expect(timeAgo(count, unit)).to.equal(format.format(-count, unit));
      }
    }
  });

  it('writes dates as Intl.DateTimeFormat does', () => {
    const format = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1980-01-01'), max: new Date('2080-01-01'), noInvalidDate: true }),
        (date) => {
          // Some versions of Unicode's data have a narrow space before AM and PM.
          const expected = format.format(date).replace(/\u202F/g, ' ');
          expect(longDate(date.getTime())).to.equal(expected);
        },
      ),
    );
  });

  it('sorts names as Intl.Collator does', () => {
    const { compare } = new Intl.Collator('en');
    const plain = fc.string({ unit: fc.constantFrom(...Array.from('aAbBzZ019 .-')), maxLength: 6 });
    const other = fc.constantFrom('Évernote', 'A&B', 'z_', 'Ł', '');
    fc.assert(
      fc.property(fc.oneof(plain, other), fc.oneof(plain, other), (a, b) => {
        expect(Math.sign(nameComparer('en')(a, b))).to.equal(Math.sign(compare(a, b)));
      }),
      { numRuns: 500 },
    );
  });
});
