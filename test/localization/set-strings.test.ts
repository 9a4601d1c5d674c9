import { expect } from '@open-wc/testing';
import { setStrings, type Strings } from '../../src/classes.js';
import '../../src/locales/ar.js';
import '../../src/locales/de.js';
import '../../src/locales/he.js';
import '../../src/locales/pl.js';
import '../../src/locales/pt-BR.js';
import '../../src/locales/sv.js';
import '../../src/locales/zh-CN.js';
import '../../src/locales/zh-TW.js';
import { mountButton } from '../fixtures/elements.js';
import { labelOf, buttonIn, untilLabelIs } from '../fixtures/translated-button.js';

describe('setStrings()', () => {
  it('replaces strings at once, and only in its language', async () => {
    const german = await buttonIn('de-CH');
    const polish = await buttonIn('pl');
    setStrings('de', { connectTo: '{name} verknüpfen' });
    await untilLabelIs(german, 'Gmail verknüpfen');
    expect(labelOf(polish)).to.equal('Połącz z Gmail');
  });

  it('prefers a region’s strings to those of its language', async () => {
    setStrings('sv-FI', { connectTo: 'Koppla {name}' });
    setStrings('sv', { connectTo: 'Foga till {name}' });
    expect(labelOf(await buttonIn('sv-FI'))).to.equal('Koppla Gmail');
    expect(labelOf(await buttonIn('sv'))).to.equal('Foga till Gmail');
  });

  it('applies before and after the language is loaded', async () => {
    setStrings('fr', { connectTo: 'Relier {name}' });
    const button = await buttonIn('fr');
    expect(labelOf(button)).to.equal('Relier Gmail');
    await import('../../src/locales/fr.js');
    button.selectedConnection = null;
    await untilLabelIs(button, 'Connecter');
    button.selectedConnection = 'Gmail';
    await untilLabelIs(button, 'Relier Gmail');
  });

  it('adds a language, with English for missing strings', async () => {
    setStrings('fi', {
      connect: 'Yhdistä',
      found: { one: '{count} löytyi', other: '{count} löytyi' },
    });
    const button = await mountButton({ lang: 'fi' });
    expect(labelOf(button)).to.equal('Yhdistä');
    button.selectedConnection = 'Gmail';
    await untilLabelIs(button, 'Connect Gmail');
  });

  it('does not replace braces in a name', async () => {
    const button = await mountButton({ lang: 'pl', selectedConnection: '{name} $& {what}' });
    expect(labelOf(button)).to.equal('Połącz z {name} $& {what}');
  });

  it('refuses an invalid language tag', () => {
    expect(() => setStrings('auf Deutsch', {}))
      .to.throw(TypeError)
      .with.property('message')
      .that.contains('"auf Deutsch" is not a language tag');
  });

  it('refuses unknown strings and values of another type', () => {
    const invalidStrings = [
      { conect: 'Link' },
      { connect: 1 },
      { found: 'Found' },
    ] as unknown as Partial<Strings>[];
    for (const strings of invalidStrings) {
      expect(() => setStrings('de', strings), Object.keys(strings)[0]).to.throw(TypeError);
    }
  });
});
