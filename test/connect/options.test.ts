import { expect } from '@open-wc/testing';
import {
  authkitFrame,
  modalDialog,
  mountButton,
  recordEvents,
  until,
} from '../fixtures/elements.js';
import { nextPuppetMessage } from '../fixtures/servers/puppet-client.js';

describe('<pica-connect-button>', () => {
  describe('token-url', () => {
    const refusal = async (tokenUrl: string | null) => {
      const button = await mountButton({ tokenUrl });
      const { names, events } = recordEvents(button);
      expect(await button.open()).to.equal(null);
      expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
      expect(authkitFrame()).to.equal(null);
      expect(button.status).to.equal('idle');
      const { code, hint } = (events[1] as HTMLElementEventMap['pica-error']).detail.error;
      expect(hint).to.contain('token-url');
      return code;
    };

    for (const missing of [null, '', '  ']) {
      it(`is missing if it is ${JSON.stringify(missing)}`, async () => {
        expect(await refusal(missing)).to.equal('token-url-missing');
      });
    }

    const otherSchemes = [
      'javascript:alert(1)',
      'data:text/plain,x',
      'ftp://example.com/',
      'https://',
    ];
    const withCredentials = [
      'https://me:secret@example.com/',
      'https://me@a.test/',
      'https://:pw@a.test/',
    ];
    for (const url of [
      ...otherSchemes,
      ...withCredentials,
      'http://[x]/',
      'web+https://example.com/',
    ]) {
      it(`is invalid if it is ${url}`, async () => {
        expect(await refusal(url)).to.equal('token-url-invalid');
      });
    }

    it('reaches AuthKit as a full URL if it is relative', async () => {
      const button = await mountButton({ tokenUrl: '/api/token?a=b' });
      void button.open();
      const { data } = await nextPuppetMessage('loaded');
      expect(data).to.have.property('linkTokenEndpoint', `${location.origin}/api/token?a=b`);
    });

    it('is resolved against <base href>', async () => {
      const base = document.createElement('base');
      base.href = 'https://example.com/shop/';
      document.head.append(base);
      try {
        const button = await mountButton({ tokenUrl: 'token' });
        void button.open();
        const { data } = await nextPuppetMessage('loaded');
        expect(data).to.have.property('linkTokenEndpoint', 'https://example.com/shop/token');
      } finally {
        base.remove();
      }
    });
  });

  describe('token-headers', () => {
    it('can be a function, which is called at each opening', async () => {
      let calls = 0;
      const button = await mountButton({
        tokenHeaders: () => {
          calls += 1;
          return { 'x-call': String(calls) };
        },
      });
      for (const call of ['1', '2']) {
        const closed = button.open();
        const { data } = await nextPuppetMessage('loaded');
        expect(data).to.have.deep.property('linkHeaders', { 'x-call': call });
        button.close();
        await closed;
      }
    });

    it('can be an async function, and the modal opens before it resolves', async () => {
      let provideHeaders!: (headers: Record<string, string>) => void;
      const button = await mountButton({
        tokenHeaders: () => new Promise((resolve) => (provideHeaders = resolve)),
      });
      void button.open();
      expect(button.status).to.equal('loading');
      await until(() => modalDialog() !== null);
      expect(authkitFrame()).to.equal(null);
      provideHeaders({ 'x-late': 'yes' });
      const { data } = await nextPuppetMessage('loaded');
      expect(data).to.have.deep.property('linkHeaders', { 'x-late': 'yes' });
    });

    for (const [description, attribute] of [
      ['not JSON', 'x-user-id: 7'],
      ['an array', '["x"]'],
      ['a number', '7'],
      ['an object with a number as a value', '{"x-user-id": 7}'],
      ['an object with a space in a name', '{"x user": "7"}'],
      ['an object with a name that ends with a space', '{"x-user ": "7"}'],
      ['an object with a name that starts with a colon', '{":x": "7"}'],
      ['an object with an empty name', '{"": "7"}'],
      ['an object with a line break in a value', '{"x-user": "7\\nx: y"}'],
      ['an object with a carriage return in a value', '{"x-user": "7\\rx: y"}'],
      ['an object with a NUL in a value', '{"x-user": "7\\u0000"}'],
    ] as const) {
      it(`are refused if the attribute is ${description}`, async () => {
        const button = await mountButton();
        button.setAttribute('token-headers', attribute);
        const { names, events } = recordEvents(button);
        expect(await button.open()).to.equal(null);
        expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
        const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
        expect(error.code).to.equal('token-headers-invalid');
        expect(error.hint).to.contain('JSON object of strings');
        expect(authkitFrame()).to.equal(null);
      });
    }

    it('can use all characters that HTTP allows in names', async () => {
      const headers = { "!#$%&'*+-.^_`|~09azAZ": '', x: 'a b' };
      const button = await mountButton({ tokenHeaders: headers, tokenCheck: 'off' });
      void button.open();
      const { data } = await nextPuppetMessage('loaded');
      expect(data).to.have.deep.property('linkHeaders', headers);
    });

    for (const value of [null, '', undefined]) {
      it(`are empty if a function returns ${JSON.stringify(value)}`, async () => {
        const button = await mountButton({ tokenHeaders: () => value as never });
        void button.open();
        const { data } = await nextPuppetMessage('loaded');
        expect(data).to.have.deep.property('linkHeaders', {});
      });
    }

    it('cause an error with what their function threw', async () => {
      const cause = new Error('signed out');
      const button = await mountButton({ tokenHeaders: () => Promise.reject(cause) });
      const { events } = recordEvents(button);
      await button.open();
      const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
      expect(error.cause).to.equal(cause);
      expect(error.hint).to.contain('what your function threw');
    });

    for (const [description, source] of [
      ['throws', () => Promise.reject(new Error('signed out'))],
      ['returns text', () => Promise.resolve('x' as unknown as Record<string, string>)],
    ] as const) {
      it(`end the opening if their function ${description}`, async () => {
        const button = await mountButton({ tokenHeaders: source });
        const { names, events } = recordEvents(button);
        expect(await button.open()).to.equal(null);
        expect(names).to.deep.equal(['pica-open', 'pica-error', 'pica-close']);
        const { error } = (events[1] as HTMLElementEventMap['pica-error']).detail;
        expect(error.code).to.equal('token-headers-invalid');
        const { reason } = (events[2] as HTMLElementEventMap['pica-close']).detail;
        expect(reason).to.equal('error');
        expect(button.status).to.equal('idle');
      });
    }
  });
});
