// Building and replacing parts of the document. Texts become text nodes, never markup.

/// Makes an element. `attributes` may hold `class`, `on` (event name to handler), `data` (dataset), and any attribute;
/// false and null leave an attribute out. Children are nodes, texts, or arrays of them; null and false are passed over.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  dress(made, attributes);
  made.append(...flat(children));
  return made;
}

/// The same for SVG.
export function drawing(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  dress(made, attributes);
  made.append(...flat(children));
  return made;
}

function dress(made, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    else if (key === "data") Object.assign(made.dataset, value);
    else if (key === "size") for (const [side, length] of Object.entries(value)) made.style.setProperty(side, length);
    else made.setAttribute(key, value === true ? "" : value);
  }
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/// Replaces what is in `container`. The focus stays on the part with the same `data-key`, and so does what is open.
export function replaceIn(container, ...children) {
  const active = document.activeElement;
  const key = container.contains(active) ? active.dataset.key : undefined;
  const open = [...container.querySelectorAll("details[open][data-key]")].map((part) => part.dataset.key);
  container.replaceChildren(...flat(children));
  for (const part of container.querySelectorAll("details[data-key]")) {
    if (open.includes(part.dataset.key)) part.open = true;
  }
  if (key === undefined) return;
  const again = [...container.querySelectorAll("[data-key]")].find((part) => part.dataset.key === key);
  (again ?? container.querySelector("[data-landing]"))?.focus({ preventScroll: true });
}

/// Makes `container` hold the like of `children`, and leaves alone what is the same already: for parts that are redrawn
/// every second, so that a selection, a reader's place and a transition survive. Not for parts with event handlers.
export function redraw(container, ...children) {
  const fresh = document.createElement(container.nodeName);
  fresh.append(...flat(children));
  match(container, fresh);
}

function match(old, fresh) {
  const olds = [...old.childNodes];
  const news = [...fresh.childNodes];
  news.forEach((node, index) => {
    const now = olds[index];
    if (!now) old.append(node);
    else if (now.isEqualNode(node)) return;
    else if (now.nodeType !== Node.ELEMENT_NODE || now.nodeName !== node.nodeName) now.replaceWith(node);
    else {
      dressLike(now, node);
      match(now, node);
    }
  });
  for (const node of olds.slice(news.length)) node.remove();
}

function dressLike(now, node) {
  for (const { name } of [...now.attributes]) if (!node.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of node.attributes) {
    // The security policy allows styles by property, not by attribute.
    if (name === "style") now.style.cssText = value;
    else if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
}

/// Tells a screen reader.
export function announce(text) {
  document.getElementById("announcements").textContent = text;
}
