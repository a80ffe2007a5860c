// Elements are built node by node: what a capture holds becomes a text node or an attribute, never markup.

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg'

function addAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false)
      continue
    if (name === 'on')
      for (const [event, listener] of Object.entries(value))
        node.addEventListener(event, listener)
    else
      node.setAttribute(name, value === true ? '' : String(value))
  }
}

function addChildren(node, children) {
  for (const child of children) {
    if (Array.isArray(child))
      addChildren(node, child)
    else if (child !== null && child !== undefined && child !== false)
      node.append(child instanceof Node ? child : String(child))
  }
  return node
}

// An HTML element. Attributes that are null, undefined or false are left out, true is an attribute without a value;
// `on` maps events to listeners. Children: nodes, text (numbers too), arrays of these; null is skipped.
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag)
  addAttributes(node, attributes)
  return addChildren(node, children)
}

// The same in SVG's namespace.
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, tag)
  addAttributes(node, attributes)
  return addChildren(node, children)
}

// Takes all children away, and puts others there if there are any.
export function clear(node, ...children) {
  node.replaceChildren()
  return addChildren(node, children)
}

// A long name, of a field or of a code point, may be broken after its underscores, and amid a word only where that alone
// is too long.
export function breakableName(name) {
  return name.split(/(?<=[_.])/).flatMap((part, i) => (i ? [el('wbr'), part] : [part]))
}
