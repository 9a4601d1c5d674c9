import type { CDPSession, Page } from 'playwright-core';

/** A node of Chromium's accessibility tree, as the DevTools protocol returns it. */
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

/** Properties that are written into the snapshots. All others follow from the role. */
const includedProperties = [
  ...['busy', 'disabled', 'invalid', 'required', 'modal', 'level', 'pressed', 'expanded'],
  ...['focused', 'live'],
];

/** Roles that aren't announced: containers, and the pieces of a text that is announced as a whole. */
const unannouncedRoles = new Set(['none', 'generic', 'InlineTextBox', 'LineBreak']);

export async function nodesOf(session: CDPSession, frameId?: string): Promise<AccessibilityNode[]> {
  const { nodes } = await session.send('Accessibility.getFullAXTree', frameId ? { frameId } : {});
  return nodes as AccessibilityNode[];
}

/** The accessibility tree as text: one line for each node, indented below its parent. */
export async function treeOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const nodes = await nodesOf(session);
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const lines: string[] = [];
  const add = (node: AccessibilityNode, depth: number, parentName: string): void => {
    const role = node.role?.value ?? '';
    const name = node.name?.value ?? '';
    // The text of an element that is named by it would only repeat the name.
    const isRepeated = role === 'StaticText' && name === parentName;
    const isAnnounced = !node.ignored && !unannouncedRoles.has(role) && !isRepeated;
    if (isAnnounced) lines.push(`${'  '.repeat(depth)}${lineOf(node)}`);
    for (const id of node.childIds ?? []) {
      const child = byId.get(id);
      if (child) add(child, isAnnounced ? depth + 1 : depth, isAnnounced ? name : parentName);
    }
  };
  const [root] = nodes;
  if (root) add(root, 0, '');
  return `${lines.join('\n')}\n`;
}

function lineOf({ role, name, description, value, properties = [] }: AccessibilityNode): string {
  const states = properties
    .filter((property) => includedProperties.includes(property.name))
    .map((property) => ({ name: property.name, value: property.value.value }))
    .filter((state) => state.value !== false && state.value !== 'false' && state.value !== 'off')
    .map((state) => (state.value === true ? state.name : `${state.name}=${String(state.value)}`));
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
