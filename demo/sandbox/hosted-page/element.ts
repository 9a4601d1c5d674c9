type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  // Untrusted text must never be parsed as HTML.
  Omit<HTMLElementTagNameMap[Tag], 'innerHTML' | 'outerHTML'>
>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties<Tag> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const created = Object.assign(document.createElement(tag), properties);
  created.append(...children);
  return created;
}

export const button = (label: string, onclick: () => void, className = '') =>
  element('button', { type: 'button', className, onclick }, label);

export const isWebUrl = (value: string | undefined): value is string =>
  value !== undefined && /^https?:\/\//i.test(value);

export const logo = (image: string | undefined, size: number) =>
  element('img', {
    className: 'logo',
    alt: '',
    width: size,
    height: size,
    loading: 'lazy',
    ...(isWebUrl(image) && { src: image }),
  });
