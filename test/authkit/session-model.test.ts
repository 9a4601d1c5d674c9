import { expect } from '@open-wc/testing';
import fc from 'fast-check';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  addedFrame,
  addUnrelatedFrame,
  allMessagesReceived,
  authkitFrame,
  exit,
  modalDialog,
  mountButton,
  record,
  stage,
  succeed,
  requireFrame,
  until,
} from '../fixtures/elements.js';
import { engine, otherOrigin } from '../fixtures/servers/origins.js';
import { puppetDo, puppetPost } from '../fixtures/servers/puppet-client.js';

/*
 * Runs random sequences of everything that can happen to two buttons that share AuthKit, and compares them with a small
 * model: which button has it open, whether it is visible, which connections it has reported, and which events the page
 * has received.
 */

type Name = 'a' | 'b';

interface Model {
  open: Name | null;
  isVisible: boolean;
  keys: Set<string>;
  attached: Record<Name, boolean>;
  events: string[];
}

interface Real {
  buttons: Record<Name, PicaConnectButton>;
  stranger: HTMLIFrameElement;
  events: string[];
}

/** One thing that can happen: `apply` changes the model, and `run` makes it happen. */
interface Step {
  toString: () => string;
  apply: (model: Model) => void;
  run: (real: Real, model: Model) => unknown;
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

const end = (model: Model, reason: string) => {
  if (model.open) model.events.push(`${model.open} close ${reason}`);
  model.open = null;
  model.isVisible = false;
  model.keys = new Set();
};

const always = (name: string, apply: Step['apply'], run: Step['run']): Step => ({
  toString: () => name,
  apply,
  run,
});

/** A step that has an effect only while AuthKit is visible, because only its user can cause it. */
const whenVisible = (name: string, apply: Step['apply'], run: Step['run']): Step =>
  always(
    name,
    (model) => {
      if (model.isVisible) apply(model);
    },
    (real, model) => (model.isVisible ? run(real, model) : undefined),
  );

const steps = (name: Name): Step[] => [
  always(
    `open ${name}`,
    (model) => {
      if (model.open === name) return;
      model.events.push(`${name} open`);
      end(model, 'api');
      model.open = name;
    },
    ({ buttons }) => void buttons[name].open(),
  ),
  always(
    `open ${name} and wait`,
    (model) => {
      if (model.open !== name) {
        model.events.push(`${name} open`);
        end(model, 'api');
      }
      model.open = name;
      model.isVisible = true;
    },
    async ({ buttons }) => {
      void buttons[name].open();
      await until(() => buttons[name].status === 'open');
    },
  ),
  always(
    `close ${name}`,
    (model) => {
      if (model.open === name) end(model, 'api');
    },
    ({ buttons }) => {
      buttons[name].close();
    },
  ),
  always(
    `remove ${name}`,
    (model) => {
      if (model.open === name && model.attached[name]) end(model, 'removed');
      model.attached[name] = false;
    },
    async ({ buttons }) => {
      buttons[name].remove();
      await nextTask();
    },
  ),
  always(
    `append ${name}`,
    (model) => {
      model.attached[name] = true;
    },
    ({ buttons }) => {
      stage.append(buttons[name]);
    },
  ),
];

const success = (key: string): Step =>
  whenVisible(
    `success ${key}`,
    (model) => {
      if (!model.keys.has(key)) model.events.push(`${String(model.open)} success ${key}`);
      model.keys.add(key);
    },
    async () => {
      succeed(requireFrame(), record(key));
      await allMessagesReceived(requireFrame());
    },
  );

const step = fc.constantFrom<Step>(
  ...steps('a'),
  ...steps('b'),
  success('one'),
  success('two'),
  whenVisible(
    'error',
    (model) => model.events.push(`${String(model.open)} error connection-failed`),
    async () => {
      puppetPost(requireFrame(), { messageType: 'LINK_ERROR', message: 'no' });
      await allMessagesReceived(requireFrame());
    },
  ),
  whenVisible(
    'nonsense',
    (model) => model.events.push(`${String(model.open)} error connection-invalid`),
    async () => {
      succeed(requireFrame(), 'nonsense');
      await allMessagesReceived(requireFrame());
    },
  ),
  whenVisible(
    'exit',
    (model) => {
      end(model, 'user');
    },
    async () => {
      exit(requireFrame());
      await until(() => authkitFrame() === null);
    },
  ),
  whenVisible(
    'reload',
    () => undefined,
    async () => {
      const frame = requireFrame();
      const loaded = new Promise((resolve) => {
        frame.addEventListener('load', resolve, { once: true });
      });
      puppetDo(frame, { puppet: 'reload' });
      await loaded;
    },
  ),
  always(
    'escape',
    (model) => {
      end(model, 'escape');
    },
    () => modalDialog()?.dispatchEvent(new Event('cancel', { cancelable: true })),
  ),
  always(
    'lose the frame',
    (model) => {
      end(model, 'removed');
    },
    async () => {
      authkitFrame()?.remove();
      await nextTask();
    },
  ),
  always(
    'a stranger posts',
    () => undefined,
    async ({ stranger }) => {
      puppetPost(stranger, { messageType: 'LINK_SUCCESS', message: record('evil') });
      puppetPost(stranger, { messageType: 'EXIT_EVENT_LINK' });
      await allMessagesReceived(stranger);
    },
  ),
);

const listenTo = (name: Name, button: PicaConnectButton, events: string[]) => {
  button.addEventListener('pica-open', () => events.push(`${name} open`));
  button.addEventListener('pica-success', ({ detail }) =>
    events.push(`${name} success ${detail.connection.key}`),
  );
  button.addEventListener('pica-error', ({ detail }) =>
    events.push(`${name} error ${detail.error.code}`),
  );
  button.addEventListener('pica-close', ({ detail }) =>
    events.push(`${name} close ${detail.reason}`),
  );
};

describe('a session in random sequences', () => {
  it('behaves like its model', async function () {
    this.timeout(170_000);
    // Only WebKit can run many: the other engines start a process for each frame of another site.
    const numRuns = engine === 'webkit' ? 1000 : 100;
    const seed = Date.now();
    console.info(`${engine}: ${String(numRuns)} sequences, seed ${String(seed)}`);
    const stranger = await addUnrelatedFrame(otherOrigin);

    const property = fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      async (sequence) => {
        const events: string[] = [];
        const buttons = { a: await mountButton(), b: await mountButton() };
        listenTo('a', buttons.a, events);
        listenTo('b', buttons.b, events);
        const model: Model = {
          open: null,
          isVisible: false,
          keys: new Set(),
          attached: { a: true, b: true },
          events: [],
        };
        try {
          for (const { apply, run } of sequence) {
            // The model can't know when AuthKit becomes visible, so it reads that from the button.
            if (model.open) model.isVisible = buttons[model.open].status === 'open';
            const before = { ...model };
            apply(model);
            await run({ buttons, stranger, events }, before);
            expect(events).to.deep.equal(model.events);
            if (model.open) await addedFrame();
            expect(document.querySelectorAll('#event-link')).to.have.length(model.open ? 1 : 0);
            for (const name of ['a', 'b'] as const) {
              const isOpen = ['loading', 'open'].includes(buttons[name].status);
              expect(isOpen, `${name} is open`).to.equal(model.open === name);
            }
          }
        } finally {
          for (const button of Object.values(buttons)) {
            button.close();
            button.remove();
          }
        }
        expect(modalDialog()).to.equal(null);
      },
    );
    await fc
      .assert(property, { numRuns, seed, timeout: 20_000, endOnFailure: true })
      .catch((error: unknown) => {
        // The runner shows no causes.
        const { message, cause } = error as Error;
        throw new Error(`${message}\n${String(cause)}`);
      });
  });
});
