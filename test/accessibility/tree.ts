import type { CDPSession, Page } from 'playwright-core';

/** A node of Chromium's own accessibility tree, as the DevTools protocol answers it. */
export interface AccessibilityNode {
  nodeId: string;
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
  description?: { value: string };
  value?: { value: string | number };
  properties?: { name: string; value: { value?: unknown } }[];
  childIds?: string[];
  parentId?: string;
  backendDOMNodeId?: number;
}

/** What a node says besides its name, where it says it; all else follows from the role. */
const told = [
  ...['busy', 'disabled', 'invalid', 'required', 'modal', 'level', 'pressed', 'expanded'],
  ...['focused', 'live'],
];

/** What holds others and says nothing itself, and the pieces of a text that is said as a whole. */
const silent = new Set(['none', 'generic', 'InlineTextBox', 'LineBreak']);

export async function nodesOf(session: CDPSession, frameId?: string): Promise<AccessibilityNode[]> {
  const { nodes } = await session.send('Accessibility.getFullAXTree', frameId ? { frameId } : {});
  return nodes as AccessibilityNode[];
}

/** What assistive technology is told of a page: a line a node, below its parent. */
export async function treeOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const nodes = await nodesOf(session);
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const lines: string[] = [];
  const add = (node: AccessibilityNode, depth: number, above: string): void => {
    const role = node.role?.value ?? '';
    const name = node.name?.value ?? '';
    // The text of what has it as its name is the same once more.
    const isSaid = !node.ignored && !silent.has(role) && !(role === 'StaticText' && name === above);
    if (isSaid) lines.push(`${'  '.repeat(depth)}${lineOf(node)}`);
    for (const id of node.childIds ?? []) {
      const child = byId.get(id);
      if (child) add(child, isSaid ? depth + 1 : depth, isSaid ? name : above);
    }
  };
  const [root] = nodes;
  if (root) add(root, 0, '');
  return `${lines.join('\n')}\n`;
}

function lineOf({ role, name, description, value, properties = [] }: AccessibilityNode): string {
  const states = properties
    .filter((property) => told.includes(property.name))
    .map((property) => ({ name: property.name, value: property.value.value }))
    .filter((one) => one.value !== false && one.value !== 'false' && one.value !== 'off')
    .map((one) => (one.value === true ? one.name : `${one.name}=${String(one.value)}`));
  return [
    role?.value,
    name?.value && JSON.stringify(name.value),
    value?.value && `value=${JSON.stringify(value.value)}`,
    states.length > 0 && `[${states.join(', ')}]`,
    description?.value && `described as ${JSON.stringify(description.value)}`,
  ]
    .filter(Boolean)
    .join(' ');
}
