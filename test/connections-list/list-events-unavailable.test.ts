import { expect } from '@open-wc/testing';
import { type PicaError, PicaSuccessEvent } from '../../src/classes.js';
import { hover, mountList } from '../fixtures/elements.js';
import { button, connection, hasButton, rows } from '../fixtures/list.js';

/** The page's policy forbids all further scripts, so the code for actions can't be loaded in this test file. */
before(() => {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = `script-src 'nonce-none'`;
  document.head.append(policy);
});

const mountGmail = async () => {
  const list = await mountList({ connections: [connection()] });
  const errors: PicaError[] = [];
  list.addEventListener('pica-error', ({ detail }) => errors.push(detail.error));
  return { list, codes: () => errors.map(({ code }) => code) };
};

const hoverOver = (list: Awaited<ReturnType<typeof mountList>>) => {
  const [row] = rows(list);
  if (row) hover(row);
};

const alertOf = (row: Element | undefined) => row?.querySelector('[role="alert"]')?.textContent;

describe('if the code for actions can’t be loaded, a list', () => {
  it('says so once for all that waits for it, in the row and in an event', async () => {
    const { list, codes } = await mountGmail();
    button(list, 'Disconnect Gmail').click();
    document.dispatchEvent(new PicaSuccessEvent({ connection: connection({ key: 'new' }) }));
    await list.updateComplete;
    expect(codes()).to.deep.equal(['files-unavailable']);
    const [row] = rows(list);
    expect(row?.ariaBusy).to.equal('false');
    expect(alertOf(row)).to.equal('This could not be disconnected. Try again.');
  });

  it('tries again with the next click', async () => {
    const { list, codes } = await mountGmail();
    for (const count of [1, 2]) {
      button(list, 'Disconnect Gmail').click();
      expect(rows(list)[0]?.ariaBusy).to.equal('true');
      await list.updateComplete;
      expect(codes()).to.have.length(count);
    }
    expect(hasButton(list, 'Cancel Gmail')).to.equal(false);
  });

  it('says nothing while the pointer only passes', async () => {
    const { list, codes } = await mountGmail();
    hoverOver(list);
    await list.updateComplete;
    expect(codes()).to.deep.equal([]);
    expect(alertOf(rows(list)[0])).to.equal(undefined);
    button(list, 'Disconnect Gmail').click();
    await list.updateComplete;
    hoverOver(list);
    await list.updateComplete;
    expect(codes()).to.have.length(1);
  });
});
