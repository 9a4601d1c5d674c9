import { expect } from '@open-wc/testing';
import { addedFrame, mountButton, openBare } from '../fixtures/elements.js';

describe('a session', () => {
  describe('with Local Network Access', () => {
    const allowOf = async (tokenUrl: string) => {
      const button = await mountButton({ tokenUrl });
      const closed = button.open();
      const { allow } = await addedFrame();
      button.close();
      await closed;
      return allow;
    };

    for (const host of [
      'localhost:3000',
      'app.localhost',
      'nas.local',
      '127.0.0.1',
      '10.1.2.3',
      'local',
      'localhost.',
      '172.16.0.1',
      '172.20.0.1',
      '172.31.255.254',
      '192.168.1.9:8080',
      '169.254.1.1',
      '100.64.0.1',
      '100.99.0.1',
      '100.110.0.1',
      '100.127.0.1',
      '[::1]',
      '[fc00::1]',
      '[fd12:3456::1]',
      '[fe80::1]',
      '[febf::1]',
      '0x7f.1',
    ]) {
      it(`delegates it to AuthKit’s frame if the token endpoint is local: ${host}`, async () => {
        expect(await allowOf(`http://${host}/token`)).to.equal(
          'local-network-access; loopback-network; local-network',
        );
      });
    }

    for (const host of [
      'example.com',
      'localhost.example.com',
      'mylocal',
      '127.0.0.1.example.com',
      '11.0.0.1',
      '172.15.0.1',
      '172.32.0.1',
      '192.169.0.1',
      '100.63.0.1',
      '100.128.0.1',
      '[2001:db8::1]',
      '[2001::1]',
      '[fe70::1]',
      '[fec0::1]',
      '[fb00::1]',
      '10.example.com',
    ]) {
      it(`does not delegate it for ${host}`, async () => {
        expect(await allowOf(`https://${host}/token`)).to.equal('');
      });
    }

    it('does not delegate it with AuthKit alone', async () => {
      const { frame } = await openBare({ token: { url: 'http://localhost:3000/token' } });
      expect(frame.allow).to.equal('');
    });
  });
});
