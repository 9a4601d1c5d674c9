import { basename } from 'node:path';
import MagicString from 'magic-string';
import type { Plugin } from 'vite';

/** Pieces of Lit's modules, and what replaces them. Each occurs once. */
const cuts: Record<string, Record<string, string>> = {
  // Every browser that we support has style sheets as objects.
  'css-tag': {
    't.ShadowRoot&&(void 0===t.ShadyCSS||t.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype':
      '!0',
    'if(this._$cssResult$=!0,o!==s)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");':
      '',
    // No style contains another.
    '1===t.length?t[0]:e.reduce((e,s,o)=>e+(t=>{if(!0===t._$cssResult$)return t.cssText;if("number"==typeof t)return t;throw Error("Value passed to \'css\' function must be a \'css\' function result: "+t+". Use \'unsafeCSS\' to pass non-literal values, but take care to ensure page security.")})(s)+t[o+1],t[0])':
      't[0]',
    // Each style is made once, so there are no equal ones to share a style sheet.
    'const e=void 0!==s&&1===s.length;e&&(t=o.get(s)),void 0===t&&((this.o=t=new CSSStyleSheet).replaceSync(this.cssText),e&&o.set(s,t))':
      '(this.o=t=new CSSStyleSheet).replaceSync(this.cssText)',
    'toString(){return this.cssText}': '',
    'o.map(t=>t instanceof CSSStyleSheet?t:t.styleSheet)': 'o.map(t=>t.styleSheet)',
  },
  'reactive-element': {
    // Polyfills, and the list of the versions in the page.
    'p=a.reactiveElementPolyfillSupport,': '',
    ',p?.({ReactiveElement:y}),(a.reactiveElementVersions??=[]).push("2.1.2")': '',
    // Decorators.
    'Symbol.metadata??=Symbol("metadata"),a.litPropertyMetadata??=new WeakMap;': '',
    'const t=this[Symbol.metadata];if(null!==t){const s=litPropertyMetadata.get(t);if(void 0!==s)for(const[t,i]of s)this.elementProperties.set(t,i)}':
      '',
    'static addInitializer(t){this._$Ei(),(this.l??=[]).push(t)}': '',
    'void 0!==t.l&&(this.l=[...t.l]),': '',
    ',this.constructor.l?.forEach(t=>t(this))': '',
    // Attributes that contain JSON have a converter of our own.
    'break;case Object:case Array:t=null==t?t:JSON.stringify(t)': '',
    'break;case Object:case Array:try{i=JSON.parse(t)}catch(t){i=null}': '',
    // The option useDefault.
    '||i.useDefault&&i.reflect&&h===this._$Ej?.get(t)&&!this.hasAttribute(r._$Eu(t,i))': '',
    '{useDefault:i,reflect:e,wrapped:h},r){i&&!(this._$Ej??=new Map).has(t)&&(this._$Ej.set(t,r??s??this[t]),!0!==h||void 0!==r)||(':
      '{reflect:e}){(',
    'this.hasUpdated||i||': 'this.hasUpdated||',
    'r??this._$Ej?.get(e)??r': 'r',
    'this.C(s,void 0,i,e)': 'this.C(s,void 0,i)',
    'useDefault:!1,': '',
    // Styles in nested lists, and methods to put off or leave out an update.
    'this.finalizeStyles(this.styles)': 'this.styles',
    'static finalizeStyles(s){const i=[];if(Array.isArray(s)){const e=new Set(s.flat(1/0).reverse());for(const s of e)i.unshift(t(s))}else void 0!==s&&i.push(t(s));return i}':
      '',
    'const t=this.scheduleUpdate();return null!=t&&await t,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}':
      'return this.performUpdate(),!this.isUpdatePending}',
    't=this.shouldUpdate(s),t?(this.willUpdate(s),this._$EO?.forEach(t=>t.hostUpdate?.()),this.update(s)):this._$EM()':
      't=!0,this.willUpdate(s),this._$EO?.forEach(t=>t.hostUpdate?.()),this.update(s)',
    'shouldUpdate(t){return!0}': '',
  },
  'lit-html': {
    // Polyfills, the list of the versions in the page, and what Lit's other packages need.
    ',B=t.litHtmlPolyfillSupport;B?.(S,k),(t.litHtmlVersions??=[]).push("3.3.3")': '',
    'M:h,P:o,A:n,C:1,L:N,R,D:d,V:M,I:k,H,N:L,U:z,B:I,F:Z': 'I:k',
    'i(t).nextSibling;i(t).remove()': 't.nextSibling;t.remove()',
    // Templates in SVG and MathML, and compiled ones.
    '2===i?"<svg>":3===i?"<math>":""': '""',
    '+(2===i?"</svg>":3===i?"</math>":"")': '',
    'if(this.el=S.createElement(f,e),P.currentNode=this.el.content,2===i||3===i){const t=this.el.content.firstChild;t.replaceWith(...t.childNodes)}':
      'this.el=S.createElement(f),P.currentNode=this.el.content;',
    '({strings:t,_$litType$:i},e){let r': '({strings:t}){let r',
    '=N(t,i)': '=N(t)',
    'N=(t,i)=>': 'N=t=>',
    'const{values:i,_$litType$:s}=t,e="number"==typeof s?this._$AC(t):(void 0===s.el&&(s.el=S.createElement(V(s.h,s.h[0]),this.options)),s)':
      'const{values:i}=t,e=this._$AC(t)',
    // Expressions in a tag without an attribute, in a comment, or in an element of text.
    'else t.startsWith(o)&&(d.push({type:6,index:l}),r.removeAttribute(t))': '',
    'if(y.test(r.tagName)){const t=r.textContent.split(o),i=t.length-1;if(i>0){r.textContent=s?s.emptyScript:"";for(let s=0;s<i;s++)r.append(t[s],c()),P.nextNode(),d.push({type:2,index:++l});r.append(t[i],c())}}':
      '',
    'if(r.data===n)d.push({type:2,index:l});else{let t=-1;for(;-1!==(t=r.data.indexOf(o,t+1));)d.push({type:7,index:l}),t+=o.length-1}':
      'r.data===n&&d.push({type:2,index:l});',
    '"!--"===u[1]?c=_:void 0!==u[1]?c=m:void 0!==u[2]?(y.test(u[2])&&(n=RegExp("</"+u[2],"g")),c=p):void 0!==u[3]&&(c=p)':
      'void 0===u[2]&&void 0===u[3]||(c=p)',
    'c=n??v,d=-1': 'c=v,d=-1',
    'c===$||c===g?c=p:c===_||c===m?c=v:(c=p,n=void 0)': '(c=p)',
    'let i;2===r.type?i=new k(h,h.nextSibling,this,t):1===r.type?i=new r.ctor(h,r.name,r.strings,this,t):6===r.type&&(i=new Z(h,this,t)),this._$AV.push(i)':
      'this._$AV.push(2===r.type?new k(h,h.nextSibling,this,t):new r.ctor(h,r.name,r.strings,this,t))',
    'class Z{constructor(t,i,s){this.element=t,this.type=6,this._$AN=void 0,this._$AM=i,this.options=s}get _$AU(){return this._$AM._$AU}_$AI(t){M(this,t)}}':
      '',
    // Directives that have to know whether they are in the document.
    'h?._$AO?.(!1),': '',
    'this._$AV=[],this._$AN=void 0,this._$AD=t': 'this._$AV=[],this._$AD=t',
    'get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(t)': 'u(t)',
    'get _$AU(){return this._$AM?._$AU??this._$Cv}': '',
    'this._$AN=void 0,this._$AA=t': 'this._$AA=t',
    ',this._$Cv=e?.isConnected??!0': '',
    'this._$AP?.(!1,!0,s);': ';',
    'setConnected(t){void 0===this._$AM&&(this._$Cv=t,this._$AP?.(t))}': '',
    'this._$AN=void 0,this.element=t,this.name': 'this.element=t,this.name',
    // Directives in attributes, and options of listeners.
    'function M(t,i,s=t,e)': 'function M(t,i,s=t)',
    'let h=void 0!==e?s._$Co?.[e]:s._$Cl;': 'let h=s._$Cl;',
    '(h=new o(t),h._$AT(t,s,e)),void 0!==e?(s._$Co??=[])[e]=h:s._$Cl=h)': 'h=new o(t),s._$Cl=h)',
    'i=M(t,h._$AS(t,i.values),h,e)': 'i=M(t,h._$AS(t,i.values),h)',
    't=M(this,t,i,0),': '',
    'r=M(this,e[s+n],i,n)': 'r=e[s+n]',
    '(t=M(this,t,i,0)??A)===E': '(t??=A)===E',
    '||t.capture!==s.capture||t.once!==s.once||t.passive!==s.passive': '',
    // What directives can ask a part for. Ours is never the root of its template.
    'get parentNode(){let t=this._$AA.parentNode;const i=this._$AM;return void 0!==i&&11===t?.nodeType&&(t=i.parentNode),t}get startNode(){return this._$AA}':
      'get parentNode(){return this._$AA.parentNode}',
    'get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}': '',
    'this.type=1,': '',
    'this.type=2,': '',
    'constructor(){super(...arguments),this.type=3}': '',
    'constructor(){super(...arguments),this.type=4}': '',
    'constructor(t,i,s,e,h){super(t,i,s,e,h),this.type=5}': '',
  },
  'lit-element': {
    'i._$litElement$=!0,': '',
    ',s.litElementHydrateSupport?.({LitElement:i});const o=s.litElementPolyfillSupport;o?.({LitElement:i});':
      ';',
    '(s.litElementVersions??=[]).push("4.2.2");': '',
    'this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),': '',
    'connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}':
      '',
  },
  'directive-helpers': {
    // Our rows stay in their list.
    ',n=e._$AM,c=n!==o;if(c){let t;e._$AQ?.(o),e._$AM=o,void 0!==e._$AP&&(t=o._$AU)!==n._$AU&&e._$AP(t)}if(t!==d||c)':
      ';if(t!==d)',
  },
  directive: {
    'get _$AU(){return this._$AM._$AU}_$AT(t,e,i){this._$Ct=t,this._$AM=e,this._$Ci=i}': '',
  },
};

/**
 * A Vite plugin that leaves out what our elements don't use of Lit. The npm package does not contain Lit, so this is for
 * the one-file builds only. Add a cut only for what no template, style or property of ours can reach.
 */
export const trimLit = (): Plugin => ({
  name: 'trim-lit',
  apply: 'build',
  transform: {
    filter: { id: /\/node_modules\/(lit-html|lit-element|@lit\/reactive-element)\/[\w-]+\.js$/ },
    handler(code, id) {
      const text = new MagicString(code);
      for (const [from, to] of Object.entries(cuts[basename(id, '.js')] ?? {})) {
        const at = code.indexOf(from);
        if (at < 0 || code.includes(from, at + 1)) this.error(`Lit has changed: ${from}`);
        text.update(at, at + from.length, to);
      }
      return { code: text.toString(), map: text.generateMap({ hires: true }) };
    },
  },
});
